// How the kinds of state meet a save and a load. Internal: users implement Stateful instead.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/save/source.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

class ParameterNames;  // state/parameter_names.h: TensorImpl -> "<model>/<dotted.name>"

// Collects the items of a save. Tensors that are tied to an earlier one become aliases of it.
class Capture {
 public:
  virtual ~Capture() = default;
  virtual void tensor(std::string name, const at::Tensor& value) = 0;  // name: format::join
  virtual void add(Item item) = 0;
  virtual const ParameterNames& parameters() const = 0;
};

// Collects what a load shall read, and what does not fit. Nothing is written into live objects before
// every component has been asked and no problem was reported.
class Restore {
 public:
  virtual ~Restore() = default;
  // The entry's bytes shall go straight into `to` (any strides, any device). Reports a missing entry,
  // or one of another dtype or shape. An undefined `to` wants an entry of kind "undefined".
  virtual void into(const std::string& name, const at::Tensor& to) = 0;
  // Everything below `prefix` shall be read; the reader is filled when apply() is called.
  virtual std::shared_ptr<const StateReader> fetch(const std::string& prefix) = 0;
  virtual bool contains(const std::string& name_or_prefix) const = 0;
  virtual void problem(std::string text) = 0;
  virtual const ParameterNames& parameters() const = 0;
};

// One registered object. capture and prepare do not change it; apply puts in what was fetched.
class Component {
 public:
  virtual ~Component() = default;
  virtual const std::string& prefix() const = 0;  // "models/mlp": unique in a State
  virtual void capture(Capture& capture) const = 0;
  virtual void prepare(Restore& restore) = 0;
  virtual void apply() = 0;
};

}  // namespace holdfast
