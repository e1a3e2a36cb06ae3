#include <holdfast/checkpoint/state/value_tree.h>

#include <ATen/core/jit_type.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {
namespace {

constexpr const char* kTuple = "tuple";
constexpr const char* kArchive = "archive";

struct ListType {
  const char* name;
  c10::TypePtr element;
};

std::vector<ListType> list_types() {
  return {{"list of tensor", c10::TensorType::get()},
          {"list of int", c10::IntType::get()},
          {"list of float", c10::FloatType::get()},
          {"list of bool", c10::BoolType::get()},
          {"list of string", c10::StringType::get()}};
}

[[noreturn]] void refuse(const std::string& name, const std::string& kind) {
  throw Error(ErrorKind::kUnsupported, "a checkpoint cannot hold this value of an optimizer")
      .at(name)
      .expected("tensors, numbers, strings, None, and tuples, lists and archives of these")
      .found(kind);
}

std::string list_type_of(const std::string& name, const c10::TypePtr& element) {
  for (const ListType& type : list_types()) {
    if (*type.element == *element) return type.name;
  }
  refuse(name, "a list of " + element->str());
}

template <typename Elements>
void add_elements(Capture& capture, const std::string& name, const std::string& type,
                  const Elements& elements) {
  capture.text(name + "/type", type);
  std::size_t index = 0;
  for (const at::IValue& element : elements) {
    add_value(capture, name + "/" + std::to_string(index++), element);
  }
}

void add_archive(Capture& capture, const std::string& name, const torch::jit::Module& module) {
  capture.text(name + "/type", kArchive);
  for (const auto& [key, value] : values_of(module)) {
    add_value(capture, name + "/values/" + format::escape(key), value);
  }
}

std::vector<at::IValue> elements_of(const StoredState& group) {
  std::vector<at::IValue> elements;
  for (std::size_t i = 0; group.contains(std::to_string(i)); ++i) {
    elements.push_back(value_of(group, std::to_string(i)));
  }
  return elements;
}

// As IValue::type(), which throws for an undefined tensor.
c10::TypePtr type_of(const at::IValue& value) {
  return value.isTensor() ? c10::TensorType::get() : value.type();
}

at::IValue list_of(const StoredState& group, const c10::TypePtr& element) {
  c10::impl::GenericList list(element);
  for (at::IValue& value : elements_of(group)) {
    const c10::TypePtr type = type_of(value);
    if (!type->isSubtypeOf(*element)) {
      throw Error(ErrorKind::kMismatch, "an element of the list is of another type")
          .at(group.path())
          .expected(element->str())
          .found(type->str());
    }
    list.push_back(std::move(value));
  }
  return list;
}

at::IValue archive_of(const StoredState& group) {
  torch::serialize::OutputArchive archive;
  if (const StoredState* values = group.find_group("values")) {
    for (const std::string& key : values->names()) write(archive, key, value_of(*values, key));
  }
  return module_of(archive)._ivalue();
}

at::IValue container_of(const StoredState& group) {
  const std::string type = group.text("type");
  if (type == kTuple) return c10::ivalue::Tuple::create(elements_of(group));
  if (type == kArchive) return archive_of(group);
  for (const ListType& known : list_types()) {
    if (type == known.name) return list_of(group, known.element);
  }
  throw Error(ErrorKind::kMismatch, "the value is of an unknown type")
      .at(group.path())
      .found("\"" + type + "\"");
}

at::IValue scalar_of(const at::Tensor& value) {
  const at::Scalar scalar = value.item();
  if (scalar.isBoolean()) return scalar.toBool();
  if (scalar.isFloatingPoint()) return scalar.toDouble();
  return scalar.toLong();
}

}  // namespace

void add_value(Capture& capture, const std::string& name, const at::IValue& value) {
  if (value.isTensor()) return capture.tensor(name, value.toTensor());
  if (value.isInt()) return capture.integer(name, value.toInt());
  if (value.isDouble()) return capture.real(name, value.toDouble());
  if (value.isBool()) return capture.boolean(name, value.toBool());
  if (value.isString()) return capture.text(name, value.toStringRef());
  if (value.isNone()) return capture.none(name);
  if (value.isTuple()) return add_elements(capture, name, kTuple, value.toTupleRef().elements());
  if (value.isModule()) return add_archive(capture, name, value.toModule());
  if (!value.isList()) refuse(name, value.tagKind());
  const c10::List<at::IValue> list = value.toList();
  add_elements(capture, name, list_type_of(name, list.elementType()), list.vec());
}

at::IValue value_of(const StoredState& parent, const std::string& name) {
  const StoredState::Value* value = parent.find(name);
  if (value == nullptr) return container_of(parent.group(name));
  switch (value->kind) {
    case Kind::kScalar:
      return scalar_of(value->tensor);
    case Kind::kText:
      return parent.text(name);
    case Kind::kNone:
      return {};
    case Kind::kTensor:
    case Kind::kUndefined:
      break;
  }
  return value->tensor;
}

}  // namespace holdfast
