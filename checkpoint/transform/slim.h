// Makes a small checkpoint for shipping: the models, without what only a training needs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/item/dtype.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/progress.h>
#include <holdfast/checkpoint/save/save_options.h>

namespace holdfast {

struct SlimOptions {
  std::vector<std::string> models;  // the names of the models to keep; if empty, all
  std::optional<DType> dtype;       // cast the models' floating-point tensors to this (cast.h)
  // Also keep each optimizer whose parameters all belong to models that are kept, and the modes of
  // these models (modes/…). Neither is cast. Gradients are never kept.
  bool keep_optimizers = false;
  SaverOptions saving;
  Progress progress;  // told of the bytes of entries that were read
};

struct SlimReport {
  std::uint64_t bytes_before = 0;  // of all shard files
  std::uint64_t bytes_after = 0;
  // With keep_optimizers: the optimizers that were left out, because they have parameters of a
  // model that is not kept.
  std::vector<std::string> optimizers_left_out;
};

// The number of bytes that slim() would read. Errors as for slim().
std::uint64_t bytes_to_slim(std::shared_ptr<const CheckpointFiles> from,
                            const SlimOptions& options);

// Writes a checkpoint to the path `to` with the chosen models of `from`. It gets the step, run id,
// metrics, configuration and environment of `from`, and names `from`, by its absolute path, as the
// checkpoint that it was resumed from. Error(kNotFound) for a model that is not there;
// Error(kMismatch) if `from` has no models. Other errors as for write_checkpoint() and
// CheckpointFiles::read().
SlimReport slim(std::shared_ptr<const CheckpointFiles> from, const std::string& to,
                const SlimOptions& options);

}  // namespace holdfast
