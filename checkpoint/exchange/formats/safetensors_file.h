// Files of safetensors: a JSON header and the bytes of the tensors.
// https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

using Metadata = std::map<std::string, std::string>;

struct SafetensorsContents {
  std::vector<Item> items;  // in the order of their bytes
  Metadata metadata;        // "__metadata__"
};

// Error(kCorrupt) unless the file is what the format says: a header of 100 MB at most, strict JSON,
// no name twice, the tensors' bytes one behind the other, without a gap, to the end of the file.
// Error(kUnsupported) names a tensor of a dtype that a checkpoint cannot hold. The items read from
// the file when they are asked for.
SafetensorsContents read_safetensors_file(File file);

// Writes the tensors, those of the largest elements first. Items are tensors without ties: what
// else is refused by write_file (file_format.h). Error(kUnsupported) for a name or metadata that
// are not UTF-8, or a tensor named "__metadata__". Error(kExists) if the path is taken; after an
// error nothing is left.
void write_safetensors_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                            const std::vector<Item>& items, const Metadata& metadata);

// "F32", "BF16" …; empty for a dtype that the format has not.
std::string_view safetensors_name(DType dtype);

}  // namespace holdfast::exchange
