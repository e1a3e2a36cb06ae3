// Tied tensors (two names for one tensor) are stored once, and are tied after a load.
#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

// A module with two weights, which may be tied.
struct Pair : torch::nn::Module {
  Pair(const at::Tensor& first, const at::Tensor& second)
      : a(register_parameter("a", first)), b(register_parameter("b", second)) {}
  at::Tensor a, b;
};

Pair tied(double value) {
  const at::Tensor weight = at::full({2, 2}, value);
  return {weight, weight};
}

Pair untied(double a, double b) {
  return {at::full({2, 2}, a), at::full({2, 2}, b)};
}

TEST(Ties, WithinAModelAreStoredOnceUnderTheFirstName) {
  Pair pair = tied(1);
  State state;
  state.model("pair", pair);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("models/pair/parameters/a")->alias_of, "");
  EXPECT_EQ(checkpoint.find("models/pair/parameters/b")->alias_of, "models/pair/parameters/a");
}

TEST(Ties, WithinAModelComeBack) {
  Pair saved = tied(3), live = tied(0);
  State state, restored;
  state.model("pair", saved);
  restored.model("pair", live);
  MemoryCheckpoint(state).restore(restored);
  EXPECT_TRUE(live.a.is_same(live.b));
  EXPECT_TRUE(same_bits(live.b, saved.b));
}

TEST(Ties, BetweenTwoModelsAreStoredOnceAndComeBack) {
  const at::Tensor shared = at::ones({3}), live = at::zeros({3});
  Pair teacher(shared, at::ones({1})), student(at::ones({2}), shared);
  Pair teacher2(live, at::zeros({1})), student2(at::zeros({2}), live);
  State state, restored;
  state.model("teacher", teacher).model("student", student);
  restored.model("teacher", teacher2).model("student", student2);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("models/student/parameters/b")->alias_of,
            "models/teacher/parameters/a");
  checkpoint.restore(restored);
  EXPECT_TRUE(same_bits(live, shared));
}

TEST(Ties, OneOfTheModelsCanBeRestoredAlone) {
  const at::Tensor shared = at::ones({3});
  Pair teacher(shared, at::ones({1})), student(at::ones({2}), shared);
  State state, restored;
  state.model("teacher", teacher).model("student", student);
  Pair live(at::zeros({2}), at::zeros({3}));
  restored.model("student", live);
  RestoreOptions options;
  options.include = {"models/student/*"};
  MemoryCheckpoint(state).restore(restored, options);
  EXPECT_TRUE(same_bits(live.b, shared));
}

TEST(Ties, OverlappingViewsAndConjugatesAreStoredEach) {
  const at::Tensor base = at::complex(at::arange(6, at::kDouble), at::ones({6}, at::kDouble));
  BufferBox box;
  box.with("all", base).with("half", base.slice(0, 0, 3)).with("conj", base.conj());
  State state;
  state.model("box", box);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("models/box/buffers/half")->alias_of, "");
  EXPECT_EQ(checkpoint.find("models/box/buffers/conj")->alias_of, "");
}

TEST(Ties, TensorsWithoutElementsAreNeverTied) {
  const at::Tensor empty = at::empty({0});
  BufferBox box;
  State state;
  state.model("box", box.with("a", empty).with("b", empty));
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("models/box/buffers/b")->alias_of, "");
  checkpoint.restore(state);
}

TEST(Ties, TwoTensorsDoNotGoIntoOne) {
  Pair saved = untied(1, 2), live = tied(0);
  State state, restored;
  state.model("pair", saved);
  restored.model("pair", live);
  const MemoryCheckpoint checkpoint(state);
  expect_error(ErrorKind::kMismatch,
               "models/pair/parameters/b: the same tensor as models/pair/parameters/a here",
               [&] { checkpoint.restore(restored); });
  EXPECT_EQ(live.a[0][0].item<float>(), 0) << "nothing is written";
}

TEST(Ties, OneTensorDoesNotGoIntoTwo) {
  Pair saved = tied(1), live = untied(0, 0);
  State state, restored;
  state.model("pair", saved);
  restored.model("pair", live);
  const MemoryCheckpoint checkpoint(state);
  expect_error(ErrorKind::kMismatch,
               "models/pair/parameters/b: the same tensor as models/pair/parameters/a in the",
               [&] { checkpoint.restore(restored); });
}

TEST(Ties, AmongTheTensorsOfAnObjectComeBack) {
  TensorBox box, other;
  box.tensors["a"] = box.tensors["b"] = at::ones({3});
  State state, restored;
  state.add("box", box);
  restored.add("box", other);
  MemoryCheckpoint(state).restore(restored);
  EXPECT_TRUE(other.tensors["a"].is_same(other.tensors["b"]));
  EXPECT_TRUE(same_bits(other.tensors["b"], at::ones({3})));
}

}  // namespace
}  // namespace holdfast::testing
