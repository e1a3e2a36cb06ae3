// What File and Directory share in calling a FileSystem.
#pragma once

#include <cerrno>
#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// No signals interrupt a call so often in a row. Something is broken: give up, do not hang.
constexpr int kMostInterruptions = 10'000;

// Makes the call, again while it is interrupted, and returns its result. Not for fsync and close.
template <typename Call>
auto retry(Call call) -> decltype(call()) {
  auto result = call();
  for (int n = 0; result == -EINTR && n < kMostInterruptions; ++n) result = call();
  return result;
}

// Returns the result of a call, or throws an Error if that is -errno.
template <typename Result>
Result check(Result result, const char* problem, const std::string& path) {
  if (result < 0) throw system_error(static_cast<int>(-result), problem, path);
  return result;
}

}  // namespace holdfast
