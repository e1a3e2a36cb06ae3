#include <holdfast/checkpoint/exchange/state_dict.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/reading.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

std::vector<std::string> keys_of(const Dict& dict) {
  std::vector<std::string> keys;
  for (const DictEntry& entry : dict.entries)
    if (entry.key.text() != nullptr) keys.push_back(*entry.key.text());
  return keys;
}

// Empty: nothing is there.
const Value* find_at(const Value& value, std::string_view path) {
  if (value.dict() == nullptr) return nullptr;
  for (const DictEntry& entry : value.dict()->entries) {
    const std::string* key = entry.key.text();
    if (key == nullptr || path.substr(0, key->size()) != *key) continue;
    const std::string_view rest = path.substr(key->size());
    if (rest.empty()) return &entry.value;
    if (rest.front() != '.') continue;
    if (const Value* found = find_at(entry.value, rest.substr(1))) return found;
  }
  return nullptr;
}

void check_flat(const Value& value, const std::string& file) {
  if (value.dict() == nullptr)
    throw Error(ErrorKind::kUnsupported, "no state dict")
        .at(file)
        .expected("a dict of tensors")
        .found("a " + std::string(value.type_name()));
  std::vector<std::string> dicts;
  for (const DictEntry& entry : value.dict()->entries)
    if (entry.value.dict() != nullptr && entry.key.text() != nullptr)
      dicts.push_back(*entry.key.text());
  if (!dicts.empty())
    throw Error(ErrorKind::kUnsupported, "no state dict, but a dict with others in it")
        .at(file)
        .found(format::list_in_quotes(dicts))
        .remedy("choose one by its key (--key of the tool)");
}

std::string last_component(const std::string& name) {
  return name.substr(name.rfind('.') + 1);
}

}  // namespace

const Value& value_at(const Value& value, const std::string& path, const std::string& file) {
  if (path.empty()) return value;
  if (const Value* found = find_at(value, path)) return *found;
  Error error(ErrorKind::kNotFound, "there is no such key in the file");
  error.at(file).found(format::in_quotes(path));
  if (value.dict() != nullptr) error.expected(format::list_in_quotes(keys_of(*value.dict())));
  throw error;
}

std::vector<Item> tensors_of(const Value& value, const std::string& file) {
  check_flat(value, file);
  std::vector<Item> items = while_reading(file, [&] { return items_of(value); });
  if (items.empty()) throw Error(ErrorKind::kUnsupported, "a state dict without a tensor").at(file);
  for (const Item& item : items)
    if (item.kind != format::Kind::kTensor)
      throw Error(ErrorKind::kUnsupported,
                  format::in_quotes(item.name) + " is no tensor, and a model has nothing else")
          .at(file)
          .found("a value of the kind " + std::string(to_string(item.kind)));
  return items;
}

bool is_buffer_by_convention(const Item& item) {
  const std::string name = last_component(item.name);
  const bool is_complex = item.dtype == DType::kComplex64 || item.dtype == DType::kComplex128;
  return (!is_floating_point(item.dtype) && !is_complex) || name == "running_mean" ||
         name == "running_var" || name == "num_batches_tracked";
}

std::vector<Item> choose(const std::vector<Item>& items,
                         const std::function<bool(const Item&)>& is_wanted) {
  std::unordered_map<std::string, std::shared_ptr<Source>> sources;  // by original
  for (const Item& item : items)
    if (item.alias_of.empty()) sources.emplace(item.name, item.source);
  std::vector<Item> chosen;
  std::unordered_map<std::string, std::string> first;  // by original, who has its bytes now
  for (const Item& item : items) {
    if (!is_wanted(item)) continue;
    const std::string& original = item.alias_of.empty() ? item.name : item.alias_of;
    const auto [owner, is_first] = first.emplace(original, item.name);
    Item& own = chosen.emplace_back(item);
    own.alias_of = is_first ? "" : owner->second;
    own.source = is_first ? sources.at(original) : nullptr;
  }
  return chosen;
}

std::vector<Item> in_order(std::vector<Item> items, const std::vector<std::string>& order) {
  std::unordered_map<std::string, std::size_t> places;
  for (const std::string& name : order) places.emplace(name, places.size());
  const auto place_of = [&](const Item& item) {
    const auto found = places.find(item.name);
    return found == places.end() ? places.size() : found->second;
  };
  std::stable_sort(items.begin(), items.end(),
                   [&](const Item& a, const Item& b) { return place_of(a) < place_of(b); });
  return choose(items, [](const Item&) { return true; });
}

std::vector<Item> renamed(std::vector<Item> items,
                          const std::function<std::string(const std::string&)>& rename) {
  for (Item& item : items) {
    item.name = rename(item.name);
    if (!item.alias_of.empty()) item.alias_of = rename(item.alias_of);
  }
  return items;
}

}  // namespace holdfast::exchange
