// Are two checkpoints on the disk the same, whatever their manifests say of them?
#pragma once

#include <holdfast/checkpoint/inspect/compare.h>

namespace holdfast::testing {

// Reads, verifies and compares all of both.
inline Comparison compare_every_bit(const CheckpointFiles& a, const CheckpointFiles& b) {
  CompareOptions options;
  options.skip_equal_blocks = false;
  return compare(a, b, 2, options);
}

}  // namespace holdfast::testing
