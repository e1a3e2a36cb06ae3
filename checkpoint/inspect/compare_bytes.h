// The bytes of entries of two checkpoints, compared. Internal to compare().
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/checkpoint/inspect/change.h>
#include <holdfast/checkpoint/inspect/compare.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// The same entry of both: of one kind, dtype, shape and tie, but texts may differ in length.
struct Pair {
  const format::Entry* a = nullptr;
  const format::Entry* b = nullptr;
  Change change;  // of the bytes that both have
};

struct ComparedBytes {
  std::uint64_t compared = 0;  // of each of the two
  std::uint64_t skipped = 0;
};

// Fills in the changes. As compare() says in compare.h.
ComparedBytes compare_bytes(const CheckpointFiles& a, const CheckpointFiles& b,
                            std::vector<Pair>& pairs, int threads, const CompareOptions& options);

}  // namespace holdfast
