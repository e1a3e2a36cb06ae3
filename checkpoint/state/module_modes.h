// How a model trains, beside its values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/member_names.h>
#include <holdfast/checkpoint/state/mode_change.h>

namespace holdfast {

// Texts of names, a line each. What is the same as the last time is left as it is.
class NameLines {
 public:
  void clear() { end_ = 0; }
  void add(std::string_view name);  // without a line's end in it, and not empty
  std::string_view text() const { return std::string_view(text_).substr(0, end_); }

 private:
  void append(std::string_view part);

  std::string text_;
  std::size_t end_ = 0;
};

// modes/<model>/
//   parameters      text: the dotted names, escaped, one a line
//   requires_grad   bool [parameters], in the order of that list
//   has_gradient    bool [parameters]: is the gradient defined?
//   modules         text: the model itself ("%") and its submodules, likewise
//   training        bool [modules]: train() or eval()
// They go by name, as all else does: a module that has other parameters takes what it finds.
class ModuleModes {
 public:
  // `model` is escaped. Keeps a reference to the module.
  ModuleModes(const std::string& model, torch::nn::Module& module);

  // A save: begin(), add() of each parameter, capture().
  void begin();
  void add(const std::string& escaped, const at::Tensor& parameter);
  void capture(Capture& capture);

  // A restore. What the checkpoint has no flag for stays as it is.
  void prepare(Restore& restore, bool with_gradients);
  std::vector<ModeChange> apply();

 private:
  // Of the checkpoint. Undefined: it has no such flags.
  struct Stored {
    std::unordered_map<std::string, std::size_t> parameters, modules;  // the line of each, escaped
    at::Tensor requires_grad, has_gradient, training;
  };

  at::Tensor flags(Restore& restore, const StoredState& stored, const std::string& name,
                   std::size_t count) const;
  void check_flags(Restore& restore) const;

  std::string model_, prefix_;
  std::string parameters_path_, requires_grad_path_, has_gradient_path_, modules_path_,
      training_path_;
  torch::nn::Module& module_;
  MemberNames module_names_;
  NameLines parameter_lines_, module_lines_;
  std::vector<std::byte> requires_grad_, has_gradient_, training_;
  std::unique_ptr<const Stored> stored_;  // between prepare() and apply()
};

}  // namespace holdfast
