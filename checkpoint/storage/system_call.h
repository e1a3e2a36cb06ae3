// What File and Directory share in calling a FileSystem.
#pragma once

#include <cerrno>
#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// More interruptions in a row than any signal makes: something is broken, and waiting would hang.
constexpr int kMostInterruptions = 10'000;

// The call's result; an interrupted call is made again. Not for fsync and close.
template <typename Call>
auto retry(Call call) -> decltype(call()) {
  auto result = call();
  for (int n = 0; result == -EINTR && n < kMostInterruptions; ++n) result = call();
  return result;
}

// Throws the Error of a call that returned -errno.
template <typename Result>
Result check(Result result, const char* problem, const std::string& path) {
  if (result < 0) throw system_error(static_cast<int>(-result), problem, path);
  return result;
}

}  // namespace holdfast
