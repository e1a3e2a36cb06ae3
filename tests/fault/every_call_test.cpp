// Every call that a run makes of the file system, failed in every way: nothing that was saved is
// lost, no failure is silent, and once the disk is well again so is the run.
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/store/run_names.h>

#include "crash/counted_run.h"
#include "support/fault_file_system.h"

namespace holdfast {
namespace {

using testing::CountedTraining;
using testing::Disk;
using testing::FaultFileSystem;
using testing::kRunPath;
using testing::MemoryFileSystem;

constexpr int kForever = FaultFileSystem::kForever;

struct Fault {
  int errnum;
  int times;
};

std::string name_of(const Fault& fault) {
  const std::string what = fault.errnum == FaultFileSystem::kShortTransfer
                               ? "ShortTransfers"
                               : strerrorname_np(fault.errnum);
  return what + (fault.times == 1 ? "Once" : "FromThenOn");
}

// Interruptions and short transfers are no failures, but fsync(2) is not made again.
bool is_absorbed(const Fault& fault, const std::string& call) {
  if (fault.errnum == FaultFileSystem::kShortTransfer) return true;
  return fault.errnum == EINTR && fault.times == 1 && call != "fsync";
}

std::ptrdiff_t count_threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// A run of two checkpoints, on a disk that can be told to fail.
class EveryCall : public ::testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    const auto fs = std::make_shared<MemoryFileSystem>();
    testing::train(fs, 2);
    disk_ = fs->disk();
  }

  void begin() {
    memory_ = std::make_shared<MemoryFileSystem>(disk_);
    fs_ = std::make_shared<FaultFileSystem>(memory_);
  }
  Options options() const {
    Options options = testing::counted_options(fs_);
    options.on_event = [this](const Event& event) { events_.push_back(event.name); };
    return options;
  }
  // Fails the call `k` of those that follow.
  void arm(int k) {
    first_ = fs_->calls() + k;
    fs_->fail_any(GetParam().errnum, k, GetParam().times);
  }
  // The call that was failed; empty: there were not so many.
  std::string failed_call() const {
    const std::vector<std::string> log = fs_->log();
    const auto index = static_cast<std::size_t>(first_) - 1;
    return index < log.size() ? log[index] : "";
  }

  static void step(Checkpointer& checkpoints, CountedTraining& training) {
    training.step();
    checkpoints.journal(testing::kJournalName).append(testing::row_of(training.steps()));
  }

  // Names in checkpoints/ that are no checkpoint.
  std::vector<std::string> leftovers() const {
    const Disk disk = memory_->disk();
    std::vector<std::string> names;
    const auto id = disk.at(std::string(kRunPath) + "/" + kCheckpointsDirectory);
    for (const auto& [name, node] : disk.find(*id)->entries)
      if (!parse_step_directory(name)) names.push_back(name);
    return names;
  }

  void expect_sound(std::int64_t told) const {
    EXPECT_EQ(testing::problem_after_crash(memory_->disk(), {told}, false), "") << story();
  }
  std::string story() const {
    return "call " + std::to_string(first_) + " failed: " + failed_call();
  }

  Disk disk_;
  std::shared_ptr<MemoryFileSystem> memory_;
  std::shared_ptr<FaultFileSystem> fs_;
  mutable std::vector<std::string> events_;
  int first_ = 0;
};

TEST_P(EveryCall, OfASaveIsReportedAndTheNextSaveSucceeds) {
  std::ptrdiff_t threads = 0;
  int cases = 0;
  for (int k = 1;; ++k) {
    begin();
    bool reached = false;
    {
      CountedTraining training;
      Checkpointer checkpoints(kRunPath, options());
      checkpoints.restore_latest(training.state());
      arm(k);
      step(checkpoints, training);
      std::optional<Error> error;
      try {
        checkpoints.save(training.steps(), training.state());
        checkpoints.wait();
      } catch (const Error& thrown) {
        error = thrown;
      }
      reached = !failed_call().empty();
      fs_->heal();
      const bool committed = checkpoints.steps().back() == 3;
      EXPECT_EQ(committed, !error) << story() << (error ? error->what() : "");
      if (error) {
        EXPECT_EQ(error->os_error(), GetParam().errnum) << story() << ": " << error->what();
        EXPECT_FALSE(is_absorbed(GetParam(), failed_call())) << story() << ": " << error->what();
        EXPECT_THAT(events_, ::testing::Contains("save_failed"));
      }
      expect_sound(committed ? 3 : 2);

      step(checkpoints, training);
      EXPECT_TRUE(checkpoints.save(training.steps(), training.state()));
      checkpoints.wait();
      EXPECT_EQ(checkpoints.steps().size(), 2u) << story();
      EXPECT_THAT(leftovers(), ::testing::IsEmpty()) << story();
    }
    expect_sound(4);
    EXPECT_EQ(memory_->open_descriptors(), 0) << story();
    if (k == 1) threads = count_threads();
    if (!reached) break;
    ++cases;
  }
  EXPECT_LE(count_threads(), threads);
  EXPECT_GT(cases, 40);
  std::cout << cases << " calls failed\n";
}

TEST_P(EveryCall, OfAResumeLeavesEverythingWhereItIs) {
  int cases = 0;
  for (int k = 1;; ++k) {
    begin();
    arm(k);
    std::optional<Error> error;
    {
      CountedTraining training;
      try {
        Checkpointer checkpoints(kRunPath, options());
        EXPECT_EQ(checkpoints.restore_latest(training.state())->step, 2);
        EXPECT_EQ(training.problem(), "") << story();
      } catch (const Error& thrown) {
        error = thrown;
      }
    }
    const bool reached = !failed_call().empty();
    fs_->heal();
    if (error) {
      EXPECT_EQ(error->os_error(), GetParam().errnum) << story() << ": " << error->what();
      EXPECT_FALSE(is_absorbed(GetParam(), failed_call())) << story() << ": " << error->what();
    }
    EXPECT_THAT(events_, ::testing::Not(::testing::Contains("quarantine"))) << story();
    EXPECT_EQ(memory_->disk().at(std::string(kRunPath) + "/" + kQuarantineDirectory), std::nullopt);
    expect_sound(2);
    EXPECT_EQ(memory_->open_descriptors(), 0) << story();
    if (!reached) break;
    ++cases;
  }
  EXPECT_GT(cases, 40);
  std::cout << cases << " calls failed\n";
}

INSTANTIATE_TEST_SUITE_P(Fails, EveryCall,
                         ::testing::Values(Fault{ENOSPC, 1}, Fault{ENOSPC, kForever}, Fault{EIO, 1},
                                           Fault{EIO, kForever}, Fault{EDQUOT, 1},
                                           Fault{EDQUOT, kForever}, Fault{EROFS, 1},
                                           Fault{EROFS, kForever}, Fault{EINTR, 1},
                                           Fault{EINTR, kForever},
                                           Fault{FaultFileSystem::kShortTransfer, 1},
                                           Fault{FaultFileSystem::kShortTransfer, kForever}),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace
}  // namespace holdfast
