// The interface for objects of your own that are saved in a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace holdfast {

// Takes the values of one object, each under a name of the object's choice (any string; it is
// escaped on disk). A name given twice is an Error(kInvalidArgument). Valid only during the call of
// Stateful::save().
class StateWriter {
 public:
  virtual ~StateWriter() = default;

  // Any dtype of docs/format.md, any device, shape and strides. An undefined tensor comes back
  // undefined. The bytes are read after Stateful::save() has returned, but before
  // Checkpointer::save() returns.
  virtual void tensor(std::string_view name, const at::Tensor& value) = 0;
  virtual void integer(std::string_view name, std::int64_t value) = 0;
  virtual void real(std::string_view name, double value) = 0;
  virtual void boolean(std::string_view name, bool value) = 0;
  virtual void text(std::string_view name, std::string_view value) = 0;  // UTF-8 or any bytes
  virtual void none(std::string_view name) = 0;
  // Returns a writer for values below `name`. It lives as long as this one.
  virtual StateWriter& group(std::string_view name) = 0;
};

// Gives the values back. Each getter throws Error(kMismatch), which names the entry, if there is no
// such value or it is of another kind. Tensors are on the CPU and contiguous, and belong to the
// caller. Valid only during the call of Stateful::load().
class StateReader {
 public:
  virtual ~StateReader() = default;

  virtual bool contains(std::string_view name) const = 0;  // true for a value or a group
  virtual bool is_none(std::string_view name) const = 0;
  virtual at::Tensor tensor(std::string_view name) const = 0;
  virtual std::int64_t integer(std::string_view name) const = 0;
  virtual double real(std::string_view name) const = 0;
  virtual bool boolean(std::string_view name) const = 0;
  virtual std::string text(std::string_view name) const = 0;
  virtual const StateReader& group(std::string_view name) const = 0;  // lives as long as this one
  virtual std::vector<std::string> names() const = 0;  // of values and groups, as they were saved
};

// An object that can be registered with State::add. load() gets what save() wrote, possibly in
// another process and years later. If the values do not fit the object, load() throws; use
// Error(kMismatch).
//
// What save() or load() throws reaches the caller of the save or restore as an Error that names the
// object. Its kind is that of the Error that was thrown; for LibTorch's c10::Error kUnsupported
// from a save and kMismatch from a load; for any other exception kIo. The exception itself is
// nested in the Error: std::rethrow_if_nested(error) throws it again with its own type. Only
// std::bad_alloc is thrown on as it is.
class Stateful {
 public:
  virtual ~Stateful() = default;
  virtual void save(StateWriter& writer) const = 0;
  virtual void load(const StateReader& reader) = 0;
};

}  // namespace holdfast
