// A program that goes wrong by itself is counted, whatever the signal.
#include <holdfast/trainer/fatal_signals.h>

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <holdfast/checkpoint/log/failure_log.h>

#include "checkpoint/training_fixture.h"
#include "support/child.h"

namespace holdfast::testing {
namespace {

// More of the stack than there is.
[[gnu::noinline]] int overflow(int depth) {
  volatile char frame[1 << 16];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[0];
}

class FatalSignal : public CheckpointerTest {
 protected:
  // How a child that resumes from step 1 and then does this ends.
  template <typename Action>
  int status_of(const Action& action) {
    Options options;
    options.threads = 1;
    train_and_save({1}, options);
    return run_child([&] {
      Training training;
      Checkpointer checkpoints(run(), options);
      checkpoints.restore_latest(training.state);
      const trainer::FatalSignals signals(checkpoints);
      action();
    });
  }
  std::string counted() const {
    return FailureLog(Directory::open(posix_file_system(), run())).last_reason(1);
  }
};

TEST_F(FatalSignal, OfAnAbortIsCounted) {
  EXPECT_EQ(status_of([] { std::abort(); }), 128 + SIGABRT);
  EXPECT_EQ(counted(), "ended by signal 6");
}

#ifndef __SANITIZE_ADDRESS__  // which handles SIGSEGV itself
TEST_F(FatalSignal, OfAStackThatOverflowsIsCounted) {
  EXPECT_EQ(status_of([] { overflow(0); }), 128 + SIGSEGV);
  EXPECT_EQ(counted(), "ended by signal 11");
}
#endif

stack_t present_stack() {
  stack_t stack{};
  sigaltstack(nullptr, &stack);
  return stack;
}

TEST_F(FatalSignal, LeavesNothingBehindWhenItIsNotWaitedForAnyMore) {
  EXPECT_EQ(run_child([&] {
              const stack_t before = present_stack();
              {
                Checkpointer checkpoints(run());
                const trainer::FatalSignals signals(checkpoints);
                if ((present_stack().ss_flags & SS_DISABLE) != 0)
                  throw std::logic_error("there is no stack for the handler");
              }
              const stack_t after = present_stack();
              if (after.ss_sp != before.ss_sp || after.ss_flags != before.ss_flags)
                throw std::logic_error("the stack of the handler is still there");
            }),
            0);
}

}  // namespace
}  // namespace holdfast::testing
