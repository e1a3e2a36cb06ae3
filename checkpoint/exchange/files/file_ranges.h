// Where the values of a file lie in it. Internal to exchange/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::exchange {

// Bytes [begin, end) of a file. `what` names them for messages: "the entry \"a.npy\"".
struct FileRange {
  std::uint64_t begin = 0, end = 0;
  std::string what;
};

// Error(kCorrupt) names two ranges that have bytes in common. Each byte of a file belongs to one
// value at most; else a small file could make an import write very much. `path` is for messages.
void require_apart(std::vector<FileRange> ranges, const std::string& path);

}  // namespace holdfast::exchange
