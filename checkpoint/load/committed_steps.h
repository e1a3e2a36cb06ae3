// The steps that a run's directory of checkpoints has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// The steps that entries of the directory are named after, whatever these are. Ascending.
std::vector<std::int64_t> listed_steps(const Directory& checkpoints);

// Those whose entry is a directory: the committed checkpoints. Ascending. Not empty just because
// checkpoints were committed and removed while this was looking.
std::vector<std::int64_t> committed_steps(const Directory& checkpoints);
std::optional<std::int64_t> newest_step(const Directory& checkpoints);

}  // namespace holdfast
