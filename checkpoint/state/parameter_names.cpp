#include <holdfast/checkpoint/state/parameter_names.h>

#include <holdfast/checkpoint/format/names.h>

namespace holdfast {

void ParameterNames::add(const std::string& model, const torch::nn::Module& module) {
  for (const auto& parameter : module.named_parameters()) {
    names_.try_emplace(parameter.value().unsafeGetTensorImpl(),
                       format::join({model, parameter.key()}));
  }
}

const std::string* ParameterNames::find(const at::Tensor& parameter) const {
  const auto found = names_.find(parameter.unsafeGetTensorImpl());
  return found == names_.end() ? nullptr : &found->second;
}

}  // namespace holdfast
