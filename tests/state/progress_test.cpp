// Counters and random number generators are saved and restored.
#include <ATen/CPUGeneratorImpl.h>

#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

TEST(Scalars, ComeBackIntoTheVariables) {
  std::int64_t epoch = 7;
  double best = 0.1;
  bool warm = true;
  State state;
  state.scalar("epoch", epoch).scalar("best", best).scalar("warm", warm);
  const MemoryCheckpoint checkpoint(state);
  epoch = 0;
  best = 0;
  warm = false;
  checkpoint.restore(state);
  EXPECT_EQ(epoch, 7);
  EXPECT_EQ(best, 0.1);
  EXPECT_TRUE(warm);
  EXPECT_EQ(checkpoint.find("progress/epoch")->kind, Kind::kScalar);
}

TEST(Scalars, AreTakenWhenTheyAreCaptured) {
  std::int64_t step = 1;
  State state;
  state.scalar("step", step);
  const std::vector<Item> items = capture(state);
  step = 2;
  MemoryCheckpoint(items).restore(state);
  EXPECT_EQ(step, 1);
}

TEST(Scalars, OfAnotherTypeAreRefused) {
  std::int64_t count = 1;
  double real = 0;
  State state, other;
  state.scalar("x", count);
  other.scalar("x", real);
  const MemoryCheckpoint checkpoint(state);
  expect_error(ErrorKind::kMismatch,
               "progress/x: scalar int64 in the checkpoint, scalar float64 here",
               [&] { checkpoint.restore(other); });
  EXPECT_EQ(real, 0);
}

TEST(Generators, OfTheProgramGoOnWithTheSameNumbers) {
  State state;
  state.rng();
  at::randn({3});
  const MemoryCheckpoint checkpoint(state);
  const at::Tensor normal = at::randn({100}), order = at::randperm(50);
  checkpoint.restore(state);
  EXPECT_TRUE(same_bits(at::randn({100}), normal));
  EXPECT_TRUE(same_bits(at::randperm(50), order));
}

// A generator makes normal numbers in pairs and keeps the second one for the next call.
TEST(Generators, KeepTheSecondNumberOfAPair) {
  at::Generator generator = at::detail::createCPUGenerator(5);
  State state;
  state.rng("mine", generator);
  at::normal(0., 1., {1}, generator);
  const MemoryCheckpoint checkpoint(state);
  const at::Tensor second = at::normal(0., 1., {1}, generator);
  at::normal(0., 1., {2}, generator);
  checkpoint.restore(state);
  EXPECT_TRUE(same_bits(at::normal(0., 1., {1}, generator), second));
}

TEST(Generators, OfOneNameEachComeBackOnTheirOwn) {
  at::Generator a = at::detail::createCPUGenerator(1), b = at::detail::createCPUGenerator(2);
  State state;
  state.rng("a", a).rng("b", b);
  const MemoryCheckpoint checkpoint(state);
  const at::Tensor from_a = at::rand({4}, a), from_b = at::rand({4}, b);
  EXPECT_FALSE(same_bits(from_a, from_b));
  checkpoint.restore(state);
  EXPECT_TRUE(same_bits(at::rand({4}, b), from_b));
  EXPECT_TRUE(same_bits(at::rand({4}, a), from_a));
}

TEST(Generators, OfTheUserHaveNamesOfTheirOwn) {
  State state;
  at::Generator generator = at::detail::createCPUGenerator(1);
  for (const char* name : {"cpu", "cuda"}) {
    expect_error(ErrorKind::kInvalidArgument, std::string("rng/") + name,
                 [&] { state.rng(name, generator); });
  }
}

TEST(Capture, MovesNoGenerator) {
  State state;
  state.rng();
  const MemoryCheckpoint before(state);
  const MemoryCheckpoint after(state);
  EXPECT_TRUE(before == after);
}

}  // namespace
}  // namespace holdfast::testing
