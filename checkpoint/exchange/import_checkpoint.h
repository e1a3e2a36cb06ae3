// From files of other programs to a checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/progress.h>
#include <holdfast/checkpoint/save/saver.h>

namespace holdfast::exchange {

// The state of an optimizer in a PyTorch file.
struct OptimizerFile {
  std::string name;  // that it gets in the checkpoint
  std::string path;
  std::string key;  // as ImportOptions::key
  std::optional<OptimizerClass>
      type;                          // empty: what the file leaves no doubt about, or as in `like`
  std::vector<std::string> ignored;  // as FromPythonOptions
  // The parameters that the optimizer in Python was given, in the order of its groups:
  // "<model>/<dotted.name>", or the dotted name where one model alone has it. Empty: what the file
  // or `like` leave no doubt about.
  std::vector<std::string> parameters;
};

// A model's state dict in the file.
struct ModelInFile {
  std::string name;  // that it gets; empty: that of the only model in `like`, or "model"
  // Where it is: a dotted path of keys, or of what the names in the file begin with; empty: it is
  // all of the file.
  std::string key;
};

struct ImportOptions {
  std::vector<ModelInFile> models;  // empty: one, that is all of the file
  // Names of buffers (patterns: format::matches), besides what is one by convention: integers and
  // bools, and running_mean, running_var and num_batches_tracked. Not with `like`.
  std::vector<std::string> buffers;
  // A checkpoint of the same models: it says what is a buffer, in which order the tensors are, and
  // of an optimizer of the same name the parameters and the class. Null: none.
  std::shared_ptr<const CheckpointFiles> like;
  std::vector<OptimizerFile> optimizers;
  std::optional<std::int64_t> step;  // that the checkpoint gets; empty: that of the file, or 0
  SaverOptions saving;
  // Told once how many bytes will be read, and then of each of them. What they throw ends the work,
  // and nothing is left.
  std::function<void(std::uint64_t bytes)> on_start;
  Progress progress;
};

struct ImportedOptimizer {
  std::string name;
  OptimizerClass type = OptimizerClass::kSgd;
  std::vector<std::string> parameters;  // "<model>/<dotted.name>", by Python's numbers
};

struct ImportReport {
  std::int64_t step = 0;
  std::vector<std::string> models;
  std::uint64_t parameters = 0;  // tensors, those that are tied included
  std::uint64_t buffers = 0;
  std::vector<ImportedOptimizer> optimizers;
  std::uint64_t bytes = 0;  // of all shard files
};

// Writes the checkpoint `to` (write_checkpoint.h), of a run id of its own, or with the manifest
// that export_checkpoint() left in the file: step, run id, origin, metrics, configuration,
// environment, and the order of the entries. An HDF5 file with names of entries
// ("models/<model>/parameters/…") is taken under these, whatever else is in it too; with `models`
// these alone. What is one tensor in the file is tied, in several models, too. Metadata of
// safetensors, and where it came from, are in the manifest's environment.
//
// Before anything is written: Error(kUnsupported) names what a model cannot have, a file that has
// no state dict where it is looked for, or one of more than 500,000 tensors and values; and,
// without `like`, tensors among those of a model that are an optimizer's or a generator's by their
// names: it lists the keys to choose from;
// Error(kNotFound) a key, a buffer pattern or a model that nothing has; Error(kMismatch) lists in
// what the file's models differ from those in `like`: names, dtypes, shapes and ties; and what
// from_python() says; Error(kInvalidArgument) options that do not fit the file.
//
// Python numbers an optimizer's parameters. What the numbers stand for is told, the first that
// there is: by OptimizerFile::parameters, by the optimizer of that name in `like`, or by
// `param_names` in the groups of the file. With none of these, and one group only, they are the
// parameters of the one model of a PyTorch file, in its order, tied ones once: as
// module.parameters() has them, if no program has sorted the file's keys, which the shapes of state
// show, and else a restore. Else, and where two of the parameters have the same shape,
// Error(kInvalidArgument): other files keep no order, and groups may be in another.
ImportReport import_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                               FileFormat format, const std::string& to,
                               const ImportOptions& options);

}  // namespace holdfast::exchange
