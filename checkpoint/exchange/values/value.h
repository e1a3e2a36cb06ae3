// The values of Python that a file can hold: None, bools, numbers, strings, tensors, and lists,
// tuples and dicts of these.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

// A tensor. Its source gives the elements in row-major order, however the file has them. Values
// that share a Tensor are tied.
struct Tensor {
  DType dtype = DType::kUInt8;
  Shape shape;
  std::shared_ptr<Source> source;  // null if the tensor has no bytes
};

class Value;
struct DictEntry;

struct List {
  std::vector<Value> elements;
};

struct Tuple {
  std::vector<Value> elements;
};

struct Dict {
  std::vector<DictEntry> entries;  // in Python's order; no key twice
  bool is_ordered = false;         // a collections.OrderedDict

  // nullptr if there is no such key.
  const Value* find(std::string_view key) const;
  const Value* find(std::int64_t key) const;
  void add(Value key, Value value);
};

// One value. Copies share their tensors.
class Value {
 public:
  Value();  // None
  Value(bool value);
  Value(int value);
  Value(std::int64_t value);
  Value(double value);
  Value(const char* value);
  Value(std::string value);
  Value(List value);
  Value(Tuple value);
  Value(Dict value);
  Value(std::shared_ptr<const Tensor> value);
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }

  // nullptr for a value of another type.
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
  const double* real() const { return std::get_if<double>(&data_); }
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const List* list() const { return std::get_if<List>(&data_); }
  const Tuple* tuple() const { return std::get_if<Tuple>(&data_); }
  const Dict* dict() const { return std::get_if<Dict>(&data_); }
  const std::vector<Value>* sequence() const;  // the elements of a list or a tuple
  const Tensor* tensor() const;
  std::shared_ptr<const Tensor> shared_tensor() const;

  std::string_view type_name() const;  // as Python calls it: "None", "float", "dict", "Tensor" …

 private:
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Tuple,
                            Dict, std::shared_ptr<const Tensor>>;
  Data data_;
};

struct DictEntry {
  Value key;
  Value value;
};

// These are defined here because C++20 needs DictEntry to be complete for them.
inline Value::Value(bool value) : data_(value) {}
inline Value::Value(int value) : data_(std::int64_t{value}) {}
inline Value::Value(std::int64_t value) : data_(value) {}
inline Value::Value(double value) : data_(value) {}
inline Value::Value(const char* value) : data_(std::string(value)) {}
inline Value::Value(std::string value) : data_(std::move(value)) {}
inline Value::Value(List value) : data_(std::move(value)) {}
inline Value::Value(Tuple value) : data_(std::move(value)) {}
inline Value::Value(Dict value) : data_(std::move(value)) {}
inline Value::Value(std::shared_ptr<const Tensor> value) : data_(std::move(value)) {}

// The entries of a dict with strings as keys, as items of these names. Tensors that are tied become
// aliases of the first; bool, int and float become Kind::kScalar, str kText, and None kNone.
// Error(kUnsupported) names an entry that is anything else, such as a dict.
std::vector<Item> items_of(const Value& value);

// The keys that lead to the first place of a tensor in a value: "model.fc1.weight". Empty if the
// tensor is not there.
std::string path_to(const Tensor& tensor, const Value& value);

// The inverse of items_of(): an ordered dict. Reads the bytes of scalars and texts.
// Error(kUnsupported) for an undefined tensor or a text that is not UTF-8; Error(kInvalidArgument)
// for two items of one name or an alias of no earlier item.
Value value_of(const std::vector<Item>& items);

}  // namespace holdfast::exchange
