#include <holdfast/checkpoint/exchange/values/value.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::exchange {
namespace {

template <typename Key>
const Value* find_in(const Dict& dict, const Key& is_wanted) {
  const auto found = std::find_if(dict.entries.begin(), dict.entries.end(),
                                  [&](const DictEntry& entry) { return is_wanted(entry.key); });
  return found == dict.entries.end() ? nullptr : &found->value;
}

template <typename T>
Item scalar_item(DType dtype, T value) {
  Item item;
  item.kind = Kind::kScalar;
  item.dtype = dtype;
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  item.source = std::make_shared<OwnedBytes>(std::move(bytes));
  return item;
}

Item text_item(const std::string& text) {
  Item item;
  item.kind = Kind::kText;
  item.shape = {static_cast<std::int64_t>(text.size())};
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  if (!text.empty())
    item.source = std::make_shared<OwnedBytes>(std::vector<std::byte>(bytes, bytes + text.size()));
  return item;
}

Item tensor_item(const Tensor& tensor) {
  Item item;
  item.dtype = tensor.dtype;
  item.shape = tensor.shape;
  item.source = tensor.source;
  return item;
}

Item none_item() {
  Item item;
  item.kind = Kind::kNone;
  return item;
}

Item item_of(const Value& value, const std::string& name) {
  if (const Tensor* tensor = value.tensor()) return tensor_item(*tensor);
  if (const bool* boolean = value.boolean()) return scalar_item(DType::kBool, *boolean);
  if (const std::int64_t* integer = value.integer()) return scalar_item(DType::kInt64, *integer);
  if (const double* real = value.real()) return scalar_item(DType::kFloat64, *real);
  if (const std::string* text = value.text()) return text_item(*text);
  if (value.is_none()) return none_item();
  throw Error(ErrorKind::kUnsupported, in_quotes(name) + " is not a single value")
      .expected("a tensor, a number, a string or None")
      .found("a " + std::string(value.type_name()))
      .remedy("pick the dict that holds the tensors (--key of the tool)");
}

std::vector<std::byte> read_bytes(const Item& item) {
  std::vector<std::byte> bytes(bytes_of(item.dtype, item.shape));
  if (!bytes.empty()) copy_bytes(item, 0, bytes);
  return bytes;
}

template <typename T>
T read_scalar(const Item& item) {
  T value;
  copy_bytes(item, 0, ByteSpan(&value, sizeof value));
  return value;
}

Value scalar_of(const Item& item) {
  switch (item.dtype) {
    case DType::kBool:
      return read_scalar<std::uint8_t>(item) != 0;
    case DType::kInt64:
      return read_scalar<std::int64_t>(item);
    case DType::kFloat64:
      return read_scalar<double>(item);
    default:
      throw Error(ErrorKind::kInvalidArgument, "a scalar cannot have this dtype")
          .at(item.name)
          .expected("bool, int64 or float64")
          .found(std::string(name_of(item.dtype)));
  }
}

Value text_of(const Item& item) {
  const std::vector<std::byte> bytes = read_bytes(item);
  std::string text(ByteView(bytes).text());
  if (is_utf8(text)) return text;
  throw Error(ErrorKind::kUnsupported, "this text cannot be a string of Python")
      .at(item.name)
      .expected("UTF-8")
      .found(in_quotes(text));
}

Value tensor_of(const Item& item) {
  auto tensor = std::make_shared<Tensor>();
  tensor->dtype = item.dtype;
  tensor->shape = item.shape;
  tensor->source = item.source;
  return std::shared_ptr<const Tensor>(std::move(tensor));
}

std::string key_in_path(const Value& key) {
  if (key.text() != nullptr) return *key.text();
  return key.integer() == nullptr ? std::string(key.type_name()) : std::to_string(*key.integer());
}

// Whether the tensor is in the value. If so, adds to `path` the keys that lead to it.
bool find_path(const Tensor& tensor, const Value& value, std::string& path) {
  const auto finds_in = [&](const std::string& key, const Value& inner) {
    const std::size_t before = path.size();
    path += (path.empty() ? "" : ".") + key;
    const bool found = inner.tensor() == &tensor || find_path(tensor, inner, path);
    if (!found) path.resize(before);
    return found;
  };
  if (const Dict* dict = value.dict())
    return std::any_of(dict->entries.begin(), dict->entries.end(), [&](const DictEntry& entry) {
      return finds_in(key_in_path(entry.key), entry.value);
    });
  const std::vector<Value>* elements = value.sequence();
  for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i)
    if (finds_in(std::to_string(i), (*elements)[i])) return true;
  return false;
}

Value value_of_item(const Item& item) {
  switch (item.kind) {
    case Kind::kTensor:
      return tensor_of(item);
    case Kind::kScalar:
      return scalar_of(item);
    case Kind::kText:
      return text_of(item);
    case Kind::kNone:
      return {};
    case Kind::kUndefined:
      break;
  }
  throw Error(ErrorKind::kUnsupported, "Python has no value for an undefined tensor").at(item.name);
}

}  // namespace

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

const Value* Dict::find(std::string_view key) const {
  return find_in(*this,
                 [&](const Value& own) { return own.text() != nullptr && *own.text() == key; });
}

const Value* Dict::find(std::int64_t key) const {
  return find_in(
      *this, [&](const Value& own) { return own.integer() != nullptr && *own.integer() == key; });
}

void Dict::add(Value key, Value value) {
  entries.push_back({std::move(key), std::move(value)});
}

const std::vector<Value>* Value::sequence() const {
  if (const List* elements = list()) return &elements->elements;
  if (const Tuple* elements = tuple()) return &elements->elements;
  return nullptr;
}

const Tensor* Value::tensor() const {
  const auto* shared = std::get_if<std::shared_ptr<const Tensor>>(&data_);
  return shared == nullptr ? nullptr : shared->get();
}

std::shared_ptr<const Tensor> Value::shared_tensor() const {
  const auto* shared = std::get_if<std::shared_ptr<const Tensor>>(&data_);
  return shared == nullptr ? nullptr : *shared;
}

std::string_view Value::type_name() const {
  constexpr std::array<std::string_view, std::variant_size_v<Data>> kNames = {
      "None", "bool", "int", "float", "str", "list", "tuple", "dict", "Tensor"};
  return kNames[data_.index()];
}

std::vector<Item> items_of(const Value& value) {
  const Dict* dict = value.dict();
  if (dict == nullptr)
    throw Error(ErrorKind::kUnsupported, "this is not a dict of tensors")
        .found("a " + std::string(value.type_name()));
  std::vector<Item> items;
  items.reserve(dict->entries.size());
  std::unordered_map<const Tensor*, std::string> first;  // by tensor, the name it came under first
  for (const DictEntry& entry : dict->entries) {
    if (entry.key.text() == nullptr)
      throw Error(ErrorKind::kUnsupported, "a key of the dict is not a name")
          .expected("a str")
          .found(std::string(entry.key.type_name()));
    Item& item = items.emplace_back(item_of(entry.value, *entry.key.text()));
    item.name = *entry.key.text();
    if (entry.value.tensor() == nullptr) continue;
    const auto [known, is_first] = first.emplace(entry.value.tensor(), item.name);
    if (is_first) continue;
    item.alias_of = known->second;
    item.source = nullptr;
  }
  return items;
}

std::string path_to(const Tensor& tensor, const Value& value) {
  std::string path;
  return find_path(tensor, value, path) ? path : "";
}

Value value_of(const std::vector<Item>& items) {
  Dict dict;
  dict.is_ordered = true;
  dict.entries.reserve(items.size());
  std::unordered_map<std::string_view, Value> by_name;
  for (const Item& item : items) {
    const auto target = by_name.find(item.alias_of);
    if (!item.alias_of.empty() && target == by_name.end())
      throw Error(ErrorKind::kInvalidArgument,
                  "it is tied to something that is not an earlier item")
          .at(item.name)
          .found(item.alias_of);
    Value value = item.alias_of.empty() ? value_of_item(item) : target->second;
    if (!by_name.emplace(item.name, value).second)
      throw Error(ErrorKind::kInvalidArgument, "two items have the same name").at(item.name);
    dict.add(item.name, std::move(value));
  }
  return dict;
}

}  // namespace holdfast::exchange
