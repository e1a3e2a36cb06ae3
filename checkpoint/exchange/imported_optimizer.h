// An optimizer's state on its way from a file into a checkpoint. Internal to import_checkpoint().
#pragma once

#include <memory>
#include <vector>

#include <holdfast/checkpoint/exchange/import_checkpoint.h>

namespace holdfast::exchange {

// The entries optimizers/<name>/…; `models` are the items of the checkpoint that it steps. Errors
// as import_checkpoint says.
std::vector<Item> import_optimizer(std::shared_ptr<FileSystem> fs, const OptimizerFile& file,
                                   const std::vector<Item>& models,
                                   const std::shared_ptr<const CheckpointFiles>& like);

}  // namespace holdfast::exchange
