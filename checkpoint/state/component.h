// The interface between a kind of state (model, optimizer, ...) and a save or a load. Internal:
// users implement Stateful instead.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/columns/column_io.h>
#include <holdfast/checkpoint/columns/stored_columns.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/state/mode_change.h>
#include <holdfast/checkpoint/state/parameter_names.h>
#include <holdfast/checkpoint/state/stored_state.h>

namespace holdfast {

struct RestoreOptions;

// Collects the items of a save. A tensor that is tied to an earlier one becomes an alias of it.
// Names are made by format::join. A name that is given twice is not noticed here but when the save
// is planned. A tensor that a checkpoint cannot hold is an Error(kUnsupported).
//
// column() copies nothing: the bytes are read after every component has been captured, but before
// Checkpointer::save() returns.
class Capture : public ColumnWriter {
 public:
  // For a tensor that changes in optimizer steps only, or that nobody else uses any more.
  virtual void tensor(const std::string& name, const at::Tensor& value) = 0;
  // For a tensor that may change at any time: a buffer, a tensor of a user's object.
  virtual void volatile_tensor(const std::string& name, const at::Tensor& value) = 0;
  virtual void integer(const std::string& name, std::int64_t value) = 0;
  virtual void real(const std::string& name, double value) = 0;
  virtual void boolean(const std::string& name, bool value) = 0;
  virtual void text(const std::string& name, std::string_view value) = 0;
  virtual void none(const std::string& name) = 0;
  virtual void flags(const std::string& name, ByteView values) = 0;  // bool [n]: 0 or 1 each
  virtual const ParameterNames& parameters() = 0;
};

// Collects what a load is to read, and the problems: what does not fit. Live objects are written to
// only after every component has been prepared without a problem.
class Restore {
 public:
  virtual ~Restore() = default;
  // Asks for the entry's bytes to be read straight into `to` (any strides, any device). Reports a
  // problem if the entry is missing or of another kind, dtype or shape. An undefined `to` asks for
  // an entry of kind "undefined".
  virtual void into(const std::string& name, const at::Tensor& to, Kind kind = Kind::kTensor) = 0;
  // Asks for everything below `prefix`. In what is returned, scalars and texts have their values at
  // once; tensors have their type and shape now, and their values when apply() is called. Returns
  // null if the user's patterns leave it out, or if it is missing (then a problem is reported): the
  // component must leave its object as it is.
  virtual std::shared_ptr<const StoredState> fetch(const std::string& prefix) = 0;
  // As fetch(), for small groups that older checkpoints do not have. Returns null without a problem
  // if there is nothing below `prefix`; otherwise all of it, tensors too, is read before this
  // returns. Does not appear in the LoadReport.
  virtual std::shared_ptr<const StoredState> fetch_if_there(const std::string& prefix) = 0;
  // As fetch(), for the columns of a value. All their bytes are there when apply() is called. Names
  // that the value does not ask for are the component's to report.
  virtual std::shared_ptr<const StoredColumns> fetch_columns(const std::string& prefix) = 0;
  virtual void problem(std::string text) = 0;
  virtual const RestoreOptions& options() const = 0;
  virtual const ParameterNames& parameters() const = 0;
};

// One registered object. capture and prepare do not change it; apply puts in what was fetched.
class Component {
 public:
  virtual ~Component() = default;
  virtual const std::string& prefix() const = 0;          // "models/mlp": unique in a State
  virtual void name_parameters(ParameterNames&) const {}  // adds its parameters, if it has any
  virtual void capture(Capture& capture) const = 0;
  virtual void prepare(Restore& restore) = 0;
  virtual void apply() {}
  // What apply() has changed since the last forget_mode_changes(), also where it threw midway.
  virtual std::vector<ModeChange> mode_changes() const { return {}; }
  virtual void forget_mode_changes() {}
  // True for generators: they must come last, since the load() of other objects may draw numbers.
  virtual bool applies_last() const { return false; }
};

}  // namespace holdfast
