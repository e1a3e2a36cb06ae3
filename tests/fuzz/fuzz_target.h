// What a fuzz target is.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace holdfast::testing {

// Each target defines it. True: the input was accepted; false: it was refused, with an Error. What
// else comes of it (another exception, an abort, a crash) is a bug.
bool try_input(std::string_view input);

// Aborts, as a fuzzer expects of a bug, unless it holds.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "this does not hold: " << what << '\n';
  std::abort();
}

}  // namespace holdfast::testing
