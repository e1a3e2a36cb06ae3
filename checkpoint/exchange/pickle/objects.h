// The objects of a pickle that is being read. Internal to exchange/.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/pickle/globals.h>
#include <holdfast/checkpoint/exchange/pickle/reader.h>
#include <holdfast/checkpoint/exchange/values/view_overlap.h>

namespace holdfast::exchange {

// A reference to an object, as Python has them. Holds small values itself; others are numbered, and
// PickleObjects holds them.
struct Object {
  enum class Type : std::uint8_t {
    kNone,
    kBool,
    kInteger,
    kReal,
    kText,
    kList,
    kTuple,
    kDict,  // its elements are key, value, key, value …
    kOrderedDict,
    kGlobal,
    kStorage,
    kTensor,
  };
  struct Range {
    std::uint32_t begin, size;
  };

  Type type = Type::kNone;
  union {
    bool boolean;
    std::int64_t integer;
    double real;
    Range text;           // in the pickle
    std::uint32_t index;  // number of any other object, counted by type
  };

  Object() : integer(0) {}
  explicit Object(Type t) : type(t), integer(0) {}
};

// A reference to an object that PickleObjects holds.
inline Object numbered(Object::Type type, std::size_t index) {
  Object object(type);
  object.index = static_cast<std::uint32_t>(index);
  return object;
}

class PickleObjects {
 public:
  // The arguments outlive this.
  PickleObjects(ByteView pickle, const FindStorage& find_storage, const std::string& path);

  Object container(Object::Type type, std::vector<Object> elements = {});
  std::vector<Object>& elements(const Object& container) { return containers_[container.index]; }
  std::string_view text(const Object& text) const {
    return pickle_.substr(text.text.begin, text.text.size);
  }

  Object global(std::string_view module, std::string_view name);
  Object call(const Object& function, const Object& arguments);
  Object persistent(const Object& id);  // a storage

  // Error(kCorrupt) for an object that contains itself, or makes too many values;
  // Error(kUnsupported) names tensors that share elements.
  Value value_of(const Object& object);

  Error damaged(const std::string& problem) const;
  Error refused(const std::string& problem) const;

 private:
  struct Storage {
    std::shared_ptr<Source> source;
    std::optional<DType> dtype;
    std::uint64_t bytes;
    std::vector<TypedView> views;        // all of the storage, no two the same
    std::vector<std::uint32_t> tensors;  // the number of each view's tensor
  };

  const std::vector<Object>& elements_of(const Object& sequence, const char* what);
  std::int64_t integer_of(const Object& object, const char* what) const;
  Object rebuild_tensor(const std::vector<Object>& arguments, bool is_typed);
  Object tensor_of(std::uint32_t index, DType dtype, const std::vector<Object>& arguments);
  View view_of_tensor(const std::vector<Object>& arguments);
  void check_view(const View& view, DType dtype, const Storage& storage) const;
  void check_sharing(const Value& value) const;
  void require_plain(const Object& metadata);
  void spend(std::uint64_t values);
  Value value_of(const Object& object, int depth);
  Value dict_of(const Object& object, int depth);
  std::vector<Value> values_of(const Object& object, int depth);
  std::string key_of(const Object& key) const;

  std::string_view pickle_;
  const FindStorage& find_storage_;
  const std::string& path_;
  std::vector<std::vector<Object>> containers_;
  std::vector<KnownGlobal> globals_;
  std::vector<Storage> storages_;
  std::map<std::string, std::uint32_t, std::less<>> storage_by_name_;
  std::vector<std::shared_ptr<const Tensor>> tensors_;
  std::map<std::vector<std::int64_t>, std::uint32_t> tensor_by_view_;
  std::uint64_t values_left_;  // how many value_of() may still make
};

}  // namespace holdfast::exchange
