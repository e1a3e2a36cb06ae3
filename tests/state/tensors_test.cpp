// Tensors of every type, shape and layout survive a save and a load.
#include <thread>

#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <holdfast/checkpoint/state/torch_version.h>

#include "state/caller_modes.h"
#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

bool has_type(DType dtype) {
  try {
    scalar_type_of(dtype, "any");
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    return false;
  }
}

// Values with every bit pattern of one byte and more; for bool, 0 and 1.
at::Tensor patterns(DType dtype) {
  const at::Tensor tensor = at::empty({4, 64}, scalar_type_of(dtype, "any"));
  auto* bytes = static_cast<std::uint8_t*>(tensor.data_ptr());
  for (std::size_t i = 0; i < tensor.nbytes(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(dtype == DType::kBool ? i % 2 : i * 7 + i / 256);
  }
  return tensor;
}

// A module with a tensor as a buffer, or as a parameter.
enum class As { kBuffer, kFrozenParameter, kTrainableParameter };

struct Holder : torch::nn::Module {
  Holder(const at::Tensor& tensor, As as) {
    if (as == As::kBuffer) {
      value = register_buffer("value", tensor);
    } else {
      value = register_parameter("value", tensor.detach(), as == As::kTrainableParameter);
    }
  }
  at::Tensor value;
};

class BytesOfStorage {
 public:
  explicit BytesOfStorage(const at::Tensor& tensor)
      : storage_(tensor.storage()), bytes_(storage_.nbytes()) {
    if (!bytes_.empty()) std::memcpy(bytes_.data(), memory(), bytes_.size());
  }
  void put_back() const {
    if (!bytes_.empty()) std::memcpy(memory(), bytes_.data(), bytes_.size());
  }

 private:
  void* memory() const { return storage_.unsafeGetStorageImpl()->data_ptr().get(); }

  c10::Storage storage_;
  std::vector<std::byte> bytes_;
};

// Saves `saved` and restores it into `live`, as a buffer and as a parameter, in all modes of the
// caller. Expects that `live` keeps its strides, its memory and its place in the autograd graph.
void expect_round_trip(const at::Tensor& saved, const at::Tensor& live) {
  const BytesOfStorage before(live);
  for (const As as : {As::kBuffer, As::kFrozenParameter, As::kTrainableParameter}) {
    for (const CallerMode& mode : caller_modes()) {
      SCOPED_TRACE(mode.name + ", as " + std::to_string(static_cast<int>(as)));
      before.put_back();
      Holder from(saved, as), to(live, as);
      const auto strides = to.value.strides().vec();
      const auto version = to.value._version();
      const at::TensorImpl* const identity = to.value.unsafeGetTensorImpl();
      in_mode(mode, [&] {
        State state, restored;
        state.model("box", from);
        restored.model("box", to);
        MemoryCheckpoint(state).restore(restored);
      });
      EXPECT_TRUE(same_bits(to.value, saved));
      EXPECT_EQ(to.value.strides().vec(), strides);
      EXPECT_TRUE(to.value.is_alias_of(live));
      EXPECT_EQ(to.value.unsafeGetTensorImpl(), identity);
      EXPECT_EQ(to.value.requires_grad(), as == As::kTrainableParameter);
      EXPECT_TRUE(to.value.is_leaf());
      EXPECT_FALSE(to.value.is_inference());
      EXPECT_GT(to.value._version(), version) << "a restore is a write";
    }
  }
}

TEST(Tensors, OfEveryTypeComeBackBitForBit) {
  std::size_t types = 0;
  for (const DType dtype : all_dtypes()) {
    if (!has_type(dtype)) continue;
    ++types;
    const at::Tensor saved = patterns(dtype);
    BufferBox box, other;
    State state, restored;
    state.model("box", box.with("value", saved));
    restored.model("box", other.with("value", at::zeros_like(saved)));
    const MemoryCheckpoint checkpoint(state);
    EXPECT_EQ(checkpoint.find("models/box/buffers/value")->dtype, dtype);
    checkpoint.restore(restored);
    EXPECT_TRUE(same_bits(other.named_buffers()["value"], saved)) << name_of(dtype);
    if (at::isFloatingType(saved.scalar_type()) || at::isComplexType(saved.scalar_type()))
      expect_round_trip(saved, at::zeros_like(saved));
  }
  EXPECT_GE(types, HOLDFAST_TORCH_AT_LEAST(2, 3) ? 19u : 12u);
}

TEST(Tensors, OfEveryTypeComeBackToAnObjectThatHadNone) {
  TensorBox box, other;
  for (const DType dtype : all_dtypes()) {
    if (has_type(dtype)) box.tensors[std::string(name_of(dtype))] = patterns(dtype);
  }
  State state, restored;
  state.add("box", box);
  restored.add("box", other);
  MemoryCheckpoint(state).restore(restored);
  ASSERT_EQ(other.tensors.size(), box.tensors.size());
  for (const auto& [name, tensor] : box.tensors) {
    EXPECT_TRUE(same_bits(other.tensors[name], tensor)) << name;
  }
}

TEST(Tensors, OfNoDimensionComeBack) {
  expect_round_trip(at::scalar_tensor(3.5, at::kDouble), at::zeros({}, at::kDouble));
}

TEST(Tensors, WithoutElementsComeBack) {
  expect_round_trip(at::empty({0, 3}), at::empty({0, 3}));
  expect_round_trip(at::empty({2, 0}).t(), at::empty({2, 0}).t());
}

TEST(Tensors, ThatAreTransposedComeBack) {
  const at::Tensor value = at::arange(12, at::kDouble).reshape({3, 4}).t();
  expect_round_trip(value, at::zeros({3, 4}, at::kDouble).t());
  expect_round_trip(value, at::zeros({4, 3}, at::kDouble));
  expect_round_trip(value.contiguous(), at::zeros({3, 4}, at::kDouble).t());
}

TEST(Tensors, InChannelsLastComeBack) {
  const at::Tensor value =
      at::arange(120, at::kFloat).reshape({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
  expect_round_trip(value, at::zeros_like(value));
}

TEST(Tensors, ThatAreViewsWithStepsComeBack) {
  const at::Tensor base = at::arange(40, at::kFloat).reshape({4, 10});
  const at::Tensor live = at::full({4, 10}, -1.f);
  expect_round_trip(base.slice(1, 1, 10, 3), live.slice(1, 1, 10, 3));
  expect_round_trip(base.select(1, 4), live.select(1, 1));
  expect_round_trip(base.chunk(2)[0], live.chunk(2)[1]);
  EXPECT_EQ(live[0][0].item<float>(), -1) << "outside of the view nothing is written";
  EXPECT_EQ(live[0][2].item<float>(), -1);
}

TEST(Tensors, ThatRepeatOneRowComeBack) {
  expect_round_trip(at::arange(3, at::kDouble).expand({5, 3}),
                    at::zeros({3}, at::kDouble).expand({5, 3}));
}

TEST(Tensors, ThatRepeatOneRowRefuseSeveral) {
  BufferBox box, other;
  State state, restored;
  state.model("box", box.with("rows", at::arange(6, at::kDouble).reshape({2, 3})));
  restored.model("box", other.with("rows", at::zeros({3}, at::kDouble).expand({2, 3})));
  const MemoryCheckpoint checkpoint(state);
  expect_error(ErrorKind::kMismatch, "models/box/buffers/rows",
               [&] { checkpoint.restore(restored); });
}

TEST(Tensors, WithLazyConjugationAndNegationAreSavedAsTheirValues) {
  const at::Tensor value =
      at::complex(at::arange(6, at::kDouble), at::arange(6, at::kDouble) + 0.5);
  expect_round_trip(value.conj(), at::zeros({6}, value.options()));
  expect_round_trip(value, at::zeros({6}, value.options()).conj());
  const at::Tensor negative = at::imag(value.conj());
  ASSERT_TRUE(negative.is_neg());
  expect_round_trip(negative, at::zeros({6}, at::kDouble));
}

TEST(Tensors, ThatAreUndefinedComeBackUndefined) {
  TensorBox box, other;
  box.tensors["none"] = at::Tensor();
  State state, restored;
  state.add("box", box);
  restored.add("box", other);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("user/box/none")->kind, Kind::kUndefined);
  checkpoint.restore(restored);
  ASSERT_EQ(other.tensors.count("none"), 1u);
  EXPECT_FALSE(other.tensors["none"].defined());
}

// A tensor that autograd has recorded: a buffer that is a view of a parameter.
TEST(Tensors, ThatAreViewsOfAParameterComeBackAndStayInTheGraph) {
  for (const CallerMode& mode : caller_modes()) {
    SCOPED_TRACE(mode.name);
    torch::nn::Linear saved(3, 4), live(3, 4);
    for (auto* net : {&saved, &live}) {
      (*net)->register_buffer("transposed", (*net)->weight.t());
      (*net)->register_buffer("half", (*net)->weight.chunk(2)[0]);
    }
    in_mode(mode, [&] {
      State state, restored;
      state.model("net", saved);
      restored.model("net", live);
      MemoryCheckpoint(state).restore(restored);
    });
    EXPECT_TRUE(same_bits(live->weight, saved->weight));
    for (const auto& buffer : live->named_buffers()) {
      EXPECT_FALSE(buffer.value().is_leaf()) << buffer.key();
      EXPECT_TRUE(buffer.value().is_alias_of(live->weight)) << buffer.key();
    }
    live->named_buffers()["transposed"].sum().backward();
    EXPECT_TRUE(live->weight.grad().defined());
  }
}

TEST(Tensors, ThatAreInferenceTensorsComeBackAndStaySo) {
  for (const CallerMode& mode : caller_modes()) {
    SCOPED_TRACE(mode.name);
    const at::Tensor saved = at::arange(6, at::kDouble).reshape({2, 3}).t();
    at::Tensor plain, transposed, normal = at::zeros({3, 2}, at::kDouble);
    {
      const c10::InferenceMode inference;
      plain = at::zeros({3, 2}, at::kDouble);
      transposed = at::zeros({2, 3}, at::kDouble).t();
    }
    for (const at::Tensor& live : {plain, transposed, normal}) {
      const bool inference = live.is_inference();
      BufferBox from, to, again;
      from.with("value", saved);
      to.with("value", live);
      again.with("value", at::zeros_like(saved));
      in_mode(mode, [&] {
        State state, restored, second;
        MemoryCheckpoint(state.model("box", from)).restore(restored.model("box", to));
        MemoryCheckpoint(restored).restore(second.model("box", again));
      });
      EXPECT_TRUE(same_bits(live, saved));
      EXPECT_TRUE(same_bits(again.named_buffers()["value"], saved)) << "saved from it";
      EXPECT_EQ(live.is_inference(), inference);
    }
  }
}

TEST(Tensors, OfAnObjectAreNoInferenceTensorsWhateverTheCallersMode) {
  for (const CallerMode& mode : caller_modes()) {
    TensorBox saved, live;
    saved.tensors["value"] = at::ones({3, 2}).t();
    in_mode(mode, [&] {
      State state, restored;
      MemoryCheckpoint(state.add("box", saved)).restore(restored.add("box", live));
    });
    EXPECT_FALSE(live.tensors["value"].is_inference()) << mode.name;
    EXPECT_TRUE(same_bits(live.tensors["value"], saved.tensors["value"])) << mode.name;
  }
}

void expect_refused(const at::Tensor& tensor, const std::string& kind) {
  BufferBox box;
  State state;
  state.model("box", box.with("odd one", tensor));
  expect_error(ErrorKind::kUnsupported, "models/box/buffers/odd one", [&] { capture(state); });
  expect_error(ErrorKind::kUnsupported, kind, [&] { capture(state); });
}

TEST(Tensors, WithoutDenseValuesAreRefusedByName) {
  expect_refused(at::eye(3).to_sparse(), "a sparse tensor");
  expect_refused(at::quantize_per_tensor(at::ones({3}), 0.1, 0, at::kQInt8), "a quantized tensor");
  expect_refused(at::empty({3}, at::TensorOptions(at::kMeta)), "a meta tensor");
}

TEST(Tensors, OfATypeThatThisLibTorchLacksAreRefusedByName) {
  for (const DType dtype : all_dtypes()) {
    if (has_type(dtype)) continue;
    expect_error(ErrorKind::kUnsupported, "user/x/" + std::string(name_of(dtype)),
                 [&] { scalar_type_of(dtype, "user/x/" + std::string(name_of(dtype))); });
  }
}

TEST(TensorSource, GivesAnyRangeToSeveralThreadsAtOnce) {
  const at::Tensor value = at::arange(100000, at::kDouble).reshape({100, 1000}).t();
  std::shared_ptr<Source> source;
  set_source(source, value);
  const at::Tensor copy = at::empty(value.sizes(), at::kDouble);
  const std::size_t part = copy.nbytes() / 8;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      auto* to = static_cast<std::byte*>(copy.data_ptr()) + i * part;
      source->copy(i * part, ByteSpan(to, part));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(same_bits(copy, value));
}

void expect_write_noticed(const at::Tensor& tensor) {
  std::shared_ptr<Source> source;
  set_source(source, tensor);
  std::vector<std::byte> bytes(tensor.nbytes());
  source->copy(0, bytes);
  std::shared_ptr<Source> late;
  set_source(late, tensor);
  tensor.add_(1);
  expect_error(ErrorKind::kInvalidArgument, "written to", [&] { late->copy(0, bytes); });
}

TEST(TensorSource, FailsIfTheTensorIsWrittenToBeforeItIsCopied) {
  expect_write_noticed(at::ones({4}));
  expect_write_noticed(at::ones({4, 3}).t());
}

// For example: a load into a model that a save with overlap has not copied yet.
TEST(TensorSource, TakesARestoreForAWrite) {
  for (const CallerMode& mode : caller_modes()) {
    for (const at::Tensor& weight : {at::ones({4, 3}), at::ones({4, 3}).t()}) {
      Holder holder(weight, As::kTrainableParameter);
      State state;
      state.model("box", holder);
      const MemoryCheckpoint checkpoint(state);
      std::shared_ptr<Source> source;
      std::vector<std::byte> bytes(holder.value.nbytes());
      in_mode(mode, [&] {
        set_source(source, holder.value);
        checkpoint.restore(state);
      });
      expect_error(ErrorKind::kInvalidArgument, "written to", [&] { source->copy(0, bytes); });
    }
  }
}

TEST(Capture, SaysWhatMayMoveAtAnyTime) {
  torch::nn::Linear net(3, 2);
  net->register_buffer("mean", at::ones({2}));
  net->register_buffer("tied_to_bias", net->bias);
  TensorBox sampler;
  sampler.tensors = {{"order", at::ones({2})}};
  State state;
  state.model("net", net).add("sampler", sampler);
  std::vector<std::string> volatiles;
  for (const Item& item : capture(state))
    if (item.is_volatile) volatiles.push_back(item.name);
  EXPECT_THAT(volatiles,
              ::testing::UnorderedElementsAre("models/net/parameters/bias",
                                              "models/net/buffers/mean", "user/sampler/order"));
}

TEST(Capture, LeavesTheGradientsGraphAlone) {
  torch::nn::Linear net(3, 2);
  State state;
  state.model("net", net);
  const MemoryCheckpoint checkpoint(state);
  checkpoint.restore(state);
  EXPECT_TRUE(net->weight.requires_grad());
  EXPECT_TRUE(net->weight.is_leaf());
  net->forward(at::ones({1, 3})).sum().backward();
  EXPECT_TRUE(net->weight.grad().defined());
}

}  // namespace
}  // namespace holdfast::testing
