#include <optional>
#include <utility>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/component_kinds.h>
#include <holdfast/checkpoint/state/entry_names.h>
#include <holdfast/checkpoint/state/module_gradients.h>
#include <holdfast/checkpoint/state/module_modes.h>
#include <holdfast/checkpoint/state/visit_module.h>

namespace holdfast {
namespace {

// Entries: models/<name>/parameters/<dotted.name>, models/<name>/buffers/<dotted.name>,
// modes/<name>/… (module_modes.h) and, if asked for, gradients/<name>/… (module_gradients.h).
// Parameters and buffers that are undefined are left out, as LibTorch does.
class ModuleComponent final : public ModelComponent {
 public:
  ModuleComponent(const std::string& name, torch::nn::Module& module)
      : prefix_(format::join({"models", name})),
        model_(format::escape(name)),
        module_(module),
        parameters_(model_, prefix_ + "/parameters"),
        buffers_(model_, prefix_ + "/buffers"),
        modes_(model_, module) {}

  const std::string& prefix() const override { return prefix_; }

  bool add_gradients() override {
    if (gradients_) return false;
    gradients_.emplace(model_, module_);
    return true;
  }

  void name_parameters(ParameterNames& names) const override {
    visit_parameters([&](const EntryNames::Names& known, const at::Tensor& parameter) {
      names.add(parameter, known.of_model);
    });
  }

  void capture(Capture& capture) const override {
    modes_.begin();
    visit_parameters([&](const EntryNames::Names& known, const at::Tensor& parameter) {
      capture.tensor(known.path, parameter);
      modes_.add(known.escaped, parameter);
    });
    visit_buffers([&](const EntryNames::Names& known, const at::Tensor& buffer) {
      capture.volatile_tensor(known.path, buffer);
    });
    modes_.capture(capture);
    if (gradients_) gradients_->capture(capture);
  }

  void prepare(Restore& restore) override {
    const auto read = [&](const EntryNames::Names& known, const at::Tensor& to) {
      restore.into(known.path, to);
    };
    visit_parameters(read);
    visit_buffers(read);
    if (gradients_) gradients_->prepare(restore);
    // Gradients that come back with their values need no zeros from the modes.
    const bool has_values = gradients_ && gradients_->will_be_set();
    modes_.prepare(restore, /*with_gradients=*/!has_values);
  }

  void apply() override {
    modes_.apply();
    if (gradients_) gradients_->apply();
  }

  std::vector<ModeChange> mode_changes() const override { return modes_.changes(); }
  void forget_mode_changes() override { modes_.forget_changes(); }

 private:
  template <typename Visit>
  void visit_parameters(const Visit& visit) const {
    std::size_t i = 0;
    for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& value) {
      visit(parameters_.of(i++, dotted), value);
    });
  }

  template <typename Visit>
  void visit_buffers(const Visit& visit) const {
    std::size_t i = 0;
    for_each_buffer(module_, [&](const std::string& dotted, const at::Tensor& value) {
      visit(buffers_.of(i++, dotted), value);
    });
  }

  std::string prefix_, model_;
  torch::nn::Module& module_;
  mutable EntryNames parameters_, buffers_;
  mutable ModuleModes modes_;
  mutable std::optional<ModuleGradients> gradients_;
};

}  // namespace

std::unique_ptr<ModelComponent> module_component(const std::string& name,
                                                 torch::nn::Module& module) {
  return std::make_unique<ModuleComponent>(name, module);
}

}  // namespace holdfast
