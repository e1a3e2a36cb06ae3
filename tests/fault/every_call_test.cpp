// Every call that a run makes of the file system, failed in every way: nothing that was saved is
// lost, no failure is silent, and once the disk is well again so is the run.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/run_names.h>

#include "crash/counted_run.h"
#include "support/fault_file_system.h"

namespace holdfast {
namespace {

using testing::Call;
using testing::CountedTraining;
using testing::Disk;
using testing::FaultFileSystem;
using testing::kRunPath;
using testing::MadeCall;
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
bool is_absorbed(const Fault& fault, Call call) {
  if (fault.errnum == FaultFileSystem::kShortTransfer) return true;
  return fault.errnum == EINTR &&
         (call == Call::kClose || (fault.times == 1 && call != Call::kFsync));
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What a run does without: the only changes of which one may fail that makes no error.
bool is_dispensable(const MadeCall& made, const Fault& fault) {
  // The end of a file that is open as long as the run is.
  if (made.call == Call::kClose && made.path.find(".tmp-") == std::string::npos) return true;
  // What an earlier process may have left where a small file is written before it gets its name.
  if (made.call == Call::kUnlink && made.path.find("/.new-") != std::string::npos) return true;
  // Messages for people.
  if (ends_with(made.path, format::kEventsFile)) return true;
  if (ends_with(made.path, format::kLockFile) && made.call != Call::kOpen)
    return fault.errnum == ENOSPC || fault.errnum == EDQUOT;
  // Emptied after a commit: the next restore does it again, before it goes on.
  if (ends_with(made.path, format::kFailuresFile))
    return made.call == Call::kTruncate || made.call == Call::kFsync;
  // A row that is appended. The next save writes the journal anew, or fails.
  if (ends_with(made.path, testing::kJournalName)) return made.call == Call::kWrite;
  // That somebody else made the first directory that is there, and did not live to fsync it.
  return ends_with(made.path, "/..") && made.call == Call::kFsync;
}

// Of a checkpoint that is retired: told as an event, and tried again after the next save.
bool is_of_retention(const MadeCall& made, bool committed) {
  return committed &&
         (made.path.find(".del-") != std::string::npos ||
          (made.call == Call::kFsync && ends_with(made.path, format::kCheckpointsDirectory)));
}

bool has_failed(const MadeCall& made) {
  return made.errnum != 0;
}

std::ptrdiff_t count_threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// A run of two checkpoints and a failure that was counted, on a disk that can be told to fail.
class EveryCall : public ::testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    const auto fs = std::make_shared<MemoryFileSystem>();
    testing::train(fs, 2);
    testing::fail(fs);
    disk_ = fs->disk();
  }

  void begin() { begin(disk_); }
  void begin(const Disk& disk) {
    memory_ = std::make_shared<MemoryFileSystem>(disk);
    fs_ = std::make_shared<FaultFileSystem>(memory_);
    events_.clear();
  }
  Options options() const {
    Options options = testing::counted_options(fs_);
    options.on_event = [this](const Event& event) { events_.push_back(event.name); };
    return options;
  }
  // Fails the call `k` of those that follow.
  void arm(int k) { fs_->fail_any(GetParam().errnum, k, GetParam().times); }

  bool has_failed_a_call() const {
    const std::vector<MadeCall> made = fs_->made();
    return std::any_of(made.begin(), made.end(), has_failed);
  }
  // The first call that was failed.
  std::string story() const {
    const std::vector<MadeCall> made = fs_->made();
    const auto first = std::find_if(made.begin(), made.end(), has_failed);
    if (first == made.end()) return "nothing failed";
    return "failed: " + fs_->log()[static_cast<std::size_t>(first - made.begin())] + " on " +
           first->path;
  }

  // An error has the cause that the disk gave. Where there is none, no change has failed that the
  // run needs, and one of retention has become an event.
  void expect_told(const std::optional<Error>& error) const {
    bool is_hard = false;
    bool renamed = false;
    bool committed = false;
    for (const MadeCall& made : fs_->made()) {
      const bool failed = has_failed(made) && !is_absorbed(GetParam(), made.call);
      if (failed) {
        is_hard = true;
        const bool retiring = made.changes && is_of_retention(made, committed);
        EXPECT_TRUE(error || !made.changes || retiring || is_dispensable(made, GetParam()))
            << "no error; " << story();
        EXPECT_TRUE(!retiring || has_event("retire_failed")) << story();
      }
      committed |= renamed && !failed && made.call == Call::kFsync;
      renamed |= !failed && made.call == Call::kRename &&
                 ends_with(made.path, format::step_directory_name(3));
    }
    if (!error) return;
    EXPECT_EQ(error->os_error(), GetParam().errnum) << story() << ": " << error->what();
    EXPECT_TRUE(is_hard) << story() << ": " << error->what();
  }
  // When what was to meet the fault is over, its objects too. False if it made no call that failed.
  bool heal_and_expect_told(const std::optional<Error>& error) {
    const bool reached = has_failed_a_call();
    fs_->heal();
    expect_told(error);
    EXPECT_EQ(memory_->open_descriptors(), 0) << story();
    return reached;
  }
  bool has_event(const std::string& name) const { return count_events(name) > 0; }
  std::ptrdiff_t count_events(const std::string& name) const {
    return std::count(events_.begin(), events_.end(), name);
  }

  static void step(Checkpointer& checkpoints, CountedTraining& training) {
    training.step();
    checkpoints.journal(testing::kJournalName).append(testing::row_of(training.steps()));
  }

  // Names in checkpoints/ that are no checkpoint.
  std::vector<std::string> leftovers() const {
    const Disk disk = memory_->disk();
    std::vector<std::string> names;
    const auto id = disk.at(std::string(kRunPath) + "/" + format::kCheckpointsDirectory);
    for (const auto& [name, node] : disk.find(*id)->entries)
      if (!format::parse_step_directory(name)) names.push_back(name);
    return names;
  }

  void expect_sound(std::int64_t told) const {
    EXPECT_EQ(testing::problem_after_crash(memory_->disk(), {told}, false), "") << story();
  }

  Disk disk_;
  std::shared_ptr<MemoryFileSystem> memory_;
  std::shared_ptr<FaultFileSystem> fs_;
  mutable std::vector<std::string> events_;
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
      reached = has_failed_a_call();
      fs_->heal();
      const bool committed = checkpoints.steps().back() == 3;
      EXPECT_EQ(committed, !error) << story() << (error ? error->what() : "");
      EXPECT_EQ(has_event("save_failed"), error.has_value()) << story();
      expect_told(error);
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

// Two steps are taken on the failing disk, and one when it is well again.
TEST_P(EveryCall, OfASaveIsToldOnceWhereErrorsAreAskedForAndTheTrainingGoesOn) {
  int cases = 0;
  for (int k = 1;; ++k) {
    begin();
    std::vector<Error> told;
    bool reached = false;
    {
      CountedTraining training;
      Options options = this->options();
      options.on_error = [&](const Error& error) { told.push_back(error); };
      Checkpointer checkpoints(kRunPath, options);
      checkpoints.restore_latest(training.state());
      arm(k);
      for (int saves = 1; saves <= 2; ++saves) {
        step(checkpoints, training);
        EXPECT_NO_THROW(checkpoints.save(training.steps(), training.state())) << story();
        EXPECT_NO_THROW(checkpoints.wait()) << story();
        const auto failures = static_cast<std::ptrdiff_t>(told.size());
        EXPECT_EQ(failures, count_events("save_failed")) << story();
        EXPECT_EQ(failures + count_events("save"), saves) << story();
        if (saves > 1) continue;
        expect_told(told.empty() ? std::nullopt : std::optional<Error>(told[0]));
        reached = has_failed_a_call();
      }
      for (const Error& error : told) EXPECT_EQ(error.os_error(), GetParam().errnum) << story();
      fs_->heal();
      const std::size_t failures = told.size();
      step(checkpoints, training);
      EXPECT_TRUE(checkpoints.save(training.steps(), training.state())) << story();
      checkpoints.wait();
      EXPECT_EQ(told.size(), failures) << story();
      EXPECT_THAT(leftovers(), ::testing::IsEmpty()) << story();
    }
    expect_sound(5);
    EXPECT_EQ(memory_->open_descriptors(), 0) << story();
    if (!reached) break;
    ++cases;
  }
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
    const bool reached = heal_and_expect_told(error);
    EXPECT_FALSE(has_event("quarantine")) << story();
    EXPECT_EQ(memory_->disk().at(std::string(kRunPath) + "/" + format::kQuarantineDirectory),
              std::nullopt);
    expect_sound(2);
    if (!reached) break;
    ++cases;
  }
  EXPECT_GT(cases, 40);
  std::cout << cases << " calls failed\n";
}

// Back to step 1, by whichever road: step 2 is set aside, or stays, and is whole.
class EveryCallOnTheWayBack : public EveryCall {
 protected:
  template <typename GoBack>
  void expect_nothing_lost(const Options& options, const GoBack& go_back) {
    int cases = 0;
    for (int k = 1;; ++k) {
      Options own = options;
      begin();
      own.file_system = fs_;
      arm(k);
      std::optional<Error> error;
      {
        CountedTraining training;
        try {
          Checkpointer checkpoints(kRunPath, own);
          go_back(checkpoints, training);
          EXPECT_EQ(training.steps(), 1) << story();
        } catch (const Error& thrown) {
          error = thrown;
        }
      }
      const bool reached = heal_and_expect_told(error);
      testing::Promise promise;
      promise.told = 1;
      promise.set_aside = 2;
      EXPECT_EQ(testing::problem_after_crash(memory_->disk(), promise, true), "") << story();
      if (!reached) break;
      ++cases;
    }
    EXPECT_GT(cases, 40);
    std::cout << cases << " calls failed\n";
  }
};

TEST_P(EveryCallOnTheWayBack, ByTheUserLosesNothing) {
  expect_nothing_lost(options(), [](Checkpointer& checkpoints, CountedTraining& training) {
    checkpoints.restore(testing::checkpoint_path(kRunPath, 1), training.state());
  });
}

TEST_P(EveryCallOnTheWayBack, AfterTooManyFailuresLosesNothing) {
  Options options = this->options();
  options.max_failures = 1;
  options.after_failures = Options::AfterFailures::kOlder;
  expect_nothing_lost(options, [](Checkpointer& checkpoints, CountedTraining& training) {
    checkpoints.restore_latest(training.state());
  });
}

TEST_P(EveryCallOnTheWayBack, FromARefusedCheckpointLosesNothing) {
  Options options = this->options();
  options.accepts = [](const Resumed& found) { return found.step != 2; };
  expect_nothing_lost(options, [](Checkpointer& checkpoints, CountedTraining& training) {
    checkpoints.restore_latest(training.state());
  });
}

// Not even the run's directory is there. When the disk is well again another process begins anew,
// or goes on from what was saved.
TEST_P(EveryCall, OfTheFirstRunIsReportedAndTheNextRunSucceeds) {
  int cases = 0;
  for (int k = 1;; ++k) {
    begin(Disk());
    arm(k);
    std::optional<Error> error;
    try {
      CountedTraining training;
      Checkpointer checkpoints(kRunPath, options());
      EXPECT_EQ(checkpoints.restore_latest(training.state()), std::nullopt) << story();
      step(checkpoints, training);
      checkpoints.save(training.steps(), training.state());
      checkpoints.wait();
    } catch (const Error& thrown) {
      error = thrown;
    }
    const bool reached = heal_and_expect_told(error);
    expect_sound(error ? -1 : 1);

    CountedTraining training;
    {
      Checkpointer checkpoints(kRunPath, options());
      const auto resumed = checkpoints.restore_latest(training.state());
      EXPECT_TRUE(resumed || error) << story();
      step(checkpoints, training);
      EXPECT_TRUE(checkpoints.save(training.steps(), training.state())) << story();
      checkpoints.wait();
      EXPECT_THAT(leftovers(), ::testing::IsEmpty()) << story();
    }
    expect_sound(training.steps());
    if (!reached) break;
    ++cases;
  }
  EXPECT_GT(cases, 40);
  std::cout << cases << " calls failed\n";
}

const auto kFaults = ::testing::Values(
    Fault{ENOSPC, 1}, Fault{ENOSPC, kForever}, Fault{EIO, 1}, Fault{EIO, kForever},
    Fault{EDQUOT, 1}, Fault{EDQUOT, kForever}, Fault{EROFS, 1}, Fault{EROFS, kForever},
    Fault{EINTR, 1}, Fault{EINTR, kForever}, Fault{FaultFileSystem::kShortTransfer, 1},
    Fault{FaultFileSystem::kShortTransfer, kForever});

std::string name_of_case(const ::testing::TestParamInfo<Fault>& info) {
  return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Fails, EveryCall, kFaults, name_of_case);
INSTANTIATE_TEST_SUITE_P(Fails, EveryCallOnTheWayBack, kFaults, name_of_case);

}  // namespace
}  // namespace holdfast
