#include <holdfast/checkpoint/state/parameter_names.h>

namespace holdfast {

void ParameterNames::add(const at::Tensor& parameter, const std::string& name) {
  names_.emplace(parameter.unsafeGetTensorImpl(), &name);
}

const std::string* ParameterNames::find(const at::Tensor& parameter) const {
  const auto found = names_.find(parameter.unsafeGetTensorImpl());
  return found == names_.end() ? nullptr : found->second;
}

}  // namespace holdfast
