// From files of other programs to a checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/optimizer/optimizer_file.h>
#include <holdfast/checkpoint/load/progress.h>
#include <holdfast/checkpoint/save/saver.h>

namespace holdfast {
class CheckpointFiles;
class FileSystem;
}  // namespace holdfast

namespace holdfast::exchange {

class FileFormat;

// A model in the file.
struct ModelInFile {
  // That it gets in the checkpoint. Empty: that of the only model in `like`, else "model".
  std::string name;
  // Where its state dict is: a dotted path of keys, or what the names in the file begin with.
  // Empty: it is all of the file.
  std::string key;
};

struct ImportOptions {
  std::vector<ModelInFile> models;  // empty: one, which is all of the file
  // Patterns (format::matches) of the names of buffers. Integers, bools, running_mean, running_var
  // and num_batches_tracked are buffers anyway. Not with `like`.
  std::vector<std::string> buffers;
  // A checkpoint of the same models. It tells what is a buffer, the order of the tensors, and, for
  // an optimizer of the same name, its parameters and its class. Null: none.
  std::shared_ptr<const CheckpointFiles> like;
  std::vector<OptimizerFile> optimizers;
  std::optional<std::int64_t> step;  // of the checkpoint. Empty: that of the file, or 0
  SaverOptions saving;
  // `on_start` is called once, with the number of bytes that will be read; `progress` as they are
  // read. An exception of theirs ends the work, and nothing is left.
  std::function<void(std::uint64_t bytes)> on_start;
  Progress progress;
};

struct ImportReport {
  std::int64_t step = 0;
  std::vector<std::string> models;
  std::uint64_t parameters = 0;  // tensors; tied ones count, too
  std::uint64_t buffers = 0;
  std::vector<ImportedOptimizer> optimizers;
  std::uint64_t bytes = 0;  // of all shard files
};

// Makes the checkpoint `to` of a file (run/write_checkpoint.h). What is one tensor in the file is
// tied, also between models. The manifest's environment gets the path of the file and its metadata.
//
// A file that Holdfast made (FileContents::Names::kEntries) tells itself what its tensors are, if
// it has names as "models/<model>/parameters/…": all its entries are taken, or with `models` those
// of these models alone. If export_checkpoint() made it, the checkpoint also gets the manifest from
// it (step, run id, origin, metrics, configuration, environment) and the order of the entries. Any
// other checkpoint gets a new run id.
//
// Errors before anything is written:
// - kUnsupported names what a model cannot have; a file that has no state dict at the key; a file
// of
//   more than 500,000 tensors and values; and, without `like`, tensors that are an optimizer's or a
//   generator's by their names, with the keys to choose from;
// - kNotFound names a key, a buffer pattern or a model that nothing has;
// - kMismatch lists how the file's models differ from those in `like`: names, dtypes, shapes, ties;
// - kInvalidArgument for options that do not fit the file;
// - and those of from_python().
//
// Python numbers an optimizer's parameters. The names come from the first of these that is there:
// OptimizerFile::parameters; the optimizer of that name in `like`; `param_names` in the file's
// groups. Without them, the parameters are those of the model in the order of its file, tied ones
// once. This takes one group, one model, and a format that keeps the order of module.parameters()
// (PyTorch). Since a program may have sorted the file's keys, no two parameters may have the same
// shape: a wrong order would give one the state of the other. Else Error(kInvalidArgument).
ImportReport import_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                               const FileFormat& format, const std::string& to,
                               const ImportOptions& options);

}  // namespace holdfast::exchange
