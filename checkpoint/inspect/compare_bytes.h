// Compares the bytes of entries of two checkpoints. Internal to compare().
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/checkpoint/inspect/change.h>
#include <holdfast/checkpoint/inspect/compare.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// The same entry in both checkpoints. Kind, dtype, shape and tie are the same in both, but texts
// may differ in length.
struct EntryPair {
  const format::Entry* a = nullptr;
  const format::Entry* b = nullptr;
  Change change;  // of the bytes that both have; filled in by compare_bytes()
};

struct ComparedBytes {
  std::uint64_t compared = 0;  // in each of the two checkpoints
  std::uint64_t skipped = 0;
};

// Fills in the changes of the pairs. Skips blocks, reads and throws as compare() does (compare.h).
ComparedBytes compare_bytes(const CheckpointFiles& a, const CheckpointFiles& b,
                            std::vector<EntryPair>& pairs, int threads,
                            const CompareOptions& options);

}  // namespace holdfast
