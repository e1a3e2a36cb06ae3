// Gives access to the contents of LibTorch's archives. LibTorch itself can only write an archive to
// a file and read one from a file. No tensor data is copied: an archive keeps the handles that were
// put in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/serialize/archive.h>

namespace holdfast {

using ArchiveValues = std::vector<std::pair<std::string, at::IValue>>;

ArchiveValues values_of(const torch::jit::Module& module);  // in the order they were written

const torch::jit::Module& module_of(const torch::serialize::OutputArchive& archive);

// Puts in any value; an undefined tensor, too.
void write(torch::serialize::OutputArchive& archive, const std::string& key,
           const at::IValue& value);

// Makes an archive to read from that has the contents of one that was written to.
torch::serialize::InputArchive to_input(const torch::serialize::OutputArchive& archive);

// The values that an object writes. Object must have serialize(OutputArchive&) const.
template <typename Object>
ArchiveValues serialized(const Object& object) {
  torch::serialize::OutputArchive archive;
  object.serialize(archive);
  return values_of(module_of(archive));
}

}  // namespace holdfast
