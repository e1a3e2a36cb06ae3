#include <holdfast/trainer/threads.h>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "support/thrown.h"

namespace holdfast::trainer {
namespace {

TEST(Threads, AreSetInLibTorchAndInOpenBlas) {
  for (const int count : {1, 2}) {
    set_threads(count);
    EXPECT_EQ(at::get_num_threads(), count);
    EXPECT_EQ(openblas_threads().value_or(count), count);
  }
}

TEST(Threads, AreLeftAsTheyAreByZero) {
  set_threads(2);
  set_threads(0);
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_EQ(openblas_threads().value_or(2), 2);
}

TEST(Threads, AreNotNegative) {
  const Error error = holdfast::testing::error_of([] { set_threads(-1); });
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_STREQ(
      error.what(),
      "the number of threads is out of range: expected 1 or more, or 0 for the libraries' own "
      "choice, found -1");
}

}  // namespace
}  // namespace holdfast::trainer
