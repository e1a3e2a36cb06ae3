#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/run/run_lock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "run/run_fixture.h"
#include "support/child.h"

namespace holdfast {
namespace {

using testing::Call;
using testing::error_of;
using testing::expect_error;
using ::testing::HasSubstr;

// Another process that holds the lock of a run until it is killed. Forked from a process with one
// thread.
class Holder {
 public:
  explicit Holder(const std::string& run) {
    if (pipe(ready_.data()) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) hold(run);
    close(ready_[1]);
    char signal = 0;
    if (read(ready_[0], &signal, 1) != 1) throw std::runtime_error("the other process got no lock");
  }
  ~Holder() {
    if (pid_ > 0) kill_it();
    close(ready_[0]);
  }

  pid_t pid() const { return pid_; }
  void kill_it() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  [[noreturn]] void hold(const std::string& run) {
    try {
      const RunLock lock(Directory::open(posix_file_system(), run));
      if (write(ready_[1], "r", 1) == 1) {
        while (true) pause();
      }
    } catch (const std::exception&) {
    }
    _exit(1);
  }

  std::array<int, 2> ready_{};
  pid_t pid_ = 0;
};

class RunLockTest : public testing::StoreTest {
 protected:
  std::string text() const { return std::string(ByteView(file().read_all(1000)).text()); }
  File file() const { return look(run()).open_file("LOCK"); }
  void put(const std::string& text) { std::ofstream(run() + "/LOCK") << text; }

  Directory directory = Directory::create(fs, run());
};

TEST_F(RunLockTest, SaysWhoHoldsItSinceWhen) {
  const RunLock lock(directory);
  EXPECT_THAT(text(), ::testing::MatchesRegex("pid " + std::to_string(getpid()) +
                                              " on host .+ since 20.{21}Z\n"));
}

TEST_F(RunLockTest, IsHeldByOneAndNamesIt) {
  const RunLock lock(directory);
  expect_error(ErrorKind::kLocked,
               run() + ": the run is written to by pid " + std::to_string(getpid()) + " on host " +
                   host_name() + " since 20",
               [&] { RunLock second(directory); });
}

TEST_F(RunLockTest, IsGivenBackAtTheEndOfItsLifeAndItsFileStays) {
  { const RunLock lock(directory); }
  EXPECT_THAT(text(), HasSubstr("pid "));
  const RunLock lock(directory);
}

TEST_F(RunLockTest, KeepsOutAnotherProcessAndNamesIt) {
  Holder holder(run());
  expect_error(ErrorKind::kLocked, "pid " + std::to_string(holder.pid()) + " on host ",
               [&] { RunLock lock(directory); });
  expect_error(ErrorKind::kLocked, "another run directory", [&] { start(); });
}

TEST_F(RunLockTest, AKilledHolderBlocksNobody) {
  Holder holder(run());
  holder.kill_it();
  const RunLock lock(directory);
  EXPECT_THAT(text(), HasSubstr("pid " + std::to_string(getpid()) + " "));
}

TEST_F(RunLockTest, LeavesNothingOfALongerHolderBefore) {
  put("pid 1 on host " + std::string(300, 'x') + " since 2026-01-31T12:00:00.000Z\n");
  const RunLock lock(directory);
  EXPECT_EQ(text().find('x'), std::string::npos) << text();
}

TEST_F(RunLockTest, DoesNotRepeatWhatNoHolderWrote) {
  const RunLock lock(directory);
  for (const std::string garbage : {"", "garbage", "pid \x1b[31m1", "\xff\xfe"}) {
    put(garbage);
    expect_error(ErrorKind::kLocked, "written to by another process;",
                 [&] { RunLock second(directory); });
  }
}

TEST_F(RunLockTest, IsHeldEvenIfAFullDiskHasNoRoomForItsText) {
  fs->fail(Call::kWrite, ENOSPC);
  const RunLock lock(directory);
  expect_error(ErrorKind::kLocked, "another process", [&] { RunLock second(directory); });
}

TEST_F(RunLockTest, SaysSoWhereTheFileSystemHasNoLocks) {
  fs->fail(Call::kFlock, ENOLCK);
  expect_error(ErrorKind::kIo, "LOCK: cannot lock the file", [&] { RunLock lock(directory); });
}

TEST_F(RunLockTest, FollowsNoLinkAndWaitsForNoFifo) {
  ASSERT_EQ(symlink("precious", (run() + "/LOCK").c_str()), 0);
  expect_error(ErrorKind::kExists, "LOCK", [&] { RunLock lock(directory); });
  ASSERT_EQ(unlink((run() + "/LOCK").c_str()), 0);
  ASSERT_EQ(mkfifo((run() + "/LOCK").c_str(), 0600), 0);
  expect_error(ErrorKind::kExists, "LOCK", [&] { RunLock lock(directory); });
}

TEST_F(RunLockTest, AStartThatFindsTheRunLockedTouchesNothing) {
  save_in_a_run_of_its_own(100);
  const std::string unfinished = checkpoints() + "/.tmp-200-17-" + std::string(32, 'a');
  Directory::create(posix_file_system(), unfinished);
  const Holder holder(run());
  expect_error(ErrorKind::kLocked, "", [&] { start(); });
  EXPECT_THAT(entries(), ::testing::SizeIs(2));
}

// A data worker, say, that outlives the training.
TEST_F(RunLockTest, IsNotHeldByAChildOfWhoHeldIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t training = testing::start_child([&] {
    const RunLock lock(Directory::open(posix_file_system(), run()));
    testing::start_idle_child(ends);
    raise(SIGKILL);
  });
  EXPECT_EQ(testing::wait_for_child(training), 128 + SIGKILL);
  { const RunLock lock(directory); }
  close(ends[0]);
  close(ends[1]);
}

TEST_F(RunLockTest, IsNotGivenBackByAChildThatLeavesItsScope) {
  auto lock = std::make_unique<RunLock>(directory);
  EXPECT_EQ(testing::told_by_child([&] {
              lock.reset();
              return std::string("left");
            }),
            "left");
  expect_error(ErrorKind::kLocked, "pid " + std::to_string(getpid()),
               [&] { RunLock second(directory); });
}

}  // namespace
}  // namespace holdfast
