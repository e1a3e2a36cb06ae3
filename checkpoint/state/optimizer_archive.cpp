#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {
namespace {

// Both archives keep their contents in a private member, a jit::Module. The language lets an
// explicit template instantiation name a private member: Reveal is instantiated with a pointer to
// it, and the friend function that it defines returns the pointer.
template <typename Archive>
using ModuleMember = torch::jit::Module Archive::*;

struct OfOutput {
  friend ModuleMember<torch::serialize::OutputArchive> member(OfOutput);
};
struct OfInput {
  friend ModuleMember<torch::serialize::InputArchive> member(OfInput);
};

template <typename Tag, auto kMember>
struct Reveal {
  friend auto member(Tag) -> decltype(kMember) { return kMember; }
};
template struct Reveal<OfOutput, &torch::serialize::OutputArchive::module_>;
template struct Reveal<OfInput, &torch::serialize::InputArchive::module_>;

}  // namespace

ArchiveValues values_of(const torch::jit::Module& module) {
  ArchiveValues values;
  for (const auto& attribute : module.named_attributes(/*recurse=*/false)) {
    values.emplace_back(attribute.name, attribute.value);
  }
  return values;
}

const torch::jit::Module& module_of(const torch::serialize::OutputArchive& archive) {
  return archive.*member(OfOutput{});
}

void write(torch::serialize::OutputArchive& archive, const std::string& key,
           const at::IValue& value) {
  if (value.isTensor()) return archive.write(key, value.toTensor(), /*is_buffer=*/true);
  archive.write(key, value);
}

torch::serialize::InputArchive to_input(const torch::serialize::OutputArchive& archive) {
  torch::serialize::InputArchive input;
  input.*member(OfInput{}) = module_of(archive);
  return input;
}

}  // namespace holdfast
