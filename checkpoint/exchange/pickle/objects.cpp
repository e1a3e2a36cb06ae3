#include <holdfast/checkpoint/exchange/pickle/objects.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

using Type = Object::Type;

constexpr int kMaxDepth = 64;
constexpr std::uint64_t kMaxValues = 16'000'000;
constexpr std::uint64_t kTextUnit = 32;  // bytes of text that count as a value

// No honest pickle makes more; one that does repeats a few objects to fill the memory.
std::uint64_t values_for(std::uint64_t pickle_bytes) {
  return std::min(kMaxValues, 1'000'000 + 4 * pickle_bytes);
}
constexpr const char* kSaveStateDicts =
    "in Python, save the state_dict(): tensors, numbers, strings, lists and dicts";

bool is_sequence(const Object& object) {
  return object.type == Type::kList || object.type == Type::kTuple;
}

}  // namespace

PickleObjects::PickleObjects(ByteView pickle, const FindStorage& find_storage,
                             const std::string& path)
    : pickle_(pickle.text()),
      find_storage_(find_storage),
      path_(path),
      values_left_(values_for(pickle.size)) {}

Error PickleObjects::damaged(const std::string& problem) const {
  return Error(ErrorKind::kCorrupt, "the pickle is damaged: " + problem).at(path_);
}

Error PickleObjects::refused(const std::string& problem) const {
  return Error(ErrorKind::kUnsupported, problem).at(path_);
}

Object PickleObjects::container(Type type, std::vector<Object> elements) {
  containers_.push_back(std::move(elements));
  return numbered(type, containers_.size() - 1);
}

Object PickleObjects::global(std::string_view module, std::string_view name) {
  const auto known = find_global(module, name);
  if (!known)
    throw refused("the pickle asks for " +
                  format::in_quotes(std::string(module) + "." + std::string(name)))
        .expected("plain Python values and dense tensors; no code is run")
        .remedy(kSaveStateDicts);
  globals_.push_back(*known);
  return numbered(Type::kGlobal, globals_.size() - 1);
}

const std::vector<Object>& PickleObjects::elements_of(const Object& sequence, const char* what) {
  if (!is_sequence(sequence)) throw damaged(std::string(what) + " are not a list or tuple");
  return elements(sequence);
}

std::int64_t PickleObjects::integer_of(const Object& object, const char* what) const {
  if (object.type != Type::kInteger || object.integer < 0)
    throw damaged(std::string(what) + " is not an integer of 0 or more");
  return object.integer;
}

Object PickleObjects::call(const Object& function, const Object& arguments) {
  if (function.type != Type::kGlobal) throw damaged("it calls something that is not a function");
  const std::vector<Object>& list = elements_of(arguments, "the arguments of a call");
  switch (globals_[function.index].global) {
    case Global::kOrderedDict:
      if (list.empty()) return container(Type::kOrderedDict);
      break;
    case Global::kCounter:
      if (list.empty()) return container(Type::kDict);
      if (list.size() == 1 && list[0].type == Type::kDict) return list[0];
      break;
    case Global::kRebuildTensor:
      return rebuild_tensor(list, /*is_typed=*/false);
    case Global::kRebuildTypedTensor:
      return rebuild_tensor(list, /*is_typed=*/true);
    case Global::kRebuildParameter:
      if (list.size() == 3 && list[0].type == Type::kTensor) return list[0];
      break;
    case Global::kSize:
      if (list.size() == 1 && list[0].type == Type::kTuple) return list[0];
      break;
    case Global::kDevice:
      return arguments;
    case Global::kStorage:
    case Global::kUntypedStorage:
    case Global::kDtype:
      break;
  }
  throw damaged("it calls a function with the wrong arguments");
}

Value PickleObjects::value_of(const Object& object) {
  spend(1);
  Value value = value_of(object, 0);
  check_sharing(value);
  return value;
}

// Counts values: an object that is referred to n times becomes n of them. Called for the elements
// of a list or a dict before memory is taken for them.
void PickleObjects::spend(std::uint64_t values) {
  if (values > values_left_) throw damaged("too many values");
  values_left_ -= values;
}

Value PickleObjects::value_of(const Object& object, int depth) {
  if (depth > kMaxDepth) throw damaged("values nested too deeply, or within themselves");
  switch (object.type) {
    case Type::kNone:
      return {};
    case Type::kBool:
      return object.boolean;
    case Type::kInteger:
      return object.integer;
    case Type::kReal:
      return object.real;
    case Type::kText:
      spend(object.text.size / kTextUnit);
      return std::string(text(object));
    case Type::kList:
      return List{values_of(object, depth)};
    case Type::kTuple:
      return Tuple{values_of(object, depth)};
    case Type::kDict:
    case Type::kOrderedDict:
      return dict_of(object, depth);
    case Type::kTensor:
      return tensors_[object.index];
    case Type::kGlobal:
      if (globals_[object.index].global == Global::kDtype)
        return "torch." + std::string(name_of(*globals_[object.index].dtype));
      break;
    case Type::kStorage:
      break;
  }
  throw refused("the pickle holds a storage or a class, which is not a value")
      .remedy(kSaveStateDicts);
}

std::vector<Value> PickleObjects::values_of(const Object& object, int depth) {
  spend(elements(object).size());
  std::vector<Value> values;
  values.reserve(elements(object).size());
  for (const Object& element : elements(object)) values.push_back(value_of(element, depth + 1));
  return values;
}

Value PickleObjects::dict_of(const Object& object, int depth) {
  const std::vector<Object>& pairs = elements(object);
  spend(pairs.size());
  Dict dict;
  dict.is_ordered = object.type == Type::kOrderedDict;
  dict.entries.reserve(pairs.size() / 2);
  std::unordered_set<std::string> keys;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (!keys.insert(key_of(pairs[i])).second) throw damaged("a dict has a key twice");
    dict.add(value_of(pairs[i], depth + 1), value_of(pairs[i + 1], depth + 1));
  }
  return dict;
}

// The same text for keys that are equal in Python: True and 1 are.
std::string PickleObjects::key_of(const Object& key) const {
  switch (key.type) {
    case Type::kText:
      return "s" + std::string(text(key));
    case Type::kBool:
      return "i" + std::to_string(key.boolean ? 1 : 0);
    case Type::kInteger:
      return "i" + std::to_string(key.integer);
    case Type::kNone:
      return "n";
    default:
      throw refused("a dict has a key that is not a string, an integer or None")
          .remedy(kSaveStateDicts);
  }
}

}  // namespace holdfast::exchange
