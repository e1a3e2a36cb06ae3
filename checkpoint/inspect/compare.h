// Are two checkpoints the same state, bit by bit, and if not, how far apart are they?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/inspect/change.h>
#include <holdfast/checkpoint/inspect/values.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// The first of these in which an entry differs.
enum class DifferenceKind {
  kOnlyInFirst,
  kOnlyInSecond,
  kKind,
  kDType,
  kShape,
  kTie,  // to another entry, or in one of the two to none
  kValues,
};

std::string_view to_string(DifferenceKind kind);  // "only in the first", "shape" …

struct Difference {
  std::string name;  // of the entry
  DifferenceKind kind = DifferenceKind::kValues;
  std::string problem;           // "shape [3] and [4]", "12 of 4096 elements differ, …"
  std::optional<Change> change;  // of kValues; of texts: of as many bytes as both have
  Value first, second;           // of kValues: the scalars, or the texts around where they differ
};

struct Comparison {
  std::vector<std::string> identical;  // entries with the same kind, dtype, shape, tie and bytes
  std::vector<Difference>
      differences;                   // in the order of the first's catalog; then the second's own
  std::uint64_t bytes_compared = 0;  // of each of the two; what is tied counts once
  std::uint64_t bytes_skipped = 0;   // the same; not read
};

struct CompareOptions {
  // Patterns (format::matches) of entries; empty: all. Each must match an entry of one of the two.
  std::vector<std::string> include;
  bool skip_equal_blocks = true;  // false: everything is read and verified
  Progress progress;              // of the bytes compared or skipped
};

// How the two are cut into shards makes no difference to what is found. Where a block of a shard
// has the same digest in both, and the same bytes of an entry at the same place in it, these are
// skipped (skip_equal_blocks): they were the same when they were written, and how they are now is
// not looked at; but every file of both must be there, with its size. All else is read, verified
// and compared, in 64 MiB of memory and some bytes an entry. Throws as CheckpointFiles::read does;
// Error(kNotFound) names a pattern that matches nothing: nothing compared is not "identical".
Comparison compare(const CheckpointFiles& a, const CheckpointFiles& b, int threads,
                   const CompareOptions& options = {});

}  // namespace holdfast
