// A run whose disk is really full: in a process of its own, on a tmpfs that it fills, and at a
// limit of the size of files.
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/format/run_names.h>

#include "support/child.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {
namespace {

constexpr int kCannotMount = 77;
constexpr std::int64_t kFloats = 100'000;  // 400 kB a checkpoint, or a little more

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

struct Training {
  Training() { state.model("net", net).scalar("step", step); }
  void train_one_step() {
    ++step;
    weights.fill_(static_cast<double>(step));
  }
  bool is_of(std::int64_t expected) const {
    return step == expected && weights.eq(static_cast<double>(expected)).all().item<bool>();
  }

  torch::nn::Module net;
  torch::Tensor weights = net.register_buffer("weights", torch::zeros({kFloats}));
  std::int64_t step = 0;
  State state;
};

Options keep_all() {
  Options options;
  options.retention.keep_last = 0;
  return options;
}

// The kind of error that a save ends with; throws if it succeeds.
ErrorKind kind_of_failure(Checkpointer& checkpoints, const Training& training) {
  try {
    checkpoints.save(training.step, training.state);
    checkpoints.wait();
  } catch (const Error& error) {
    require(std::string(error.what()).find("free disk space") != std::string::npos,
            "the error does not say what to do");
    return error.kind();
  }
  throw std::runtime_error("the save has succeeded");
}

void save(Checkpointer& checkpoints, Training& training) {
  training.train_one_step();
  checkpoints.save(training.step, training.state);
  checkpoints.wait();
}

void require_step(const std::string& run, std::int64_t step) {
  Training training;
  Checkpointer checkpoints(run, keep_all());
  const auto resumed = checkpoints.restore_latest(training.state);
  require(resumed && training.is_of(step), "the newest whole checkpoint was not found");
}

// Saves until the disk is full. Then somebody makes room, and the next save succeeds.
void fill_the_disk(const std::string& run) {
  {
    Training training;
    Checkpointer checkpoints(run, keep_all());
    save(checkpoints, training);
    save(checkpoints, training);
    training.train_one_step();
    require(kind_of_failure(checkpoints, training) == ErrorKind::kNoSpace, "another kind of error");
    require(checkpoints.steps().size() == 2, "the failed save is listed, or an older one is not");
    std::filesystem::remove_all(run + "/" + format::kCheckpointsDirectory + "/" +
                                format::step_directory_name(1));
    save(checkpoints, training);
  }
  require_step(run, 4);
}

void meet_the_limit(const std::string& run) {
  {
    Training training;
    Checkpointer checkpoints(run, keep_all());
    save(checkpoints, training);
    {
      const SmallFiles limit(100 << 10);
      training.train_one_step();
      require(kind_of_failure(checkpoints, training) == ErrorKind::kNoSpace,
              "another kind of error");
    }
    require(checkpoints.steps().size() == 1, "the failed save is listed");
    save(checkpoints, training);
  }
  require_step(run, 3);
}

TEST(AFullDisk, FailsTheSaveAndNothingElse) {
  const TemporaryDirectory directory;
  const int status = run_child([&] {
    enter_a_namespace_of_its_own();
    const auto disk = SmallDisk::mount_at(directory.path(), 1'000'000);
    if (disk == nullptr) _exit(kCannotMount);
    fill_the_disk(directory / "run");
  });
  if (status == kCannotMount)
    GTEST_SKIP() << "may not mount a tmpfs; the limit of file sizes and "
                    "EveryCall with ENOSPC are tested instead";
  EXPECT_EQ(status, 0);
}

TEST(ALimitOfFileSizes, FailsTheSaveAndNothingElse) {
  const TemporaryDirectory directory;
  EXPECT_EQ(run_child([&] { meet_the_limit(directory / "run"); }), 0);
}

}  // namespace
}  // namespace holdfast::testing
