#include <deque>
#include <utility>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/components.h>
#include <holdfast/checkpoint/state/module_members.h>

namespace holdfast {
namespace {

// The names of a module's members, made once and compared from then on.
class MemberNames {
 public:
  struct Names {
    std::string dotted;
    std::string path;      // of the entry
    std::string of_model;  // "<model>/<dotted.name>"
  };

  // prefix: "models/<name>/parameters"
  MemberNames(std::string model, std::string prefix)
      : model_(std::move(model)), prefix_(std::move(prefix)) {}

  // Of the member that is the i-th. The reference is valid until another member is at its place.
  const Names& of(std::size_t i, const std::string& dotted) {
    if (i == names_.size()) names_.emplace_back();
    Names& names = names_[i];
    if (names.dotted != dotted || names.path.empty()) {
      const std::string escaped = format::escape(dotted);
      names = {dotted, prefix_ + "/" + escaped, model_ + "/" + escaped};
    }
    return names;
  }

 private:
  std::string model_, prefix_;
  std::deque<Names> names_;  // references into it stay valid while it grows
};

// models/<name>/parameters/<dotted.name> and models/<name>/buffers/<dotted.name>. Those that are
// undefined in the module are not part of its state, as in LibTorch.
class ModuleComponent final : public Component {
 public:
  ModuleComponent(const std::string& name, torch::nn::Module& module)
      : prefix_(format::join({"models", name})),
        module_(module),
        parameters_(format::escape(name), prefix_ + "/parameters"),
        buffers_(format::escape(name), prefix_ + "/buffers") {}

  const std::string& prefix() const override { return prefix_; }

  void name_parameters(ParameterNames& names) const override {
    visit_parameters([&](const MemberNames::Names& known, const at::Tensor& parameter) {
      names.add(parameter, known.of_model);
    });
  }

  void capture(Capture& capture) const override {
    visit_parameters([&](const MemberNames::Names& known, const at::Tensor& parameter) {
      capture.tensor(known.path, parameter);
    });
    visit_buffers([&](const MemberNames::Names& known, const at::Tensor& buffer) {
      capture.restless_tensor(known.path, buffer);
    });
  }

  void prepare(Restore& restore) override {
    const auto read = [&](const MemberNames::Names& known, const at::Tensor& to) {
      restore.into(known.path, to);
    };
    visit_parameters(read);
    visit_buffers(read);
  }

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

  std::string prefix_;
  torch::nn::Module& module_;
  mutable MemberNames parameters_, buffers_;
};

}  // namespace

std::unique_ptr<Component> module_component(const std::string& name, torch::nn::Module& module) {
  return std::make_unique<ModuleComponent>(name, module);
}

}  // namespace holdfast
