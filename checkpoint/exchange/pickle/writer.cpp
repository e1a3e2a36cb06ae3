#include <holdfast/checkpoint/exchange/pickle/writer.h>

#include <cstring>
#include <limits>
#include <string_view>
#include <unordered_map>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/exchange/pickle/globals.h>
#include <holdfast/checkpoint/exchange/values/sources.h>

namespace holdfast::exchange {
namespace {

// The instructions are named as in Python's pickle.py. Only those are used that
// torch.load(weights_only=True) of PyTorch 1.13 knows, and BINFLOAT, which nothing can replace.
class Writer {
 public:
  Pickle write(const Value& value) && {
    text_ += "\x80\x02";  // PROTO 2
    add(value, "");
    text_ += '.';  // STOP
    return {std::move(text_), std::move(storages_)};
  }

 private:
  void add(const Value& value, const std::string& path) {
    if (const bool* boolean = value.boolean()) return add_bool(*boolean);
    if (const std::int64_t* integer = value.integer()) return add_integer(*integer);
    if (const double* real = value.real()) return add_real(*real);
    if (const std::string* text = value.text()) return add_text(*text, path);
    if (const List* list = value.list()) return add_list(*list, path);
    if (const Tuple* tuple = value.tuple()) return add_tuple(tuple->elements, path);
    if (const Dict* dict = value.dict()) return add_dict(*dict, path);
    if (value.tensor() != nullptr) return add_tensor(value.shared_tensor(), path);
    text_ += 'N';  // NONE
  }

  void add_bool(bool value) { text_ += value ? '\x88' : '\x89'; }  // NEWTRUE, NEWFALSE

  template <typename Integer>
  void add_bytes(Integer value) {  // little-endian
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text_.append(bytes, sizeof value);
  }

  void add_integer(std::int64_t value) {
    if (value >= 0 && value <= 0xFF) {
      text_ += 'K';  // BININT1
      add_bytes(static_cast<std::uint8_t>(value));
    } else if (value >= std::numeric_limits<std::int32_t>::min() &&
               value <= std::numeric_limits<std::int32_t>::max()) {
      text_ += 'J';  // BININT
      add_bytes(static_cast<std::int32_t>(value));
    } else {
      text_ += "\x8a\x08";  // LONG1 of 8 bytes
      add_bytes(value);
    }
  }

  void add_real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    text_ += 'G';  // BINFLOAT, big-endian
    for (int shift = 56; shift >= 0; shift -= 8) text_ += static_cast<char>(bits >> shift & 0xFF);
  }

  void add_text(std::string_view text, const std::string& path) {
    if (!is_utf8(text) || text.size() > std::numeric_limits<std::uint32_t>::max())
      throw Error(ErrorKind::kUnsupported, "this text cannot be a string of Python")
          .at(path)
          .expected("UTF-8, of less than 4 GiB")
          .found(in_quotes(text));
    text_ += 'X';  // BINUNICODE
    add_bytes(static_cast<std::uint32_t>(text.size()));
    text_ += text;
  }

  void add_list(const List& list, const std::string& path) {
    text_ += "](";  // EMPTY_LIST MARK
    add_elements(list.elements, path);
    text_ += 'e';  // APPENDS
  }

  void add_tuple(const std::vector<Value>& elements, const std::string& path) {
    text_ += '(';  // MARK
    add_elements(elements, path);
    text_ += 't';  // TUPLE
  }

  void add_elements(const std::vector<Value>& elements, const std::string& path) {
    for (std::size_t i = 0; i < elements.size(); ++i)
      add(elements[i], below(path, std::to_string(i)));
  }

  void add_dict(const Dict& dict, const std::string& path) {
    if (dict.is_ordered) {
      add_ordered_dict();
    } else {
      text_ += '}';  // EMPTY_DICT
    }
    text_ += '(';  // MARK
    for (const DictEntry& entry : dict.entries) {
      const std::string own = below(path, key_text(entry.key));
      add(entry.key, own);
      add(entry.value, own);
    }
    text_ += 'u';  // SETITEMS
  }

  void add_global(std::string_view module, std::string_view name) {
    text_ += 'c';  // GLOBAL
    text_.append(module).append("\n").append(name).append("\n");
  }

  void add_ordered_dict() {
    add_global("collections", "OrderedDict");
    text_ += ")R";  // EMPTY_TUPLE REDUCE
  }

  // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks), or _v3 with the dtype
  void add_tensor(const std::shared_ptr<const Tensor>& tensor, const std::string& path) {
    const bool is_typed = storage_name(tensor->dtype).empty();
    add_global("torch._utils", is_typed ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    text_ += '(';  // MARK
    add_storage(tensor, path);
    add_integer(0);
    add_shape({tensor->shape.begin(), tensor->shape.end()});
    add_shape(row_major_strides(tensor->shape));
    add_bool(false);
    add_ordered_dict();
    if (is_typed) add_global("torch", name_of(tensor->dtype));
    text_ += "tR";  // TUPLE REDUCE
  }

  // ("storage", its type, its name, the device, its number of elements)
  void add_storage(const std::shared_ptr<const Tensor>& tensor, const std::string& path) {
    const auto [known, is_new] = numbers_.emplace(tensor.get(), storages_.size());
    if (is_new) storages_.push_back({path, tensor});
    const std::string_view type = storage_name(tensor->dtype);
    const std::uint64_t bytes = bytes_of(tensor->dtype, tensor->shape);
    text_ += '(';  // MARK
    add_text("storage", path);
    if (type.empty()) {
      add_global("torch.storage", "UntypedStorage");
    } else {
      add_global("torch", type);
    }
    add_text(std::to_string(known->second), path);
    add_text("cpu", path);
    add_integer(static_cast<std::int64_t>(type.empty() ? bytes : bytes / size_of(tensor->dtype)));
    text_ += "tQ";  // TUPLE BINPERSID
  }

  void add_shape(const std::vector<std::uint64_t>& sizes) {
    text_ += '(';  // MARK
    for (const std::uint64_t size : sizes) add_integer(static_cast<std::int64_t>(size));
    text_ += 't';  // TUPLE
  }

  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "/" + name;
  }

  static std::string key_text(const Value& key) {
    if (const std::string* text = key.text()) return *text;
    if (const std::int64_t* integer = key.integer()) return std::to_string(*integer);
    return std::string(key.type_name());
  }

  std::string text_;
  std::vector<Pickle::Storage> storages_;
  std::unordered_map<const Tensor*, std::size_t> numbers_;  // of the storages
};

}  // namespace

Pickle write_pickle(const Value& value) {
  return Writer().write(value);
}

}  // namespace holdfast::exchange
