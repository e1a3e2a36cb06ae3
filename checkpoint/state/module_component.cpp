#include <utility>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/components.h>

namespace holdfast {
namespace {

// models/<name>/parameters/<dotted.name> and models/<name>/buffers/<dotted.name>. Those that are
// undefined in the module are not part of its state, as in LibTorch.
class ModuleComponent final : public Component {
 public:
  ModuleComponent(const std::string& name, torch::nn::Module& module)
      : name_(name), prefix_(format::join({"models", name})), module_(module) {}

  const std::string& prefix() const override { return prefix_; }
  void name_parameters(ParameterNames& names) const override { names.add(name_, module_); }

  void capture(Capture& capture) const override {
    for (const auto& parameter : module_.named_parameters()) {
      capture.tensor(path("/parameters/", parameter.key()), parameter.value());
    }
    for (const auto& buffer : module_.named_buffers()) {
      capture.snapshot(path("/buffers/", buffer.key()), buffer.value());
    }
  }

  void prepare(Restore& restore) override {
    for (const auto& parameter : module_.named_parameters()) {
      restore.into(path("/parameters/", parameter.key()), parameter.value());
    }
    for (const auto& buffer : module_.named_buffers()) {
      restore.into(path("/buffers/", buffer.key()), buffer.value());
    }
  }

 private:
  std::string path(const char* kind, const std::string& dotted) const {
    return prefix_ + kind + format::escape(dotted);
  }

  std::string name_;
  std::string prefix_;
  torch::nn::Module& module_;
};

}  // namespace

std::unique_ptr<Component> module_component(const std::string& name, torch::nn::Module& module) {
  return std::make_unique<ModuleComponent>(name, module);
}

}  // namespace holdfast
