// PickleObjects: storages, and the tensors that view them.
#include <limits>
#include <utility>

#include <holdfast/checkpoint/exchange/pickle/objects.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

using Type = Object::Type;

// Equal for views of the same elements in the same order. The stride of a dimension of one element
// does not count.
std::vector<std::int64_t> key_of_view(std::uint32_t storage, DType dtype, const View& view) {
  std::vector<std::int64_t> key{storage, static_cast<std::int64_t>(dtype),
                                static_cast<std::int64_t>(view.offset)};
  key.insert(key.end(), view.shape.begin(), view.shape.end());
  for (std::size_t d = 0; d < view.shape.size(); ++d)
    if (view.shape[d] != 1) key.push_back(static_cast<std::int64_t>(view.strides[d]));
  return key;
}

}  // namespace

// ("storage", its type, its name, the device that it was on, its number of elements)
Object PickleObjects::persistent(const Object& id) {
  const std::vector<Object>& parts = elements_of(id, "the parts of a storage");
  const bool is_storage = parts.size() == 5 && parts[0].type == Type::kText &&
                          text(parts[0]) == "storage" && parts[1].type == Type::kGlobal &&
                          parts[2].type == Type::kText;
  if (!is_storage) throw damaged("a reference to something that is not a storage");
  const KnownGlobal& type = globals_[parts[1].index];
  const bool is_untyped = type.global == Global::kUntypedStorage;
  if (type.global != Global::kStorage && !is_untyped)
    throw damaged("a storage has an impossible type");
  const auto count = static_cast<std::uint64_t>(integer_of(parts[4], "the size of a storage"));
  const std::uint64_t size = is_untyped ? 1 : size_of(*type.dtype);
  if (count > std::numeric_limits<std::int64_t>::max() / size)
    throw damaged("a storage of more than 2^63 bytes");

  const std::string name(text(parts[2]));
  const auto [known, is_new] =
      storage_by_name_.emplace(name, static_cast<std::uint32_t>(storages_.size()));
  if (is_new)
    storages_.push_back({find_storage_(name, count * size), type.dtype, count * size, {}, {}});
  const Storage& storage = storages_[known->second];
  if (storage.bytes != count * size || storage.dtype != type.dtype)
    throw damaged("the storage " + format::in_quotes(name) + " is described in two ways");
  return numbered(Type::kStorage, known->second);
}

// (storage, offset, size, stride, requires_grad, hooks[, dtype][, metadata])
Object PickleObjects::rebuild_tensor(const std::vector<Object>& arguments, bool is_typed) {
  const std::size_t needed = is_typed ? 7 : 6;
  if (arguments.size() < needed || arguments.size() > needed + 1 ||
      arguments[0].type != Type::kStorage)
    throw damaged("a tensor has the wrong arguments");
  if (arguments.size() > needed) require_plain(arguments[needed]);
  const Storage& storage = storages_[arguments[0].index];
  std::optional<DType> dtype = storage.dtype;
  if (is_typed) {
    const bool is_dtype =
        arguments[6].type == Type::kGlobal && globals_[arguments[6].index].global == Global::kDtype;
    dtype = is_dtype ? globals_[arguments[6].index].dtype : std::nullopt;
  }
  if (!dtype) throw damaged("a tensor has no dtype");
  return tensor_of(arguments[0].index, *dtype, arguments);
}

void PickleObjects::require_plain(const Object& metadata) {
  const bool is_dict = metadata.type == Type::kDict || metadata.type == Type::kOrderedDict;
  if (metadata.type == Type::kNone || (is_dict && elements(metadata).empty())) return;
  throw refused("a tensor whose values are conjugated or negated as they are read")
      .remedy("in Python, save its .resolve_conj().resolve_neg()");
}

View PickleObjects::view_of_tensor(const std::vector<Object>& arguments) {
  View view;
  view.offset = static_cast<std::uint64_t>(integer_of(arguments[1], "the offset of a tensor"));
  for (const Object& size : elements_of(arguments[2], "the sizes of a tensor"))
    view.shape.push_back(integer_of(size, "a size of a tensor"));
  for (const Object& stride : elements_of(arguments[3], "the strides of a tensor"))
    view.strides.push_back(static_cast<std::uint64_t>(integer_of(stride, "a stride of a tensor")));
  if (view.shape.size() != view.strides.size())
    throw damaged("a tensor does not have one stride for each dimension");
  if (view.shape.size() <= kMaxRank) return view;
  throw refused("a tensor has too many dimensions")
      .expected(std::to_string(kMaxRank) + " at most")
      .found(std::to_string(view.shape.size()));
}

void PickleObjects::check_view(const View& view, DType dtype, const Storage& storage) const {
  const auto extent = extent_of(view);
  if (!extent || *extent > storage.bytes / size_of(dtype))
    throw damaged("a tensor of shape " + to_string(view.shape) + " outside of its storage");
  // With strides of 0 a few bytes would become terabytes.
  if (has_separate_elements(view)) return;
  throw refused("a tensor of shape " + to_string(view.shape) +
                " that is expanded from fewer elements")
      .remedy("in Python, save its .clone()");
}

Object PickleObjects::tensor_of(std::uint32_t index, DType dtype,
                                const std::vector<Object>& arguments) {
  Storage& storage = storages_[index];
  View view = view_of_tensor(arguments);
  check_view(view, dtype, storage);
  const auto [known, is_new] = tensor_by_view_.emplace(key_of_view(index, dtype, view),
                                                       static_cast<std::uint32_t>(tensors_.size()));
  if (!is_new) return numbered(Type::kTensor, known->second);
  storage.views.push_back({view, size_of(dtype)});
  storage.tensors.push_back(known->second);

  auto tensor = std::make_shared<Tensor>();
  tensor->dtype = dtype;
  tensor->shape = view.shape;
  if (bytes_of(dtype, view.shape) > 0)
    tensor->source = view_of(storage.source, size_of(dtype), std::move(view));
  tensors_.push_back(std::move(tensor));
  return numbered(Type::kTensor, known->second);
}

void PickleObjects::check_sharing(const Value& value) const {
  for (const Storage& storage : storages_) {
    const auto pair = find_overlap(storage.views);
    if (!pair) continue;
    const auto name = [&](std::size_t view) {
      return format::in_quotes(path_to(*tensors_[storage.tensors[view]], value));
    };
    throw refused("tensors that share some of their elements, or view them in two ways")
        .found(name(pair->first) + " and " + name(pair->second))
        .remedy("in Python, save a .clone() of one of them");
  }
}

}  // namespace holdfast::exchange
