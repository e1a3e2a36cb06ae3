// Compares two checkpoints: are they the same state bit by bit, and if not, how far apart are they?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/inspect/change.h>
#include <holdfast/checkpoint/inspect/small_values.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// In what an entry differs. If it differs in several of these, the first in this order.
enum class DifferenceKind {
  kOnlyInFirst,
  kOnlyInSecond,
  kKind,
  kDType,
  kShape,
  kTie,  // tied to different entries, or tied in only one of the two
  kValues,
};

std::string_view to_string(DifferenceKind kind);  // "only in the first", "shape" …

struct Difference {
  std::string name;  // the entry's
  DifferenceKind kind = DifferenceKind::kValues;
  std::string problem;           // "shape [3] and [4]", "12 of 4096 elements differ, …"
  std::optional<Change> change;  // for kValues; for texts, of the bytes that both have
  SmallValue first, second;      // for kValues: both scalars, or excerpts of texts that differ
};

struct Comparison {
  std::vector<std::string> identical;  // entries with the same kind, dtype, shape, tie and bytes
  // In the order of the first catalog; then the entries that only the second has.
  std::vector<Difference> differences;
  std::uint64_t bytes_compared = 0;  // in each of the two; a tied tensor counts once
  std::uint64_t bytes_skipped = 0;   // counted likewise; taken as equal without reading them
};

struct CompareOptions {
  // Patterns (format::matches()) of the entries to compare; if empty, all entries. Each pattern
  // must match an entry of at least one of the two checkpoints.
  std::vector<std::string> include;
  bool skip_equal_blocks = true;  // if false, everything is read and verified
  Progress progress;              // told of the bytes that were compared or skipped
};

// Compares entry by entry; how the two checkpoints are cut into shards does not matter.
//
// With skip_equal_blocks, bytes of an entry are skipped if they lie at the same place of a block,
// and the block has the same digest in both checkpoints: the bytes were the same when they were
// written. Whether they still are is not checked, but every file of both must be there with its
// size. All else is read, verified and compared. Takes 64 MiB of memory and some bytes for each
// entry.
//
// Throws as CheckpointFiles::read() does. Error(kNotFound) names a pattern that matches nothing,
// since a comparison of nothing must not look like "identical".
Comparison compare(const CheckpointFiles& a, const CheckpointFiles& b, int threads,
                   const CompareOptions& options = {});

}  // namespace holdfast
