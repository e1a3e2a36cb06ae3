// From a checkpoint to files of other programs. An exception that a `progress` throws ends the
// work. Whatever ends it, nothing is left; but a process that is killed leaves a file ".tmp-…"
// beside the one that it was to write.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/optimizer/optimizer_class.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/progress.h>

namespace holdfast {
class CheckpointFiles;
}

namespace holdfast::exchange {

// A model's state dict: its parameters and buffers under their dotted names, in the order of the
// checkpoint, with the ties among them. Error(kNotFound) if there is no such model. The items keep
// the checkpoint open, and report to `progress` the bytes that are read.
std::vector<Item> state_dict_of(std::shared_ptr<const CheckpointFiles> files,
                                const std::string& model, const Progress& progress = {});

// Writes items of state_dict_of(). As write_file(); a format whose names are names of entries gets
// them escaped (format/names.h).
void write_state_dict(std::shared_ptr<FileSystem> fs, const std::string& path,
                      const FileFormat& format, std::vector<Item> items,
                      const WriteOptions& options = {});

// WriteOptions::metadata for a file of the format: what its programs expect, and over it what an
// import of a file of that format left in the checkpoint. Empty for a format without metadata.
Metadata metadata_of(const CheckpointFiles& files, const FileFormat& format);

struct ExportedOptimizer {
  OptimizerClass type = OptimizerClass::kSgd;
  // That the optimizer in Python must be given, in this order: "<model>/<dotted.name>".
  std::vector<std::string> parameters;
  std::string needed_version;  // to read the file with weights_only=True: "PyTorch 2.1"
};

// Writes Python's optimizer.state_dict(). Error(kInvalidArgument) for a format that does not nest;
// else errors as to_python() and write_value().
ExportedOptimizer export_optimizer(std::shared_ptr<const CheckpointFiles> files,
                                   const std::string& optimizer, const std::string& path,
                                   const FileFormat& format, const Progress& progress = {});

// Writes all entries under their names as one file, and returns how many there are. Beside them the
// file has two texts, which an import takes back: "manifest", the checkpoint's manifest without its
// records of files, and "entry_order", the names in the order of the catalog, one a line.
// Error(kUnsupported) if the checkpoint has an entry of such a name; Error(kInvalidArgument) for a
// format that cannot hold a whole checkpoint.
std::size_t export_checkpoint(std::shared_ptr<const CheckpointFiles> files, const std::string& path,
                              const FileFormat& format, const Progress& progress = {});

}  // namespace holdfast::exchange
