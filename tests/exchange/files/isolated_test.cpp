#include <holdfast/checkpoint/exchange/files/isolated.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "support/child.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using exchange::IsolationLimits;
using exchange::run_isolated;

constexpr const char* kWhat = "the work was not done";

void expect_ended(const std::string& words, const std::function<std::string()>& work,
                  const IsolationLimits& limits = {}) {
  expect_error(ErrorKind::kCorrupt, std::string(kWhat) + ": " + words,
               [&] { run_isolated(kWhat, work, limits); });
}

TEST(IsolatedWork, ReturnsItsResult) {
  EXPECT_EQ(run_isolated(kWhat, [] { return std::string(); }), "");
  const std::string large(5 << 20, 'x');
  EXPECT_EQ(run_isolated(kWhat, [&] { return large; }), large);
}

TEST(IsolatedWork, ThrowsItsError) {
  const auto error = error_of([] {
    run_isolated(kWhat, []() -> std::string {
      throw Error(ErrorKind::kUnsupported, "no such thing").remedy("try another");
    });
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kUnsupported);
  EXPECT_STREQ(error->what(), "no such thing; try another");
}

TEST(IsolatedWork, ThrowsItsErrorWithThePath) {
  const auto error = error_of([] {
    run_isolated(kWhat, []() -> std::string {
      throw Error(ErrorKind::kIo, "it broke").at("a/b").found("c");
    });
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->path(), "a/b");
  EXPECT_STREQ(error->what(), "a/b: it broke: c");
}

TEST(IsolatedWork, ChangesNothingHere) {
  int value = 1;
  EXPECT_EQ(run_isolated(kWhat, [&] { return std::to_string(++value); }), "2");
  EXPECT_EQ(value, 1);
}

TEST(IsolatedWork, MayCrash) {
  expect_ended("it crashed: ", [] {
    raise(SIGSEGV);
    return std::string();
  });
  expect_ended("it crashed: ", []() -> std::string { std::abort(); });
}

// A handler of this process, as one that logs failures, is not run in the copy.
TEST(IsolatedWork, RunsNoHandlerOfSignals) {
  const auto before = signal(SIGABRT, [](int) { _exit(0); });
  expect_ended("it crashed: ", []() -> std::string { std::abort(); });
  signal(SIGABRT, before);
}

TEST(IsolatedWork, MayEndWithoutAWord) {
  expect_ended("it ran out of memory", []() -> std::string { _exit(0); });
}

TEST(IsolatedWork, MayNotTakeForever) {
  IsolationLimits limits;
  limits.processor_seconds = 1;
  expect_ended(
      "it took too long",
      [] {
        for (volatile int i = 0;; i = i + 1) {
        }
        return std::string();
      },
      limits);
  limits.seconds = 1;
  expect_ended(
      "it took too long",
      [] {
        pause();
        return std::string();
      },
      limits);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(IsolatedWork, MayNotTakeAllMemory) {
  expect_ended("it ran out of memory", [] { return std::string(std::size_t{2} << 30, 'x'); });
}
#endif

TEST(IsolatedWork, MayNotSayTooMuch) {
  IsolationLimits limits;
  limits.result_bytes = 1 << 20;
  expect_ended(
      "it took too long or gave too much", [] { return std::string(4 << 20, 'x'); }, limits);
}

TEST(IsolatedWork, OpensNoFile) {
  EXPECT_EQ(run_isolated(kWhat, [] { return std::to_string(open("/dev/null", O_RDONLY)); }), "-1");
}

TEST(IsolatedWork, PrintsNothing) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  run_isolated(kWhat, [] {
    std::cout << "output" << std::endl;
    std::cerr << "error" << std::endl;
    return std::string();
  });
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(IsolatedWork, LeavesNoProcessAndNoDescriptor) {
  const int next = dup(0);
  close(next);
  for (int i = 0; i < 20; ++i) run_isolated(kWhat, [] { return std::string("x"); });
  EXPECT_THROW(run_isolated(kWhat, []() -> std::string { std::abort(); }), Error);
  const int then = dup(0);
  close(then);
  EXPECT_EQ(next, then);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(IsolatedWork, IsDoneWithOutputAndInputClosed) {
  EXPECT_EQ(run_child([] {
              for (const int fd : {0, 1, 2}) close(fd);
              const std::string result = run_isolated(kWhat, [] {
                std::cout << "output" << std::endl;
                std::cerr << "error" << std::endl;
                return std::string("x");
              });
              if (result != "x") throw std::runtime_error(result);
            }),
            0);
}

TEST(IsolatedWork, IsSaidNotToStartWhereItCannot) {
  EXPECT_EQ(run_child([] {
              const rlimit none{3, 3};
              setrlimit(RLIMIT_NOFILE, &none);
              expect_error(ErrorKind::kIo, "a process cannot be started",
                           [] { run_isolated(kWhat, [] { return std::string(); }); });
              if (::testing::Test::HasFailure()) throw std::runtime_error("it was");
            }),
            0);
}

}  // namespace
}  // namespace holdfast::testing
