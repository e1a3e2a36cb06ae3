// Are two checkpoints the same state, bit by bit?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

struct Comparison {
  struct Difference {
    std::string name;     // of the entry
    std::string problem;  // "12 of 4096 bytes differ", "shape [3] and [4]", "only in the first" …
  };

  std::vector<std::string> identical;  // entries with the same kind, dtype, shape, tie and bytes
  std::vector<Difference> differences;
  std::uint64_t bytes = 0;  // compared, of each
};

// Reads and verifies every entry of both. How they are cut into shards makes no difference. Throws
// as CheckpointFiles::read does.
Comparison compare(const CheckpointFiles& a, const CheckpointFiles& b, int threads);

}  // namespace holdfast
