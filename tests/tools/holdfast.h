// The command line tool, as another process.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace holdfast::testing {

using Words = std::vector<std::string>;

inline Finished holdfast(Words words) {
  words.insert(words.begin(), HOLDFAST_PROGRAM);
  return run_process(words);
}

}  // namespace holdfast::testing
