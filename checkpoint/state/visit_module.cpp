#include <holdfast/checkpoint/state/visit_module.h>

#include <memory>

namespace holdfast {
namespace {

using torch::nn::Module;
using Tensors = torch::OrderedDict<std::string, at::Tensor>;
using Children = torch::OrderedDict<std::string, std::shared_ptr<Module>>;

// LibTorch's accessors return copies of these private members. The language lets an explicit
// template instantiation name a private member: Reveal is instantiated with a pointer to it, and
// the friend function that it defines returns the pointer.
struct OfParameters {
  friend Tensors Module::*member(OfParameters);
};
struct OfBuffers {
  friend Tensors Module::*member(OfBuffers);
};
struct OfChildren {
  friend Children Module::*member(OfChildren);
};
struct OfTraining {
  friend bool Module::*member(OfTraining);
};

template <typename Tag, auto kMember>
struct Reveal {
  friend auto member(Tag) -> decltype(kMember) { return kMember; }
};
template struct Reveal<OfParameters, &Module::parameters_>;
template struct Reveal<OfBuffers, &Module::buffers_>;
template struct Reveal<OfChildren, &Module::children_>;
template struct Reveal<OfTraining, &Module::is_training_>;

// `name` is the module's dotted name with a dot behind it ("" for the model itself). It is a buffer
// that all levels share: this function appends to it, and restores it before it returns.
void visit_all(const Module& module, Tensors Module::*members, std::string& name,
               const VisitTensor& visit) {
  const std::size_t length = name.size();
  for (const auto& item : module.*members) {
    if (!item.value().defined()) continue;
    name += item.key();
    visit(name, item.value());
    name.resize(length);
  }
  for (const auto& child : module.*member(OfChildren{})) {
    name += child.key();
    name += '.';
    visit_all(*child.value(), members, name, visit);
    name.resize(length);
  }
}

void visit_modules(Module& module, std::string& name, const VisitModule& visit) {
  visit(name, module);
  const std::size_t length = name.size();
  for (const auto& child : module.*member(OfChildren{})) {
    if (length > 0) name += '.';
    name += child.key();
    visit_modules(*child.value(), name, visit);
    name.resize(length);
  }
}

}  // namespace

void for_each_parameter(const Module& module, const VisitTensor& visit) {
  std::string name;
  visit_all(module, member(OfParameters{}), name, visit);
}

void for_each_buffer(const Module& module, const VisitTensor& visit) {
  std::string name;
  visit_all(module, member(OfBuffers{}), name, visit);
}

void for_each_module(Module& module, const VisitModule& visit) {
  std::string name;
  visit_modules(module, name, visit);
}

bool& training_flag(Module& module) {
  return module.*member(OfTraining{});
}

}  // namespace holdfast
