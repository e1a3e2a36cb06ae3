// What a fuzz target is.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>

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

// decode(text, path) refuses the input, as damaged or newer, or gives a value that can be encoded
// and decoded to the same; it is given to `look`.
template <typename Decode, typename Look>
bool decodes_to_the_same(std::string_view input, const Decode& decode, const Look& look) {
  try {
    const auto value = decode(ByteView(input), "input.json");
    look(value);
    const std::string again = encode(value);
    require(decode(ByteView(again), "again") == value,
            "what was decoded can be encoded, and is the same");
    return true;
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kVersion,
            "what is wrong is damage or a newer version");
    return false;
  }
}

}  // namespace holdfast::testing
