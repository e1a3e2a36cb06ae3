// Access to the contents of LibTorch's archives, which LibTorch itself only writes to and reads
// from files. Nothing is copied: the tensors of an archive are those that were put in.
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

// Any value, undefined tensors among them.
void write(torch::serialize::OutputArchive& archive, const std::string& key,
           const at::IValue& value);

// An archive that reads what was written.
torch::serialize::InputArchive to_input(const torch::serialize::OutputArchive& archive);

// What an object writes: Object has serialize(OutputArchive&) const.
template <typename Object>
ArchiveValues serialized(const Object& object) {
  torch::serialize::OutputArchive archive;
  object.serialize(archive);
  return values_of(module_of(archive));
}

}  // namespace holdfast
