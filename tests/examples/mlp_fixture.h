// Verbs for tests that run the mlp program.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/protocol/proving.h>

#include "support/every_bit.h"
#include "support/files.h"
#include "support/process.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

// Trainings that are started while this is there wait a few steps behind this one, until it is let
// go: however quick they are, they do not end before something is done to them.
class Hold {
 public:
  Hold(const TemporaryDirectory& directory, std::int64_t step) : step_(step + 4) {
    const std::string path = directory / "hold";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_EQ(::flock(fd_, LOCK_EX | LOCK_NB), 0) << "two at once";
    ::setenv(kHeartbeatVariable, path.c_str(), 1);
    ::setenv(kHoldVariable, std::to_string(step_).c_str(), 1);
  }
  ~Hold() {
    ::unsetenv(kHeartbeatVariable);
    ::unsetenv(kHoldVariable);
    let_go();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  std::int64_t step() const { return step_; }  // where they wait

  void let_go() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  std::int64_t step_;
  int fd_;
};

class MlpTest : public ::testing::Test {
 protected:
  // Threads that wait for each other by spinning take minutes where other tests have the cores.
  MlpTest() {
    restore_signals();
    ::setenv("OMP_WAIT_POLICY", "passive", 0);
  }

  using Overrides = std::vector<std::string>;

  std::string run_path(const std::string& name) const { return directory_ / name; }

  std::vector<std::string> command(const std::string& run, const Overrides& overrides,
                                   const std::string& resume = "auto") const {
    std::vector<std::string> command = {
        MLP_PROGRAM, "--config", config_, "--resume", resume, "--set", "run.dir=" + run_path(run)};
    for (const std::string& one : common_) command.insert(command.end(), {"--set", one});
    for (const std::string& one : overrides) command.insert(command.end(), {"--set", one});
    return command;
  }

  Finished train(const std::string& run, const Overrides& overrides = {},
                 const std::string& resume = "auto") const {
    return run_process(command(run, overrides, resume));
  }

  void expect_trained(const std::string& run, const Overrides& overrides = {}) const {
    const Finished finished = train(run, overrides);
    ASSERT_EQ(finished.status, 0) << finished.output;
  }

  // A program that fails with this status, says these words, and says them in few lines.
  void expect_refused(const Finished& finished, int status, const std::vector<std::string>& words) {
    EXPECT_EQ(finished.status, status) << finished.output;
    for (const std::string& word : words) EXPECT_THAT(finished.output, ::testing::HasSubstr(word));
  }

  // Steps in metrics.csv, whose rows are written as the training goes on.
  std::int64_t logged_steps(const std::string& run) const {
    const std::string text = read_file(run_path(run) + "/metrics.csv");
    const std::size_t end = text.rfind('\n');
    if (end == std::string::npos) return 0;
    const std::size_t begin = text.rfind('\n', end - 1);
    return begin == std::string::npos ? 0 : std::atoll(text.c_str() + begin + 1);
  }

  // Trains until `step` is logged and kills the process there, or a few steps later.
  void train_and_kill_at(std::int64_t step, const std::string& run, const Overrides& overrides) {
    const Hold hold(directory_, step);
    Process process(command(run, overrides));
    while (process.running() && logged_steps(run) < step)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(process.kill(), 128 + SIGKILL) << process.output();
  }

  std::vector<std::int64_t> steps(const std::string& run) const {
    std::vector<std::int64_t> steps;
    const std::filesystem::path checkpoints = run_path(run) + "/" + format::kCheckpointsDirectory;
    if (!std::filesystem::exists(checkpoints)) return steps;
    for (const auto& entry : std::filesystem::directory_iterator(checkpoints))
      if (const auto step = format::parse_step_directory(entry.path().filename().string()))
        steps.push_back(*step);
    std::sort(steps.begin(), steps.end());
    return steps;
  }

  std::string checkpoint_path(const std::string& run, std::int64_t step) const {
    return run_path(run) + "/" + format::kCheckpointsDirectory + "/" +
           format::step_directory_name(step);
  }

  CheckpointFiles open(const std::string& run, std::int64_t step) const {
    return CheckpointFiles(Directory::open(posix_file_system(), checkpoint_path(run, step)));
  }

  // The newest checkpoints of both: every entry the same, bit by bit, and metrics.csv too.
  void expect_same_bits(const std::string& a, const std::string& b) const {
    ASSERT_FALSE(steps(a).empty());
    ASSERT_FALSE(steps(b).empty());
    ASSERT_EQ(steps(a).back(), steps(b).back());
    const Comparison result = compare_every_bit(open(a, steps(a).back()), open(b, steps(b).back()));
    for (const auto& difference : result.differences)
      ADD_FAILURE() << difference.name << ": " << difference.problem;
    EXPECT_GT(result.identical.size(), 20u);
    EXPECT_EQ(read_file(run_path(a) + "/metrics.csv"), read_file(run_path(b) + "/metrics.csv"));
  }

  TemporaryDirectory directory_;
  std::string config_ = std::string(HOLDFAST_SOURCE_DIR) + "/configs/smoke.yaml";
  Overrides common_;  // of every training of the test
};

}  // namespace holdfast::testing
