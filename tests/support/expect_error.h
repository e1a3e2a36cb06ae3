// Expects errors in tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::testing {

// Returns the Error that `action` throws. If it throws none, the test fails and the result is
// empty.
template <typename Action>
std::optional<Error> error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return std::nullopt;
}

// Expects that `action` throws an Error of this kind, with these words in its message.
template <typename Action>
void expect_error(ErrorKind kind, const std::string& words, Action action) {
  const auto error = error_of(action);
  if (!error) return;
  EXPECT_STREQ(to_string(error->kind()), to_string(kind)) << error->what();
  EXPECT_THAT(error->what(), ::testing::HasSubstr(words));
}

}  // namespace holdfast::testing
