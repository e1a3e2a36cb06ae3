// A restore lists everything that does not fit in one error, before it writes anything.
#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

MemoryCheckpoint saved_box(const std::map<std::string, at::Tensor>& buffers) {
  BufferBox box;
  for (const auto& [name, tensor] : buffers) box.with(name, tensor);
  State state;
  state.model("box", box);
  return MemoryCheckpoint(state);
}

TEST(Restore, ListsAllThatIsMissingUnexpectedAndDifferentAtOnce) {
  const MemoryCheckpoint checkpoint = saved_box({{"gone", at::ones({2})},
                                                 {"longer", at::ones({5, 2})},
                                                 {"double", at::ones({2}, at::kDouble)},
                                                 {"same", at::ones({2})}});
  BufferBox box;
  const at::Tensor same = at::zeros({2});
  box.with("new", at::zeros({7})).with("longer", at::zeros({4, 2})).with("same", same);
  box.with("double", at::zeros({2}));
  State state;
  state.model("box", box);
  const auto error = error_of([&] { checkpoint.restore(state); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kMismatch);
  EXPECT_EQ(error->path(), "a-checkpoint");
  EXPECT_THAT(
      error->what(),
      AllOf(
          HasSubstr("missing from the checkpoint (1):\n    models/box/buffers/new  float32 [7]"),
          HasSubstr("unexpected in the checkpoint (1):\n    models/box/buffers/gone  float32 [2]"),
          HasSubstr("different (2):"),
          HasSubstr("models/box/buffers/longer: float32 [5, 2] in the checkpoint, "
                    "float32 [4, 2] here"),
          HasSubstr("models/box/buffers/double: float64 [2] in the checkpoint, float32 [2] here"),
          Not(HasSubstr("same"))));
  EXPECT_TRUE(same_bits(same, at::zeros({2}))) << "what fits is not written either";
}

TEST(Restore, ListsTheFirstOfVeryManyAndHowManyThereAre) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}});
  BufferBox box;
  box.with("a", at::zeros({2}));
  for (int i = 0; i < 1000; ++i) box.with("new" + std::to_string(i), at::zeros({1}));
  State state;
  state.model("box", box);
  const auto error = error_of([&] { checkpoint.restore(state); });
  ASSERT_TRUE(error);
  const std::string text = error->what();
  EXPECT_THAT(text, AllOf(HasSubstr("missing from the checkpoint (1000):\n    models/box/"),
                          HasSubstr("\n    … and 980 more\n  register the objects")));
  EXPECT_LT(text.size(), 3'000u);
}

TEST(Restore, PassesOverWhatIsMissingIfAllowed) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}});
  BufferBox box;
  const at::Tensor a = at::zeros({2}), b = at::zeros({3});
  TensorBox object;
  object.tensors["kept"] = at::ones({1});
  State state;
  state.model("box", box.with("a", a).with("b", b)).add("object", object);
  RestoreOptions options;
  options.allow_missing = true;
  const LoadReport report = checkpoint.restore(state, options);
  EXPECT_TRUE(same_bits(a, at::ones({2})));
  EXPECT_TRUE(same_bits(b, at::zeros({3})));
  EXPECT_EQ(object.tensors.count("kept"), 1u);
  EXPECT_THAT(report.loaded, ElementsAre("models/box/buffers/a"));
  EXPECT_THAT(report.missing, ElementsAre("models/box/buffers/b", "user/object"));
  EXPECT_TRUE(report.left.empty() && report.unexpected.empty());
}

// If checkpoint and state have no name in common, then it is the wrong checkpoint, and not one in
// which something is missing.
TEST(Restore, RefusesToLoadNothingWhateverIsAllowed) {
  const MemoryCheckpoint checkpoint = saved_box({{"encoder_a", at::ones({2})}});
  BufferBox box;
  State state;
  state.model("box", box.with("a", at::zeros({2})));
  RestoreOptions options;
  options.allow_missing = options.allow_unexpected = true;
  expect_error(ErrorKind::kMismatch, "missing from the checkpoint (1):\n    models/box/buffers/a",
               [&] { checkpoint.restore(state, options); });
}

TEST(Restore, ReportsEveryNameOfTheStateOnce) {
  BufferBox saved;
  TensorBox object, other;
  object.tensors["x"] = other.tensors["y"] = at::ones({1});
  State state;
  state.model("box", saved.with("a", at::ones({2})).with("gone", at::ones({2})))
      .add("object", object)
      .add("other", other);
  const MemoryCheckpoint checkpoint(state);
  BufferBox live;
  TensorBox fresh;
  double loss = 1;
  State restored;
  restored.model("box", live.with("a", at::zeros({2})).with("b", at::zeros({2})))
      .add("object", object)
      .add("other", other)
      .add("fresh", fresh)
      .scalar("loss", loss);
  RestoreOptions options;
  options.include = {"models/*", "user/other/*", "user/fresh/*"};
  options.allow_missing = options.allow_unexpected = true;
  expect_error(ErrorKind::kMismatch, "\"user/fresh/*\" matches no entry of the checkpoint",
               [&] { checkpoint.restore(restored, options); });
  options.include = {"models/*", "user/other*", "user/[fo]*r*"};
  const LoadReport report = checkpoint.restore(restored, options);
  EXPECT_THAT(report.loaded, ElementsAre("models/box/buffers/a", "user/other"));
  EXPECT_THAT(report.left, ElementsAre("user/object", "progress/loss"));
  EXPECT_THAT(report.missing, ElementsAre("models/box/buffers/b", "user/fresh"));
  EXPECT_THAT(report.unexpected, ElementsAre("models/box/buffers/gone"));
}

TEST(Restore, PassesOverWhatIsUnexpectedIfAllowed) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}, {"b", at::ones({2})}});
  BufferBox box;
  const at::Tensor a = at::zeros({2});
  State state;
  state.model("box", box.with("a", a));
  RestoreOptions options;
  options.allow_unexpected = true;
  const LoadReport report = checkpoint.restore(state, options);
  EXPECT_TRUE(same_bits(a, at::ones({2})));
  EXPECT_THAT(report.unexpected, ElementsAre("models/box/buffers/b"));
}

TEST(Restore, TakesOnlyWhatThePatternsInclude) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}, {"b", at::ones({2})}});
  BufferBox box;
  const at::Tensor a = at::zeros({2}), b = at::zeros({2});
  State state;
  state.model("box", box.with("a", a).with("b", b));
  RestoreOptions options;
  options.include = {"models/*/a"};
  const LoadReport report = checkpoint.restore(state, options);
  EXPECT_THAT(report.loaded, ElementsAre("models/box/buffers/a"));
  EXPECT_THAT(report.left, ElementsAre("models/box/buffers/b"));
  EXPECT_TRUE(report.unexpected.empty()) << "what the patterns leave out";
  EXPECT_TRUE(same_bits(a, at::ones({2})));
  EXPECT_TRUE(same_bits(b, at::zeros({2})));
}

TEST(Restore, RefusesAPatternThatMatchesNothingWhateverIsAllowed) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}});
  BufferBox box;
  const at::Tensor a = at::zeros({2});
  State state;
  state.model("box", box.with("a", a));
  for (const bool allowed : {false, true}) {
    RestoreOptions options;
    options.include = {"models/box/buffers/a", "modles/*"};
    options.allow_missing = options.allow_unexpected = allowed;
    expect_error(ErrorKind::kMismatch, "\"modles/*\" matches no entry of the checkpoint",
                 [&] { checkpoint.restore(state, options); });
    EXPECT_TRUE(same_bits(a, at::zeros({2}))) << "nor is anything loaded";
  }
}

TEST(Restore, RefusesAPatternThatMatchesOnlyWhatNoObjectAsksFor) {
  const MemoryCheckpoint checkpoint = saved_box({{"a", at::ones({2})}, {"gone", at::ones({2})}});
  BufferBox box;
  State state;
  state.model("box", box.with("a", at::zeros({2})));
  RestoreOptions options;
  options.allow_unexpected = true;
  options.include = {"*/a", "*/gone"};
  expect_error(ErrorKind::kMismatch,
               "\"*/gone\" matches no entry that a registered object asks for",
               [&] { checkpoint.restore(state, options); });
}

TEST(Restore, RefusesPatternsThatIncludeAPartOfAnObject) {
  TensorBox object;
  object.tensors["a"] = object.tensors["b"] = at::ones({1});
  State state;
  state.add("object", object);
  const MemoryCheckpoint checkpoint(state);
  RestoreOptions options;
  options.include = {"user/object/a"};
  expect_error(ErrorKind::kMismatch, "user/object: the patterns include a part of it",
               [&] { checkpoint.restore(state, options); });
}

TEST(Restore, ReportsAnObjectThatWasNotSaved) {
  const MemoryCheckpoint checkpoint = saved_box({});
  TensorBox object;
  State state;
  state.add("object", object);
  expect_error(ErrorKind::kMismatch, "missing from the checkpoint (1):\n    user/object",
               [&] { checkpoint.restore(state); });
}

TEST(Restore, ReportsAValueWhereAGroupOfValuesIsWanted) {
  TensorBox object;
  State state;
  state.add("object", object);
  Item item;
  item.name = "user/object";
  item.shape = {1};
  item.source = std::make_shared<OwnedBytes>(std::vector<std::byte>(1));
  const MemoryCheckpoint checkpoint(std::vector<Item>{item});
  expect_error(ErrorKind::kMismatch, "uint8 [1] in the checkpoint, a group of values here",
               [&] { checkpoint.restore(state); });
}

TEST(State, RefusesANameThatIsGivenTwice) {
  BufferBox box;
  TensorBox object;
  std::int64_t epoch = 0;
  double loss = 0;
  State state;
  state.model("box", box).add("box", object).scalar("epoch", epoch).rng();
  expect_error(ErrorKind::kInvalidArgument, "models/box", [&] { state.model("box", box); });
  expect_error(ErrorKind::kInvalidArgument, "user/box", [&] { state.add("box", object); });
  expect_error(ErrorKind::kInvalidArgument, "progress/epoch", [&] { state.scalar("epoch", loss); });
  expect_error(ErrorKind::kInvalidArgument, "rng/cpu", [&] { state.rng(); });
}

TEST(State, TakesAnyNameAndKeepsNamesApart) {
  BufferBox slash, dots;
  State state;
  state.model("a/b", slash.with("x", at::ones({1}))).model("..", dots.with("x", at::zeros({1})));
  const MemoryCheckpoint checkpoint(state);
  EXPECT_NE(checkpoint.find("models/a%2Fb/buffers/x"), nullptr);
  EXPECT_NE(checkpoint.find("models/%2E%2E/buffers/x"), nullptr);
  checkpoint.restore(state);
}

}  // namespace
}  // namespace holdfast::testing
