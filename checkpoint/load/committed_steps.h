// The steps that a run's directory of checkpoints has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Steps that an entry of the directory is named after, whatever the entry is. Ascending.
std::vector<std::int64_t> listed_steps(const Directory& checkpoints);

// Those whose entry is a directory: the committed checkpoints. Ascending. Never empty only because
// checkpoints were committed and retired while this looked.
std::vector<std::int64_t> committed_steps(const Directory& checkpoints);
std::optional<std::int64_t> newest_step(const Directory& checkpoints);

}  // namespace holdfast
