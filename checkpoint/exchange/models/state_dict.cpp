#include <holdfast/checkpoint/exchange/models/state_dict.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

std::vector<std::string> keys_of(const Dict& dict) {
  std::vector<std::string> keys;
  for (const DictEntry& entry : dict.entries)
    if (entry.key.text() != nullptr) keys.push_back(*entry.key.text());
  return keys;
}

// nullptr: nothing is there.
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
    throw Error(ErrorKind::kUnsupported, "this is not a state dict")
        .at(file)
        .expected("a dict of tensors")
        .found("a " + std::string(value.type_name()));
  std::vector<std::string> dicts;
  for (const DictEntry& entry : value.dict()->entries)
    if (entry.value.dict() != nullptr && entry.key.text() != nullptr)
      dicts.push_back(*entry.key.text());
  if (!dicts.empty())
    throw Error(ErrorKind::kUnsupported, "this is not a state dict, but a dict of dicts")
        .at(file)
        .found(format::list_in_quotes(dicts))
        .remedy("choose one by its key (--key of the tool)");
}

std::string last_component(const std::string& name) {
  return name.substr(name.rfind('.') + 1);
}

// Names are paths with dots, or with slashes where numpy keeps TensorFlow's.
constexpr std::string_view kSeparators = "./";

bool is_separator(char c) {
  return kSeparators.find(c) != std::string_view::npos;
}
bool is_same_in_paths(char a, char b) {
  return a == b || (is_separator(a) && is_separator(b));
}

std::string_view first_component(std::string_view name) {
  return name.substr(0, name.find_first_of(kSeparators));
}

// "model.fc1.weight" continues "model".
bool continues(const std::string& name, const std::string& path) {
  return name.size() > path.size() + 1 &&
         std::equal(path.begin(), path.end(), name.begin(), is_same_in_paths) &&
         is_separator(name[path.size()]);
}

std::vector<std::string> names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

// Lists what the names in the file begin with.
[[noreturn]] void throw_no_such_key(const std::string& path, const std::vector<std::string>& names,
                                    const std::string& file) {
  std::vector<std::string> keys;
  for (const std::string& name : names) {
    const std::string key(first_component(name));
    if (keys.empty() || keys.back() != key) keys.push_back(key);
  }
  throw Error(ErrorKind::kNotFound, "there is no such key in the file")
      .at(file)
      .expected(format::list_in_quotes(keys))
      .found(format::in_quotes(path));
}

template <std::size_t kCount>
bool is_one_of(const std::array<std::string_view, kCount>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What programs call the group that has an optimizer's state: PyTorch's trainers, Keras
// (optimizer_weights: Keras 2), optax (opt_state).
constexpr std::array<std::string_view, 10> kOptimizers = {
    "optimizer",       "optimizers",       "optimizer_weights",
    "optimizer_state", "optimizer_states", "optimizer_state_dict",
    "optim_state",     "optim_state_dict", "opt_state",
    "opt_states"};
// What they call a slot that stands beside its parameter: PyTorch, TensorFlow 1.
constexpr std::array<std::string_view, 9> kSlots = {
    "exp_avg",  "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg",
    "grad_avg", "Adam",       "Adam_1",         "Momentum"};
constexpr std::string_view kGenerator = "rng_state";  // "cuda_rng_state", "rng_states" too

// Whose a tensor is, by its name.
struct Foreign {
  const char* owner = nullptr;                 // nullptr: a model's
  std::size_t group = std::string_view::npos;  // where in the name the owner's group begins
};

Foreign foreign(std::string_view name) {
  for (std::size_t begin = 0; begin < name.size();) {
    const std::string_view component = first_component(name.substr(begin));
    const std::size_t end = begin + component.size();
    const bool is_last = end == name.size();
    const std::size_t group = is_last ? std::string_view::npos : begin;
    if (is_one_of(kOptimizers, component)) return {"an optimizer", group};
    if (component.find(kGenerator) != std::string_view::npos)
      return {"a random number generator", group};
    // TensorFlow numbers the results of an operation: "Adam:0".
    if (is_last && is_one_of(kSlots, component.substr(0, component.find(':'))))
      return {"an optimizer"};
    begin = end + 1;
  }
  return {};
}

// The groups beside the one of the foreign tensor that have tensors of a model, as paths.
std::vector<std::string> keys_beside(const std::string& name, const Foreign& found,
                                     const std::vector<Item>& tensors, const std::string& key) {
  constexpr std::size_t kMostKeys = 100;  // more than a message has room for
  std::vector<std::string> keys;
  if (found.group == std::string_view::npos) return keys;
  const std::string parent = name.substr(0, found.group);
  for (const Item& tensor : tensors) {
    if (keys.size() == kMostKeys) break;
    if (tensor.name.compare(0, parent.size(), parent) != 0) continue;
    if (foreign(tensor.name).owner != nullptr) continue;
    const std::string beside =
        parent + std::string(first_component(std::string_view(tensor.name).substr(parent.size())));
    if (beside == tensor.name) continue;  // a tensor, and no group of them
    const std::string path = key.empty() ? beside : key + "." + beside;
    if (std::find(keys.begin(), keys.end(), path) == keys.end()) keys.push_back(path);
  }
  return keys;
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
  if (items.empty()) throw Error(ErrorKind::kUnsupported, "the state dict has no tensors").at(file);
  for (const Item& item : items)
    if (item.kind != Kind::kTensor)
      throw Error(ErrorKind::kUnsupported,
                  format::in_quotes(item.name) + " is not a tensor, and a model has nothing else")
          .at(file)
          .found("a value of the kind " + std::string(to_string(item.kind)));
  return items;
}

std::vector<Item> tensors_at(const Value& value, const std::string& path, const std::string& file) {
  if (value.dict() == nullptr || path.empty() || find_at(value, path) != nullptr)
    return tensors_of(value_at(value, path, file), file);
  Dict below;
  for (const DictEntry& entry : value.dict()->entries) {
    const std::string* name = entry.key.text();
    if (name != nullptr && continues(*name, path))
      below.add(name->substr(path.size() + 1), entry.value);
  }
  if (below.entries.empty()) throw_no_such_key(path, keys_of(*value.dict()), file);
  return tensors_of(below, file);
}

std::vector<Item> tensors_at(const std::vector<Item>& items, const std::string& path,
                             const std::string& file) {
  const auto is_wanted = [&](const Item& item) {
    return path.empty() || item.name == path || continues(item.name, path);
  };
  const std::vector<Item> chosen = choose(items, is_wanted);
  if (chosen.empty() && !path.empty()) throw_no_such_key(path, names_of(items), file);
  // Values are read for what was chosen alone.
  const Value values = while_reading(file, [&] { return value_of(chosen); });
  return tensors_at(values, path, file);
}

void require_model_alone(const std::vector<Item>& tensors, const std::string& key,
                         const std::string& file) {
  const Item* first = nullptr;
  std::size_t count = 0;
  for (const Item& tensor : tensors) {
    if (foreign(tensor.name).owner == nullptr) continue;
    if (first == nullptr) first = &tensor;
    ++count;
  }
  if (first == nullptr) return;
  const Foreign found = foreign(first->name);
  const std::vector<std::string> keys = keys_beside(first->name, found, tensors, key);
  throw Error(ErrorKind::kUnsupported, "not all of these tensors are a model's")
      .at(file)
      .expected("a model alone")
      .found(format::in_quotes(first->name) +
             (count > 1 ? " and " + std::to_string(count - 1) + " more" : "") + " of " +
             found.owner + " among " + std::to_string(tensors.size()))
      .remedy(keys.empty() ? "write a file of the model alone, or compare it with a checkpoint of "
                             "the model (--like of the tool)"
                           : "choose the model by its key (--key of the tool): " +
                                 format::list_in_quotes(keys));
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
