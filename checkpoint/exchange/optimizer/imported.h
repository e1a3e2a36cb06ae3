// An optimizer's state on its way from a file into a checkpoint. Internal to import_checkpoint().
#pragma once

#include <memory>
#include <vector>

#include <holdfast/checkpoint/exchange/import_checkpoint.h>

namespace holdfast::exchange {

// What an optimizer may step.
struct ImportedModels {
  std::vector<Item> items;  // of the checkpoint
  // The dotted names of the one model's tensors in the order of its PyTorch file, which is that of
  // module.parameters() unless a program has sorted them, and buffers among them; else empty.
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
