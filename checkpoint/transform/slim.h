// A checkpoint as one ships it: the models, without what only a training needs.
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
  std::vector<std::string> models;  // by name; empty: all
  std::optional<DType> dtype;       // what floating-point tensors of models are cast to (cast.h)
  // Those whose parameters are all of models that are kept, as they are, and how these models train
  // (modes/…); gradients are never kept.
  bool keep_optimizers = false;
  SaverOptions saving;
  Progress progress;  // of the bytes of the entries that are read
};

struct SlimReport {
  std::uint64_t bytes_before = 0;  // of all shard files
  std::uint64_t bytes_after = 0;
  // With keep_optimizers: which have parameters of a model that is not kept, and are left out.
  std::vector<std::string> optimizers_left_out;
};

// The bytes of the entries that slim() would read. Errors as slim().
std::uint64_t bytes_to_slim(std::shared_ptr<const CheckpointFiles> from,
                            const SlimOptions& options);

// Writes the checkpoint `to` (write_checkpoint.h) with the chosen models of `from`. It has the
// step, the run id, the metrics, the configuration and the environment of `from`, and was resumed
// from it, by its absolute path. Error(kNotFound) names a model that is not there; Error(kMismatch)
// if there is none at all. Else as write_checkpoint and CheckpointFiles::read.
SlimReport slim(std::shared_ptr<const CheckpointFiles> from, const std::string& to,
                const SlimOptions& options);

}  // namespace holdfast
