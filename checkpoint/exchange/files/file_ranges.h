// Where the values of a file lie in it. Internal to exchange/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::exchange {

// Bytes [begin, end) of a file, and what they are: "the entry \"a.npy\"".
struct FileRange {
  std::uint64_t begin = 0, end = 0;
  std::string what;
};

// Error(kCorrupt), with both, if two of them have bytes in common: the bytes of a file are of one
// value each, or a small file could hold very much. `path` is for the message.
void require_apart(std::vector<FileRange> ranges, const std::string& path);

}  // namespace holdfast::exchange
