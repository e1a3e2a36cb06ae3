#include <fcntl.h>
#include <holdfast/checkpoint/protocol/proving.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/child.h"
#include "support/files.h"
#include "support/process.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using testing::read_file;

class ProvingTest : public ::testing::Test {
 protected:
  ~ProvingTest() override {
    unsetenv(kKeepAllVariable);
    unsetenv(kHeartbeatVariable);
    unsetenv(kHoldVariable);
  }

  static void listen_at(const std::string& path) { setenv(kHeartbeatVariable, path.c_str(), 1); }
  // A FIFO that is open to be read, without waiting.
  int make_fifo() const {
    mkfifo(path.c_str(), 0600);
    listen_at(path);
    return open(path.c_str(), O_RDONLY | O_NONBLOCK);
  }
  static std::string read_all(int fd) {
    std::string text(1 << 20, '\0');
    const ssize_t count = read(fd, text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

  testing::TemporaryDirectory directory;
  std::string path = directory / "heartbeat";
};

TEST_F(ProvingTest, EveryCheckpointIsKeptWhereTheVariableIsOne) {
  EXPECT_FALSE(keeps_every_checkpoint());
  for (const char* const value : {"", "0", "no", "11"}) {
    setenv(kKeepAllVariable, value, 1);
    EXPECT_FALSE(keeps_every_checkpoint()) << value;
  }
  setenv(kKeepAllVariable, "1", 1);
  EXPECT_TRUE(keeps_every_checkpoint());
}

TEST_F(ProvingTest, EachStepIsALineInAFileThatIsThere) {
  testing::write_file(path, "");
  listen_at(path);
  Heartbeat heartbeat;
  heartbeat.completed(1);
  heartbeat.completed(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read_file(path), "step 1\nstep 9223372036854775807\n");
}

TEST_F(ProvingTest, AStepIsToldOnce) {
  testing::write_file(path, "");
  listen_at(path);
  Heartbeat heartbeat;
  for (const int step : {1, 1, 2, 2, 2}) heartbeat.completed(step);
  EXPECT_EQ(read_file(path), "step 1\nstep 2\n");
}

TEST_F(ProvingTest, StepsBehindAResumeAreToldAgain) {
  testing::write_file(path, "");
  listen_at(path);
  Heartbeat heartbeat;
  heartbeat.completed(2);
  heartbeat.resumed(1);
  heartbeat.completed(1);  // the one that was resumed from
  heartbeat.completed(2);
  EXPECT_EQ(read_file(path), "step 2\nresume 1\nstep 2\n");
}

TEST_F(ProvingTest, AChildTellsNothingAndWaitsForNobody) {
  const int reader = make_fifo();
  ASSERT_EQ(flock(reader, LOCK_EX), 0);
  setenv(kHoldVariable, "5", 1);
  Heartbeat heartbeat;
  heartbeat.completed(4);
  EXPECT_EQ(testing::told_by_child([&] {
              heartbeat.completed(5);
              heartbeat.resumed(5);
              return std::string("went on");
            }),
            "went on");
  EXPECT_EQ(read_all(reader), "step 4\n");
  close(reader);
}

TEST_F(ProvingTest, NothingIsToldWithoutAListener) {
  for (const char* const value : {"", "/"}) {
    listen_at(value);
    Heartbeat().completed(1);
  }
  listen_at(path);
  Heartbeat().completed(1);
  EXPECT_FALSE(std::filesystem::exists(path));
  unsetenv(kHeartbeatVariable);
  Heartbeat().completed(1);
}

TEST_F(ProvingTest, AStepToBeKilledAtIsWaitedAtWhileTheListenerHoldsItsLock) {
  const int reader = make_fifo();
  ASSERT_EQ(flock(reader, LOCK_EX), 0);
  setenv(kHoldVariable, "5", 1);
  std::atomic<bool> is_released{false}, was_released{false};
  std::thread training([&] {
    Heartbeat heartbeat;
    heartbeat.completed(4);
    heartbeat.completed(6);  // it may tell few steps
    was_released = is_released.load();
    heartbeat.completed(7);
  });
  std::string told;
  while (told.size() < std::string("step 4\nstep 6\n").size()) told += read_all(reader);
  EXPECT_EQ(told, "step 4\nstep 6\n");
  is_released = true;
  flock(reader, LOCK_UN);  // as when it dies
  training.join();
  EXPECT_TRUE(was_released);
  EXPECT_EQ(read_all(reader), "step 7\n");
  close(reader);
}

TEST_F(ProvingTest, NothingIsWaitedForWithoutALockOrAStep) {
  testing::write_file(path, "");
  listen_at(path);
  setenv(kHoldVariable, "5", 1);
  Heartbeat().completed(5);
  const int reader = open(path.c_str(), O_RDONLY);
  ASSERT_EQ(flock(reader, LOCK_EX), 0);
  for (const char* const value : {"", "x", "-1", "6"}) {
    setenv(kHoldVariable, value, 1);
    Heartbeat().completed(5);
  }
  close(reader);
}

TEST_F(ProvingTest, AFifoThatNobodyReadsDoesNotHoldATrainingUp) {
  close(make_fifo());
  Heartbeat heartbeat;
  for (int step = 0; step < 100'000; ++step) heartbeat.completed(step);
}

TEST_F(ProvingTest, AReaderThatGoesAwayEndsNoTraining) {
  signal(SIGPIPE, SIG_DFL);
  const int reader = make_fifo();
  Heartbeat heartbeat;
  heartbeat.completed(1);
  EXPECT_EQ(read_all(reader), "step 1\n");
  close(reader);
  heartbeat.completed(2);
}

TEST_F(ProvingTest, AReaderThatIsTooSlowLosesWholeLines) {
  const int reader = make_fifo();
  Heartbeat heartbeat;
  for (int step = 0; step < 100'000; ++step) heartbeat.completed(step);
  const std::string text = read_all(reader);
  close(reader);
  ASSERT_THAT(text, ::testing::EndsWith("\n"));
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  EXPECT_TRUE(parse_beat(text.substr(last, text.size() - last - 1)));
}

TEST_F(ProvingTest, AReaderThatHoldsItsLockHearsEveryStepHoweverSlowItIs) {
  const int reader = make_fifo();
  ASSERT_EQ(flock(reader, LOCK_EX), 0);
  std::thread training([] {
    Heartbeat heartbeat;
    for (int step = 1; step <= 20'000; ++step) heartbeat.completed(step);  // some 200 KiB
  });
  std::string told;
  while (told.size() < 11 || told.compare(told.size() - 11, 11, "step 20000\n") != 0)
    told += read_all(reader);
  training.join();
  close(reader);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 20'000);
}

TEST_F(ProvingTest, AReaderThatDiesWhileItIsWaitedForEndsTheWait) {
  const int reader = make_fifo();
  const int most = fcntl(reader, F_SETPIPE_SZ, 1 << 16);
  ASSERT_GT(most, 0);
  ASSERT_EQ(flock(reader, LOCK_EX), 0);
  std::thread training([] {
    Heartbeat heartbeat;
    for (int step = 1; step <= 100'000; ++step) heartbeat.completed(step);
  });
  for (int queued = 0; queued < most - 4096; testing::pause())
    ASSERT_EQ(ioctl(reader, FIONREAD, &queued), 0);
  close(reader);
  training.join();
}

TEST_F(ProvingTest, LinesAreReadBack) {
  EXPECT_EQ(parse_beat("step 12"), (Beat{Beat::Kind::kStep, 12}));
  EXPECT_EQ(parse_beat("resume 0"), (Beat{Beat::Kind::kResume, 0}));
}

TEST_F(ProvingTest, WhatIsNoLineOfAHeartbeatIsPassedOver) {
  for (const char* const line : {"", "step", "step ", "step -1", "step 1 ", "step 1x", "step +1",
                                 "step 9223372036854775808", "steps 1", " step 1", "resume"})
    EXPECT_EQ(parse_beat(line), std::nullopt) << line;
}

}  // namespace
}  // namespace holdfast
