#include <holdfast/checkpoint/log/failure_log.h>

#include "run/run_fixture.h"

namespace holdfast {
namespace {

class FailureLogTest : public testing::StoreTest {
 protected:
  void write(const std::string& content) {
    directory.open_or_create("failures.log").write_at(0, ByteView(content));
  }

  Directory directory = Directory::create(fs, run());
};

TEST_F(FailureLogTest, CountsFailuresByTheirStep) {
  FailureLog log(directory);
  log.add(100, "a");
  log.add(200, "b");
  log.add(200, "c");
  EXPECT_EQ(log.count(100), 1);
  EXPECT_EQ(log.count(200), 2);
  EXPECT_EQ(log.count(300), 0);
  EXPECT_EQ(log.last_reason(200), "c");
  EXPECT_EQ(log.last_reason(300), "");
}

TEST_F(FailureLogTest, RemembersThemFromProcessToProcess) {
  FailureLog(directory).add(200, "first\nof two lines");
  FailureLog(directory).add(200, "second");
  EXPECT_EQ(FailureLog(directory).count(200), 2);
  FailureLog(directory).forget();
  EXPECT_EQ(FailureLog(directory).count(200), 0);
}

TEST_F(FailureLogTest, IsDurableWhenItReturns) {
  FailureLog log(directory);
  log.add(200, "a");
  const std::vector<std::string> calls = fs->log();
  EXPECT_EQ(calls[calls.size() - 3], "pwrite");
  EXPECT_EQ(calls[calls.size() - 2], "fsync");
  EXPECT_EQ(calls[calls.size() - 1], "fsync");
}

TEST_F(FailureLogTest, ForgetsDurably) {
  FailureLog log(directory);
  log.add(200, "a");
  log.forget();
  const std::vector<std::string> calls = fs->log();
  EXPECT_EQ(calls[calls.size() - 2], "ftruncate");
  EXPECT_EQ(calls[calls.size() - 1], "fsync");
  log.forget();
  EXPECT_EQ(fs->log().size(), calls.size()) << "there is nothing left to forget";
}

TEST_F(FailureLogTest, TriesAgainToForgetWhereThatHasFailed) {
  FailureLog log(directory);
  log.add(200, "a");
  fs->fail(testing::Call::kTruncate, EIO);
  EXPECT_THROW(log.forget(), Error);
  log.forget();
  EXPECT_EQ(FailureLog(directory).count(200), 0);
}

TEST_F(FailureLogTest, KeepsThoseOfTheStepThatTheRunGoesOnFrom) {
  FailureLog log(directory);
  log.add(300, "a");
  log.add(200, "b");
  log.add(200, "c");
  log.go_on_from(200);
  for (const int step : {200, 300}) {
    EXPECT_EQ(log.count(step), step == 200 ? 2 : 0);
    EXPECT_EQ(FailureLog(directory).count(step), step == 200 ? 2 : 0);
  }
}

TEST_F(FailureLogTest, CountsPassOversUntilTheRunGetsBeyondThem) {
  FailureLog log(directory);
  log.add(300, "a");
  log.add_pass_over(300);
  log.go_on_from(200);
  log.go_on_from(300);  // made anew
  EXPECT_EQ(log.count(300), 0);
  EXPECT_EQ(FailureLog(directory).passed_over(), 1);
  log.add(300, "b");
  log.add_pass_over(300);
  EXPECT_EQ(FailureLog(directory).passed_over(), 2);
  EXPECT_EQ(FailureLog(directory).count(300), 1);
  log.go_on_from(301);
  EXPECT_EQ(log.passed_over(), 0);
  EXPECT_EQ(FailureLog(directory).passed_over(), 0);
}

TEST_F(FailureLogTest, TakesANoteFromASignalHandler) {
  {
    FailureLog log(directory);
    log.add(200, "a");
    log.add_from_signal_handler(200, 11);
  }
  EXPECT_EQ(FailureLog(directory).count(200), 2);
  EXPECT_EQ(FailureLog(directory).last_reason(200), "ended by signal 11");
}

TEST_F(FailureLogTest, PassesOverWhatIsNoWholeLine) {
  write("nonsense\n200\n200 whole\n 200 a\n99999999999999999999 too many\n200 cut o");
  EXPECT_EQ(FailureLog(directory).count(200), 1);
}

TEST_F(FailureLogTest, EndsALineThatACrashCutOff) {
  write("100 a\n20");
  FailureLog(directory).add(100, "b");
  EXPECT_EQ(FailureLog(directory).count(100), 2);
  write("100 a\n20\n100 b\n10");
  FailureLog(directory).add_from_signal_handler(100, 11);
  EXPECT_EQ(FailureLog(directory).count(100), 3);
}

TEST_F(FailureLogTest, PassesOverAFileThatIsNotItsOwn) {
  write(std::string(2 << 20, 'x'));
  EXPECT_EQ(FailureLog(directory).count(200), 0);
}

}  // namespace
}  // namespace holdfast
