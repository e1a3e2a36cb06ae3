#include <holdfast/trainer/progress.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <streambuf>
#include <thread>
#include <vector>

namespace holdfast::trainer {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A run of 100 steps of 10 samples, watched through a clock that the test moves.
class ProgressTest : public ::testing::Test {
 protected:
  ProgressOptions options(bool terminal) {
    ProgressOptions options;
    options.terminal = terminal;
    options.log_every_steps = 10;
    options.columns = [this] { return columns_; };
    options.now = [this] { return time_; };
    return options;
  }
  static TrainingStatus at(std::int64_t step) {
    return {step, 100, step / 50, 2, step * 10, 1.0 / static_cast<double>(step + 1)};
  }
  std::string shown() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_;
  int columns_ = 121;
  double time_ = 1000;
};

class OnATerminal : public ProgressTest {
 protected:
  OnATerminal() : progress_(out_, options(true)) { progress_.start(at(0)); }
  void step(std::int64_t step, double seconds) {
    time_ += seconds;
    progress_.update(at(step));
  }
  Progress progress_;
};

class InALog : public ProgressTest {
 protected:
  InALog() : progress_(out_, options(false)) { progress_.start(at(0)); }
  void run_to(std::int64_t last) {
    for (; step_ <= last; ++step_) {
      time_ += 0.5;
      progress_.update(at(step_));
    }
  }
  Progress progress_;
  std::int64_t step_ = 1;
};

TEST_F(OnATerminal, RedrawsTheBarInPlace) {
  EXPECT_THAT(shown(), AllOf(StartsWith("\r\x1b[Kstep 0/100  ["), Not(HasSubstr("\n"))));
  step(20, 10);
  EXPECT_THAT(shown(),
              AllOf(StartsWith("\r\x1b[Kstep 20/100  [====="), HasSubstr("loss 0.0476"),
                    HasSubstr("20.0 samples/s"), HasSubstr("ETA 40 s"), Not(HasSubstr("\n"))));
}

TEST_F(OnATerminal, RedrawsAtMostTenTimesASecond) {
  shown();
  int redraws = 0;
  for (int i = 1; i <= 90; ++i) {
    step(i, 1.0 / 64);
    redraws += shown().empty() ? 0 : 1;
  }
  EXPECT_EQ(redraws,
            12);  // every seventh step: 7/64 s is the first multiple of 1/64 s beyond 0.1 s
}

TEST_F(OnATerminal, AlwaysDrawsTheLastStep) {
  shown();
  step(99, 0.01);
  EXPECT_THAT(shown(), IsEmpty());
  step(100, 0.01);
  EXPECT_THAT(shown(), HasSubstr("step 100/100"));
}

TEST_F(OnATerminal, FollowsTheWidthOfTheTerminal) {
  columns_ = 20;
  shown();
  step(1, 1);
  EXPECT_EQ(shown(), "\r\x1b[Kstep 1/100");
}

TEST_F(OnATerminal, LeavesTheLastColumnFree) {
  columns_ = 8;
  shown();
  step(1, 1);
  EXPECT_EQ(shown(), "\r\x1b[Kstep 1/");
}

TEST_F(OnATerminal, ShowsTheSaveInFlightAndItsEnd) {
  time_ += 1;
  progress_.save_started(20);
  EXPECT_THAT(shown(), EndsWith("saving step 20"));
  time_ += 1;
  progress_.save_finished(20, 0.12);
  EXPECT_THAT(shown(), EndsWith("saved step 20 (0.12 s)"));
  time_ += 1;
  progress_.save_failed(40);
  EXPECT_THAT(shown(), EndsWith("save of step 40 failed"));
}

TEST_F(OnATerminal, PutsMessagesAboveTheBar) {
  shown();
  progress_.message("resumed from step 20");
  EXPECT_THAT(shown(), StartsWith("\r\x1b[Kresumed from step 20\n\r\x1b[Kstep 0/100"));
}

TEST_F(OnATerminal, LeavesTheBarBehindWhenItFinishes) {
  step(50, 0.01);
  shown();
  progress_.finish();
  EXPECT_THAT(shown(), AllOf(StartsWith("\r\x1b[Kstep 50/100"), EndsWith("\n")));
  progress_.finish();
  step(51, 1);
  progress_.save_finished(50, 1);
  EXPECT_THAT(shown(), IsEmpty());
  progress_.message("goodbye");
  EXPECT_EQ(shown(), "goodbye\n");
}

TEST_F(OnATerminal, CountsRatesFromWhereTheRunGoesOn) {
  progress_.start(at(60));
  step(70, 5);
  EXPECT_THAT(shown(), HasSubstr("20.0 samples/s  ETA 15 s"));
}

TEST_F(ProgressTest, EndsItsLineWhenItIsDestroyed) {
  {
    Progress progress(out_, options(true));
    progress.start(at(3));
  }
  EXPECT_THAT(shown(), EndsWith("\n"));
}

TEST_F(ProgressTest, DrawsNothingBeforeTheStart) {
  {
    Progress progress(out_, options(true));
    progress.message("reading the data set");
  }
  EXPECT_EQ(shown(), "reading the data set\n");
}

TEST_F(ProgressTest, LetsNoTextReachTheTerminalAsItIs) {
  {
    Progress progress(out_, options(true));
    progress.message("resuming from a\x1b[2Jb\nc");
  }
  EXPECT_EQ(shown(), "resuming from a\\x1b[2Jb\\x0ac\n");
}

// Takes everything until it is broken, then nothing.
class BreakableBuffer : public std::streambuf {
 public:
  bool broken = false;

 private:
  int_type overflow(int_type c) override { return broken ? traits_type::eof() : c; }
};

TEST_F(ProgressTest, DoesNotThrowFromItsDestructor) {
  BreakableBuffer buffer;
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);
  {
    Progress progress(out, options(true));
    progress.start(at(3));
    buffer.broken = true;
    EXPECT_THROW(progress.message("lost"), std::ios_base::failure);
  }
  EXPECT_TRUE(out.bad());
}

TEST_F(ProgressTest, IsColoredOnlyWhenAsked) {
  ProgressOptions colored = options(true);
  colored.color = true;
  Progress progress(out_, colored);
  progress.start(at(50));
  EXPECT_THAT(shown(), HasSubstr("\x1b[32m"));
}

TEST_F(InALog, WritesALineAtTheIntervalAndAtTheEnd) {
  run_to(9);
  EXPECT_THAT(shown(), IsEmpty());
  run_to(19);
  EXPECT_EQ(shown(), "step 10/100  epoch 1/2  loss 0.0909  20.0 samples/s  ETA 45 s\n");
  run_to(99);
  shown();
  run_to(100);
  EXPECT_EQ(shown(), "step 100/100  epoch 2/2  loss 0.0099  20.0 samples/s\n");
}

TEST_F(InALog, HasNoEscapeSequencesOrCarriageReturns) {
  run_to(50);
  progress_.message("a message");
  progress_.save_started(50);
  progress_.save_finished(50, 0.5);
  run_to(100);
  progress_.finish();
  EXPECT_THAT(shown(), AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))));
}

TEST_F(InALog, WritesALineWhenASaveHasEnded) {
  progress_.save_started(10);
  EXPECT_THAT(shown(), IsEmpty());
  progress_.save_finished(10, 0.12);
  EXPECT_EQ(shown(), "saved step 10 (0.12 s)\n");
  progress_.save_failed(20);
  EXPECT_EQ(shown(), "save of step 20 failed\n");
}

TEST_F(InALog, TakesReportsOfSeveralThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 100; ++n) progress_.message("line");
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string expected;
  for (int n = 0; n < 400; ++n) expected += "line\n";
  EXPECT_EQ(shown(), expected);
}

// A pseudo-terminal, and TERM and NO_COLOR as the test wants them.
class ARealTerminal : public ::testing::Test {
 protected:
  void SetUp() override {
    controller_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    std::array<char, 128> name{};
    if (controller_ < 0 || ::grantpt(controller_) != 0 || ::unlockpt(controller_) != 0 ||
        ::ptsname_r(controller_, name.data(), name.size()) != 0) {
      GTEST_SKIP() << "this system gives out no pseudo-terminals";
    }
    terminal_ = ::open(name.data(), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal_, 0);
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }
  void TearDown() override {
    if (terminal_ >= 0) ::close(terminal_);
    if (controller_ >= 0) ::close(controller_);
    ::unsetenv("NO_COLOR");
  }
  void resize(unsigned short columns) {
    winsize size{};
    size.ws_col = columns;
    ASSERT_EQ(::ioctl(controller_, TIOCSWINSZ, &size), 0);
  }
  int controller_ = -1, terminal_ = -1;
};

TEST_F(ARealTerminal, IsRecognizedWithItsWidth) {
  const ProgressOptions options = progress_options_for(terminal_, 50);
  EXPECT_TRUE(options.terminal);
  EXPECT_TRUE(options.color);
  EXPECT_EQ(options.log_every_steps, 50);
  resize(33);
  EXPECT_EQ(options.columns(), 33);
  resize(140);
  EXPECT_EQ(options.columns(), 140);
}

TEST_F(ARealTerminal, IsTakenForEightyColumnsIfItDoesNotSay) {
  resize(0);
  EXPECT_EQ(progress_options_for(terminal_, 1).columns(), 80);
}

TEST_F(ARealTerminal, IsNotColoredUnderNoColor) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_TRUE(progress_options_for(terminal_, 1).terminal);
  EXPECT_FALSE(progress_options_for(terminal_, 1).color);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(progress_options_for(terminal_, 1).color);
}

TEST_F(ARealTerminal, IsLeftAloneIfItIsDumb) {
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(progress_options_for(terminal_, 1).terminal);
}

TEST(NoTerminal, IsAFileOrAPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const ProgressOptions options = progress_options_for(ends[1], 1);
  EXPECT_FALSE(options.terminal);
  EXPECT_FALSE(options.color);
  const double before = options.now();
  EXPECT_LE(before, options.now());
  for (const int end : ends) ::close(end);
}

}  // namespace
}  // namespace holdfast::trainer
