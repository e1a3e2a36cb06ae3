#include <holdfast/checkpoint/state/capture.h>

#include <optional>
#include <utility>

#include <holdfast/checkpoint/base/copy.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/object_failure.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <holdfast/checkpoint/state/tied_tensors.h>

namespace holdfast {
namespace {

// Bytes of a value of the program's own, where they lie.
class ViewedBytes final : public Source {
 public:
  explicit ViewedBytes(ByteView bytes) : bytes_(bytes) {}
  void assign(ByteView bytes) { bytes_ = bytes; }
  void release() noexcept override { bytes_ = {}; }
  void copy(std::uint64_t offset, ByteSpan to) const override {
    if (to.size != 0) copy_past_cache(to.data, bytes_.data + offset, to.size);
  }

 private:
  ByteView bytes_;
};

class StateCapture final : public Capture {
 public:
  StateCapture(const State& state, std::vector<Item> used)
      : state_(state), items_(std::move(used)) {
    tied_.reserve(items_.size());
  }

  void tensor(const std::string& name, const at::Tensor& value) override {
    add_tensor(name, value, false);
  }
  void volatile_tensor(const std::string& name, const at::Tensor& value) override {
    add_tensor(name, value, true);
  }

  void integer(const std::string& name, std::int64_t value) override {
    scalar(name, DType::kInt64, value);
  }
  void real(const std::string& name, double value) override {
    scalar(name, DType::kFloat64, value);
  }
  void boolean(const std::string& name, bool value) override { scalar(name, DType::kBool, value); }

  void text(const std::string& name, std::string_view value) override {
    const std::int64_t size = static_cast<std::int64_t>(value.size());
    own(next(name, Kind::kText, DType::kUInt8, size), ByteView(value));
  }

  void none(const std::string& name) override { next_empty(name, Kind::kNone); }

  void flags(const std::string& name, ByteView values) override {
    const std::int64_t size = static_cast<std::int64_t>(values.size);
    own(next(name, Kind::kTensor, DType::kBool, size), values);
  }

  void column(const std::string& name, Kind kind, DType dtype, const Shape& shape,
              ByteView bytes) override {
    if (!has_bytes(kind)) return next_empty(name, kind);
    Item& item = next(name, kind, dtype, shape);
    item.is_volatile = true;
    if (auto* const used = reusable<ViewedBytes>(item.source)) {
      used->assign(bytes);
    } else {
      item.source = std::make_shared<ViewedBytes>(bytes);
    }
  }

  const ParameterNames& parameters() override {
    if (!parameters_) {
      parameters_.emplace();
      for (const auto& component : state_.components()) component->name_parameters(*parameters_);
    }
    return *parameters_;
  }

  std::vector<Item> take() {
    items_.resize(count_);
    return std::move(items_);
  }

 private:
  // Takes the next item and fills in all but its source. The source is still that of the earlier
  // save, so that set_source() and own() can use its memory again.
  Item& next(const std::string& name, Kind kind, DType dtype, at::IntArrayRef shape) {
    if (count_ == items_.size()) items_.emplace_back();
    Item& item = items_[count_++];
    item.name = name;
    item.kind = kind;
    item.dtype = dtype;
    item.shape.assign(shape.begin(), shape.end());
    item.alias_of.clear();
    item.is_volatile = false;
    return item;
  }

  void next_empty(const std::string& name, Kind kind) {
    next(name, kind, DType::kUInt8, {}).source = nullptr;
  }

  void add_tensor(const std::string& name, const at::Tensor& value, bool is_volatile) {
    if (!value.defined()) {
      next_empty(name, Kind::kUndefined);
      return;
    }
    require_storable(name, value);
    Item& item = next(name, Kind::kTensor, dtype_of(value.scalar_type(), name), value.sizes());
    if (Item* const first = tied_to(value)) {
      item.alias_of = first->name;
      item.source = nullptr;
      first->is_volatile |= is_volatile;
    } else {
      item.is_volatile = is_volatile;
      set_source(item.source, value);
    }
  }

  // Returns the earlier item that holds the same tensor as the last item; null if there is none.
  Item* tied_to(const at::Tensor& value) {
    if (value.numel() == 0) return nullptr;
    const auto [first, is_new] = tied_.emplace(value, count_ - 1);
    return is_new ? nullptr : &items_[first->second];
  }

  template <typename T>
  void scalar(const std::string& name, DType dtype, const T& value) {
    own(next(name, Kind::kScalar, dtype, {}),
        {reinterpret_cast<const std::byte*>(&value), sizeof value});
  }

  static void own(Item& item, ByteView bytes) {
    if (auto* const used = reusable<OwnedBytes>(item.source)) {
      used->assign(bytes);
    } else {
      item.source =
          std::make_shared<OwnedBytes>(std::vector<std::byte>(bytes.data, bytes.data + bytes.size));
    }
  }

  const State& state_;
  std::vector<Item> items_;
  std::size_t count_ = 0;                     // items of this save; items_ may have old ones behind
  TiedTensors<std::size_t> tied_;             // tensor -> index of the first item that holds it
  std::optional<ParameterNames> parameters_;  // made when parameters() is first called
};

}  // namespace

std::vector<Item> capture(const State& state, std::vector<Item> used) {
  StateCapture capture(state, std::move(used));
  for (const auto& component : state.components()) {
    try {
      component->capture(capture);
    } catch (...) {
      rethrow_for(component->prefix(), "the object could not be saved", "",
                  ErrorKind::kUnsupported);
    }
  }
  return capture.take();
}

}  // namespace holdfast
