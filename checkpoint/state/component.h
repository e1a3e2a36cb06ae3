// How the kinds of state meet a save and a load. Internal: users implement Stateful instead.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/state/mode_change.h>
#include <holdfast/checkpoint/state/parameter_names.h>
#include <holdfast/checkpoint/state/stored_state.h>

namespace holdfast {

struct RestoreOptions;

// Collects the items of a save. Tensors that are tied to an earlier one become aliases of it. Names
// are those of format::join; one given twice is noticed when the save is planned. A tensor that a
// checkpoint cannot hold is an Error(kUnsupported).
class Capture {
 public:
  virtual ~Capture() = default;
  // For what changes in optimizer steps only, or is not used by others any more.
  virtual void tensor(const std::string& name, const at::Tensor& value) = 0;
  // For what may change at any time: buffers, the user's objects.
  virtual void restless_tensor(const std::string& name, const at::Tensor& value) = 0;
  virtual void integer(const std::string& name, std::int64_t value) = 0;
  virtual void real(const std::string& name, double value) = 0;
  virtual void boolean(const std::string& name, bool value) = 0;
  virtual void text(const std::string& name, std::string_view value) = 0;
  virtual void none(const std::string& name) = 0;
  virtual void flags(const std::string& name, ByteView values) = 0;  // bool [n]: 0 or 1 each
  virtual const ParameterNames& parameters() = 0;
};

// Collects what a load shall read, and what does not fit. Nothing is written into live objects
// before every component has been asked and no problem was reported.
class Restore {
 public:
  virtual ~Restore() = default;
  // The entry's bytes shall go straight into `to` (any strides, any device). Reports a missing
  // entry, or one of another kind, dtype or shape. An undefined `to` wants an entry of kind
  // "undefined".
  virtual void into(const std::string& name, const at::Tensor& to, Kind kind = Kind::kTensor) = 0;
  // Everything below `prefix` shall be read. Scalars and texts are there at once; tensors have
  // their type and shape now and their values when apply() is called. Null: not asked for, or
  // reported as missing; the component then leaves its object as it is.
  virtual std::shared_ptr<const StoredState> fetch(const std::string& prefix) = 0;
  // As fetch(), for a little that older checkpoints have not got: null, and no complaint, where
  // there is nothing; else all of it is read at once. No part of the LoadReport.
  virtual std::shared_ptr<const StoredState> fetch_if_there(const std::string& prefix) = 0;
  virtual void problem(std::string text) = 0;
  virtual const RestoreOptions& options() const = 0;
  virtual const ParameterNames& parameters() const = 0;
};

// One registered object. capture and prepare do not change it; apply puts in what was fetched.
class Component {
 public:
  virtual ~Component() = default;
  virtual const std::string& prefix() const = 0;          // "models/mlp": unique in a State
  virtual void name_parameters(ParameterNames&) const {}  // adds those that belong to it
  virtual void capture(Capture& capture) const = 0;
  virtual void prepare(Restore& restore) = 0;
  virtual void apply() {}
  virtual std::vector<ModeChange> mode_changes() const { return {}; }  // of the last apply()
  // True for generators: loading other objects may draw numbers from them.
  virtual bool applies_last() const { return false; }
};

}  // namespace holdfast
