// Imports the state of an optimizer from a file. Internal to import_checkpoint().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/optimizer/optimizer_file.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast::exchange {

// The models whose parameters the optimizer may have.
struct ImportedModels {
  std::vector<Item> items;  // of the checkpoint
  // If there is one model and its format keeps the order of tensors: the dotted names of its
  // parameters and buffers in the order of the file. That is the order of module.parameters(),
  // unless a program has sorted the names. Else empty.
  std::vector<std::string> order;
};

struct ImportedState {
  ImportedOptimizer optimizer;
  std::vector<Item> items;  // the entries optimizers/<name>/…
};

// Errors as import_checkpoint says.
ImportedState import_optimizer(std::shared_ptr<FileSystem> fs, const OptimizerFile& file,
                               const ImportedModels& models,
                               const std::shared_ptr<const CheckpointFiles>& like);

}  // namespace holdfast::exchange
