// Values of the program's own, registered as they are.
#include <random>

#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using ::testing::ElementsAre;

struct Step {
  at::Tensor seen;
  int action = 0;
  std::optional<float> reward;
  HOLDFAST_FIELDS(seen, action, reward)
};

struct Game {
  std::mt19937_64 rng{7};
  std::normal_distribution<float> noise;
  std::deque<Step> steps;
  std::unordered_map<std::string, std::uint64_t> visits;
  std::string name = "game";
  HOLDFAST_FIELDS(rng, noise, steps, visits, name)

  void play() {
    visits["place " + std::to_string(rng() % 50)] += 1;
    steps.push_back({at::rand({2, 3}), static_cast<int>(rng() % 4), {}});
    if (rng() % 2 == 0) steps.back().reward = noise(rng);
    if (steps.size() > 5) steps.pop_front();
  }
};

void expect_same(const Game& a, const Game& b) {
  EXPECT_EQ(a.rng, b.rng);
  EXPECT_EQ(a.noise, b.noise);
  EXPECT_EQ(a.name, b.name);
  EXPECT_TRUE(std::equal(a.visits.begin(), a.visits.end(), b.visits.begin(), b.visits.end()));
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    EXPECT_TRUE(same_bits(a.steps[i].seen, b.steps[i].seen));
    EXPECT_EQ(a.steps[i].action, b.steps[i].action);
    EXPECT_EQ(a.steps[i].reward, b.steps[i].reward);
  }
}

TEST(Values, OfAStructComeBack) {
  Game game, loaded;
  State state, other;
  state.add("game", game);
  other.add("game", loaded);
  for (int i = 0; i < 40; ++i) {
    game.play();
    if (i % 10 != 0) continue;
    const LoadReport report = MemoryCheckpoint(state).restore(other);
    EXPECT_THAT(report.loaded, ElementsAre("user/game"));
    expect_same(game, loaded);
  }
}

TEST(Values, AreTypedNumbersUnderTheirNames) {
  std::vector<std::uint8_t> board(6, 1);
  std::int64_t games = 3;
  float rate = 0.5F;
  State state;
  state.add("board", board.data(), {2, 3}).add("games", games).add("rate", rate);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("user/board")->dtype, DType::kUInt8);
  EXPECT_EQ(checkpoint.find("user/board")->shape, (Shape{2, 3}));
  EXPECT_EQ(checkpoint.find("user/games")->kind, Kind::kScalar);
  EXPECT_EQ(checkpoint.find("user/rate")->dtype, DType::kFloat32);
  std::fill(board.begin(), board.end(), 0);
  games = 0;
  checkpoint.restore(state);
  EXPECT_EQ(board, std::vector<std::uint8_t>(6, 1));
  EXPECT_EQ(games, 3);
}

// LibTorch has these types only from 2.3 on; values need none of its types.
TEST(Values, MayBeOfTypesThatLibTorchLacks) {
  std::vector<std::uint64_t> seeds = {~std::uint64_t{0}, 1};
  State state;
  state.add("seeds", seeds);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("user/seeds")->dtype, DType::kUInt64);
  seeds.clear();
  checkpoint.restore(state);
  EXPECT_EQ(seeds, (std::vector<std::uint64_t>{~std::uint64_t{0}, 1}));
}

TEST(Values, MayHoldTensorsOfAnyLayout) {
  std::map<std::string, at::Tensor> tensors = {
      {"turned", at::rand({3, 4}).t()},
      {"conjugated", at::rand({3}, at::kComplexFloat).conj()},
      {"none", at::Tensor()},
      {"empty", at::empty({0, 2})}};
  const std::map<std::string, at::Tensor> before = tensors;
  State state;
  state.add("tensors", tensors);
  const MemoryCheckpoint checkpoint(state);
  tensors.clear();
  checkpoint.restore(state);
  ASSERT_EQ(tensors.size(), before.size());
  for (const auto& [name, tensor] : before) {
    ASSERT_EQ(tensors.at(name).defined(), tensor.defined()) << name;
    EXPECT_TRUE(!tensor.defined() || same_bits(tensors.at(name), tensor)) << name;
  }
}

TEST(Values, AreCopiedIntoTensorsThatFit) {
  at::Tensor tensor = at::ones({2, 2}).t(), other_shape = at::ones({3});
  State state;
  state.add("tensor", tensor).add("other", other_shape);
  const MemoryCheckpoint checkpoint(state);
  const at::Tensor live = tensor.zero_(), old = other_shape;
  other_shape = at::zeros({2, 2});
  checkpoint.restore(state);
  EXPECT_TRUE(live.is_same(tensor));
  EXPECT_TRUE(same_bits(live, at::ones({2, 2})));
  EXPECT_TRUE(same_bits(other_shape, at::ones({3})));
}

TEST(Values, ThatHoldATensorOfAModelAreTiedToIt) {
  torch::nn::Linear net(2, 2);
  std::vector<at::Tensor> watched = {net->weight};
  State state;
  state.model("net", net).add("watched", watched);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_EQ(checkpoint.find("user/watched/items/0")->alias_of, "models/net/parameters/weight");
  const at::Tensor before = net->weight.detach().clone();
  {
    const torch::NoGradGuard no_grad;
    net->weight.zero_();
  }
  checkpoint.restore(state);
  EXPECT_TRUE(same_bits(net->weight, before));
  EXPECT_TRUE(watched[0].is_same(net->weight));
}

struct Older {
  int a = 1, b = 2;
  HOLDFAST_FIELDS(a, b)
};
struct Newer {
  float a = 1;
  int c = 3;
  HOLDFAST_FIELDS(a, c)
};

TEST(Values, OfAnotherTypeChangeNothing) {
  Older older;
  std::int64_t steps = 5;
  State state;
  state.add("thing", older).scalar("steps", steps);
  const MemoryCheckpoint checkpoint(state);
  Newer newer;
  newer.c = 9;
  steps = 6;
  State other;
  other.add("thing", newer).scalar("steps", steps);
  expect_error(ErrorKind::kMismatch, "user/thing/a: the value is of another type",
               [&] { checkpoint.restore(other); });
  EXPECT_EQ(newer.c, 9);
  EXPECT_EQ(steps, 6);
}

struct Shorter {
  int a = 1;
  HOLDFAST_FIELDS(a)
};

TEST(Values, OfATypeWithFewerFieldsAreRefusedUnlessAllowed) {
  Older older;
  older.a = 7;
  State state;
  state.add("thing", older);
  const MemoryCheckpoint checkpoint(state);
  Shorter shorter;
  State other;
  other.add("thing", shorter);
  expect_error(ErrorKind::kMismatch, "user/thing/b: the type here has no such part",
               [&] { checkpoint.restore(other); });
  RestoreOptions options;
  options.allow_unexpected = true;
  checkpoint.restore(other, options);
  EXPECT_EQ(shorter.a, 7);
}

TEST(Values, ThatAreMissingOrLeftOutStay) {
  int one = 1, two = 2;
  State state, other;
  state.add("one", one);
  const MemoryCheckpoint checkpoint(state);
  one = 10;
  other.add("one", one).add("two", two);
  expect_error(ErrorKind::kMismatch, "user/two", [&] { checkpoint.restore(other); });
  RestoreOptions options;
  options.allow_missing = true;
  EXPECT_THAT(checkpoint.restore(other, options).missing, ElementsAre("user/two"));
  EXPECT_EQ(one, 1);
  EXPECT_EQ(two, 2);
}

TEST(Values, MayHaveNothingToSave) {
  std::tuple<> nothing;
  std::vector<int> empty;
  State state;
  state.add("nothing", nothing).add("empty", empty);
  MemoryCheckpoint(state).restore(state);
}

TEST(Values, ThatCannotBeSavedAreNamed) {
  std::map<int, at::Tensor> tensors = {{1, at::rand({2, 2}).to_sparse()}};
  State state;
  state.add("tensors", tensors);
  expect_error(ErrorKind::kUnsupported, "user/tensors/values/0", [&] { capture(state); });
}

}  // namespace
}  // namespace holdfast::testing
