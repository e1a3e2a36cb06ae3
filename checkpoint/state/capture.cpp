#include <holdfast/checkpoint/state/capture.h>

#include <utility>

#include <c10/util/Exception.h>
#include <torch/utils.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/items.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <holdfast/checkpoint/state/tied_tensors.h>

namespace holdfast {
namespace {

class StateCapture final : public Capture {
 public:
  explicit StateCapture(const ParameterNames& parameters) : parameters_(parameters) {
    constexpr std::size_t kItemsAParameter = 4;  // with three of an optimizer's; more make it grow
    items_.reserve(kItemsAParameter * parameters.size());
    tied_.reserve(kItemsAParameter * parameters.size());
  }

  void tensor(std::string name, const at::Tensor& value) override {
    if (!value.defined()) return add(undefined_item(std::move(name)));
    Item item = describe(std::move(name), value);
    if (!is_tied(item, value)) item.source = make_source(value);
    add(std::move(item));
  }

  void snapshot(std::string name, const at::Tensor& value) override {
    if (!value.defined()) return add(undefined_item(std::move(name)));
    Item item = describe(std::move(name), value);
    if (!is_tied(item, value)) {
      const torch::NoGradGuard no_grad;
      item.source = make_source(value.clone(at::MemoryFormat::Contiguous));
    }
    add(std::move(item));
  }

  void add(Item item) override { items_.push_back(std::move(item)); }

  const ParameterNames& parameters() const override { return parameters_; }

  std::vector<Item> take() { return std::move(items_); }

 private:
  static Item describe(std::string name, const at::Tensor& value) {
    require_storable(name, value);
    Item item;
    item.dtype = dtype_of(value.scalar_type(), name);
    item.shape = value.sizes().vec();
    item.name = std::move(name);
    return item;
  }

  bool is_tied(Item& item, const at::Tensor& value) {
    if (value.numel() == 0) return false;
    const auto [first, is_new] = tied_.emplace(value, items_.size());
    if (!is_new) item.alias_of = items_[first->second].name;
    return !is_new;
  }

  const ParameterNames& parameters_;
  std::vector<Item> items_;
  TiedTensors<std::size_t> tied_;  // index of the first
};

}  // namespace

std::vector<Item> capture(const State& state) {
  ParameterNames parameters;
  for (const auto& component : state.components()) component->name_parameters(parameters);
  StateCapture capture(parameters);
  for (const auto& component : state.components()) {
    try {
      component->capture(capture);
    } catch (const c10::Error& error) {
      throw Error(ErrorKind::kUnsupported, "LibTorch could not serialize this object")
          .at(component->prefix())
          .found(error.what_without_backtrace());
    }
  }
  return capture.take();
}

}  // namespace holdfast
