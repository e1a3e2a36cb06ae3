// Objects that keep a state of their own in a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace holdfast {

// Takes the values of one object, under names of the object's choice (any string; escaped on disk).
// Valid only during the call it is passed to.
class StateWriter {
 public:
  virtual ~StateWriter() = default;

  // Any strided dtype of docs/format.md, any device, shape and strides. Undefined tensors are kept
  // as such. The bytes are read before Checkpointer::save() returns.
  virtual void tensor(std::string_view name, const at::Tensor& value) = 0;
  virtual void integer(std::string_view name, std::int64_t value) = 0;
  virtual void real(std::string_view name, double value) = 0;
  virtual void boolean(std::string_view name, bool value) = 0;
  virtual void text(std::string_view name, std::string_view value) = 0;  // UTF-8 or any bytes
  virtual void none(std::string_view name) = 0;
  // A writer for the names below `name`; lives as long as this one.
  virtual StateWriter& group(std::string_view name) = 0;
};

// Gives them back. Each getter throws Error(kMismatch), which names the entry, if there is no such
// value or it is of another kind. Tensors are on the CPU, contiguous, and the caller's own.
class StateReader {
 public:
  virtual ~StateReader() = default;

  virtual bool contains(std::string_view name) const = 0;  // a value or a group
  virtual bool is_none(std::string_view name) const = 0;
  virtual at::Tensor tensor(std::string_view name) const = 0;
  virtual std::int64_t integer(std::string_view name) const = 0;
  virtual double real(std::string_view name) const = 0;
  virtual bool boolean(std::string_view name) const = 0;
  virtual std::string text(std::string_view name) const = 0;
  virtual const StateReader& group(std::string_view name) const = 0;  // lives as long as this one
  virtual std::vector<std::string> names() const = 0;                 // values and groups, in order
};

// An object that can be registered with State::add. load() gets what save() wrote, possibly in
// another process and years later; it throws if that cannot be (Error(kMismatch) is the natural
// kind). Whatever either throws reaches the caller of the save or the restore as an Error that
// names the object, of the same kind if it was an Error, else kIo; the exception itself is nested
// in it: std::rethrow_if_nested(error) throws it with its type.
class Stateful {
 public:
  virtual ~Stateful() = default;
  virtual void save(StateWriter& writer) const = 0;
  virtual void load(const StateReader& reader) = 0;
};

}  // namespace holdfast
