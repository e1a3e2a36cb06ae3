// The files that states are exchanged in with other programs, and what each of them can hold.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/exchange/formats/safetensors_file.h>
#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

enum class FileFormat { kTorch, kSafetensors, kNumpy, kHdf5 };

const std::vector<FileFormat>& all_file_formats();

std::string_view name_of(FileFormat format);  // "PyTorch", "safetensors", "numpy", "HDF5"

// By the path's ending: .pt and .pth, .safetensors, .npz, .h5 and .hdf5. Empty for another.
std::optional<FileFormat> file_format_of(std::string_view path);

// What a file of the format keeps bit for bit, both ways. A scalar, a text and none keep their
// kind: safetensors and numpy would make tensors of them, and hold none.
bool carries(FileFormat format, DType dtype);
bool carries(FileFormat format, Kind kind);
bool carries_ties(FileFormat format);

// What it takes to read a tensor of the dtype, where not every version of the program can: "PyTorch
// 2.3". Empty: PyTorch 1.13, safetensors 0.3, numpy 1.24 and HDF5 1.10 can. (The weights_only=True
// of PyTorch 1.13 knows no float outside of tensors: a scalar takes 2.1, or weights_only=False.)
std::string_view needed_version(FileFormat format, DType dtype);

struct WriteOptions {
  // What is tied becomes independent copies in a format that cannot carry ties. Else it is refused.
  bool copy_ties = false;
  Metadata metadata;  // of safetensors only; elsewhere an Error(kInvalidArgument)
};

// Writes the items under their names, as the writer of that format says. Before anything is
// written: Error(kUnsupported) names the first item that the format does not carry, and why;
// Error(kInvalidArgument) for no items, a name twice, or an alias of nothing. Error(kExists) if the
// path is taken; after an error nothing is left, after a kill a file ".tmp-…" beside the path
// (file_writer.h).
void write_file(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format,
                const std::vector<Item>& items, const WriteOptions& options = {});

struct FileContents {
  Value value;        // a dict; of formats without one, of names and tensors: items_of(value)
  Metadata metadata;  // of safetensors
};

// Reads the structure of a file; values are read when they are asked for. As the reader of that
// format says. Every Error has the file's path, or that of a part of it; whatever is wrong with the
// file is no kInvalidArgument, and that it takes more memory than there is is an Error(kIo). The
// names of a foreign HDF5 file are paths, with "/"; those of a shard of Holdfast are names of
// entries (hdf5_file.h tells which it is; an import makes dotted names of the former).
FileContents read_file(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format);

}  // namespace holdfast::exchange
