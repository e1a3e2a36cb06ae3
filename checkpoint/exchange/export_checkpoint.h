// From a checkpoint to files of other programs. What a `progress` throws ends the work, and nothing
// is left; a process that is killed leaves a file ".tmp-…" beside the one it was to write.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/progress.h>

namespace holdfast::exchange {

// A model's state dict: its parameters and buffers under their dotted names, in the order of the
// checkpoint, ties within it kept. Error(kNotFound) names a model that is not there. The items keep
// the checkpoint open, and tell `progress` of what is read.
std::vector<Item> state_dict_of(std::shared_ptr<const CheckpointFiles> files,
                                const std::string& model, const Progress& progress = {});

// Writes items of state_dict_of as write_file does, with what a format wants on top: names of
// entries in HDF5, where "/", "%" and control characters are escaped (format/names.h), and
// `metadata` in safetensors.
void write_state_dict(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format,
                      std::vector<Item> items, bool copy_ties, const Metadata& metadata);

// For safetensors: {"format": "pt"}, and over it what an import of such a file left in the
// environment.
Metadata metadata_of(const CheckpointFiles& files);

struct ExportedOptimizer {
  OptimizerClass type = OptimizerClass::kSgd;
  // That the optimizer in Python must have, in this order: "<model>/<dotted.name>".
  std::vector<std::string> parameters;
  std::string needed_version;  // to read the file with weights_only=True: "PyTorch 2.1"
};

// Writes Python's optimizer.state_dict() as a PyTorch file. Errors as to_python() and write_file().
ExportedOptimizer export_optimizer(std::shared_ptr<const CheckpointFiles> files,
                                   const std::string& optimizer, const std::string& path,
                                   const Progress& progress = {});

// Writes all entries under their names as one HDF5 file, and returns how many they are. Beside them
// are two texts, which an import takes back: "manifest" with the checkpoint's manifest, without its
// records of files, and "entry_order" with the names in the order of the catalog, a line each.
// Error(kUnsupported) if the checkpoint has an entry of such a name.
std::size_t export_checkpoint(std::shared_ptr<const CheckpointFiles> files, const std::string& path,
                              const Progress& progress = {});

}  // namespace holdfast::exchange
