#include <holdfast/checkpoint/state/module_gradients.h>

#include <set>
#include <utility>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/gradient.h>
#include <holdfast/checkpoint/state/visit_module.h>

namespace holdfast {
namespace {

// Says why the value cannot become the parameter's gradient; empty if it can.
std::string misfit(const StoredState::Value& value, const at::Tensor& parameter,
                   const std::string& path) {
  if (value.kind == Kind::kUndefined) return {};
  if (value.kind != Kind::kTensor)
    return std::string(to_string(value.kind)) + " in the checkpoint, a gradient here";
  if (!value.tensor.sizes().equals(parameter.sizes()))
    return describe(dtype_of(value.tensor.scalar_type(), path), value.tensor.sizes().vec()) +
           " in the checkpoint, " +
           describe(dtype_of(parameter.scalar_type(), path), parameter.sizes().vec()) + " here";
  const char* const reason = why_no_gradient(parameter);
  return reason == nullptr
             ? ""
             : std::string("defined in the checkpoint, but it cannot be set here: ") + reason;
}

}  // namespace

ModuleGradients::ModuleGradients(const std::string& model, torch::nn::Module& module)
    : prefix_("gradients/" + model), module_(module), names_(model, prefix_) {}

void ModuleGradients::capture(Capture& capture) {
  std::size_t count = 0;
  for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& parameter) {
    capture.volatile_tensor(names_.of(count++, dotted).path, gradient_of(parameter));
  });
  if (count == 0) capture.none(prefix_);
}

void ModuleGradients::prepare(Restore& restore) {
  stored_ = restore.fetch(prefix_);
  if (stored_ == nullptr) return;
  const std::vector<std::string> names = stored_->names();
  std::set<std::string> left(names.begin(), names.end());
  for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& parameter) {
    const std::string path = prefix_ + "/" + format::escape(dotted);
    const StoredState::Value* const value = stored_->find(dotted);
    if (value == nullptr) return restore.problem(path + ": not in the checkpoint");
    left.erase(dotted);
    const std::string reason = misfit(*value, parameter, path);
    if (!reason.empty()) restore.problem(path + ": " + reason);
  });
  for (const std::string& name : left)
    restore.problem(prefix_ + "/" + format::escape(name) +
                    ": the model has no parameter of this name");
}

void ModuleGradients::apply() {
  const auto stored = std::exchange(stored_, nullptr);
  if (stored == nullptr) return;
  for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& parameter) {
    const at::Tensor& value = stored->find(dotted)->tensor;
    value.defined() ? set_gradient(parameter, value) : clear_gradient(parameter);
  });
}

}  // namespace holdfast
