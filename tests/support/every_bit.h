// Compares the bytes of two checkpoints on disk, without trusting the digests in their manifests.
#pragma once

#include <holdfast/checkpoint/inspect/compare.h>

namespace holdfast::testing {

// Reads and verifies all of both, also blocks whose digests are equal.
inline Comparison compare_every_bit(const CheckpointFiles& a, const CheckpointFiles& b) {
  CompareOptions options;
  options.skip_equal_blocks = false;
  return compare(a, b, 2, options);
}

}  // namespace holdfast::testing
