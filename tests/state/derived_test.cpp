// Objects of classes that the program derives from LibTorch's. Their own members are saved, or they
// are refused with an error that says how to save them.
#include <ATen/CPUGeneratorImpl.h>

#include "state/custom_optimizer.h"
#include "state/tensor_box.h"
#include "state/training.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Grows the learning rate over the first steps; has a member that changes.
struct Warmup : torch::optim::LRScheduler {
  using LRScheduler::LRScheduler;
  std::vector<double> get_lrs() override {
    warmed += 0.25;
    return {warmed};
  }
  double warmed = 0;
};

struct KeptWarmup : Warmup, Stateful {
  using Warmup::Warmup;
  void save(StateWriter& writer) const override { writer.real("warmed", warmed); }
  void load(const StateReader& reader) override { warmed = reader.real("warmed"); }
};

TEST(DerivedScheduler, IsRefusedWhereItIsRegisteredAndToldHow) {
  Net net(1);
  torch::optim::SGD sgd(net.parameters(), 0.1);
  Warmup warmup(sgd);
  struct Steps : torch::optim::StepLR {
    using StepLR::StepLR;
    int own = 0;
  };
  Steps steps(sgd, 3);
  State state;
  const auto expect_refused = [&](torch::optim::LRScheduler& scheduler, const char* type) {
    const auto error = error_of([&] { state.scheduler("warm", scheduler); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(error->what(), AllOf(HasSubstr("schedulers/warm: "), HasSubstr(type),
                                     HasSubstr("derive it from holdfast::Stateful as well")));
  };
  expect_refused(warmup, "Warmup");
  expect_refused(steps, "Steps");
  EXPECT_TRUE(state.components().empty());
}

TEST(DerivedScheduler, ThatIsAStatefulKeepsItsMembersAndItsCount) {
  Net net(1), other(1);
  torch::optim::SGD sgd(net.parameters(), 0.1), resumed(other.parameters(), 0.7);
  KeptWarmup warmup(sgd), fresh(resumed);
  torch::optim::LRScheduler& known_by_its_base = fresh;
  State state, restored;
  state.model("net", net).optimizer("sgd", sgd).scheduler("warm", warmup);
  restored.model("net", other).optimizer("sgd", resumed).scheduler("warm", known_by_its_base);
  for (int i = 0; i < 3; ++i) warmup.step();
  const MemoryCheckpoint checkpoint(state);
  EXPECT_NE(checkpoint.find("schedulers/warm/step_count"), nullptr);
  EXPECT_NE(checkpoint.find("schedulers/warm/own/warmed"), nullptr);
  checkpoint.restore(restored);
  EXPECT_EQ(fresh.warmed, 0.75);
  EXPECT_TRUE(MemoryCheckpoint(restored) == checkpoint);
  warmup.step();
  fresh.step();
  EXPECT_TRUE(MemoryCheckpoint(restored) == MemoryCheckpoint(state));
}

// Older checkpoints have only type and count: then a class that was no Stateful was accepted.
TEST(DerivedScheduler, TakesACheckpointThatIsOlderThanItsValues) {
  struct Plain : torch::optim::LRScheduler, Stateful {
    using LRScheduler::LRScheduler;
    std::vector<double> get_lrs() override { return get_current_lrs(); }
    void save(StateWriter&) const override {}
    void load(const StateReader& reader) override { names = reader.names(); }
    std::vector<std::string> names = {"none yet"};
  };
  Net net(1);
  torch::optim::SGD sgd(net.parameters(), 0.1);
  Plain plain(sgd);
  State state;
  state.scheduler("plain", plain);
  plain.step();
  std::vector<Item> items = capture(state);
  EXPECT_EQ(items.back().name, "schedulers/plain/own");
  items.pop_back();
  MemoryCheckpoint(items).restore(state);
  EXPECT_TRUE(plain.names.empty());
}

// ---- optimizers ----

// Has a member that nobody writes.
struct Forgetting : torch::optim::Adam {
  using Adam::Adam;
  double momentum = 0;
};

struct KeptAdam : torch::optim::Adam, Stateful {
  using Adam::Adam;
  using Adam::load;
  using Adam::save;
  void save(StateWriter& writer) const override { writer.real("momentum", momentum); }
  void load(const StateReader& reader) override { momentum = reader.real("momentum"); }
  double momentum = 0;
};

// Writes its members in LibTorch's save() and load().
struct WritingAdam : torch::optim::Adam {
  using Adam::Adam;
  void save(torch::serialize::OutputArchive& archive) const override {
    Adam::save(archive);
    archive.write("momentum", momentum);
    archive.write("rate", at::IValue(rate));
  }
  void load(torch::serialize::InputArchive& archive) override {
    Adam::load(archive);
    archive.read("momentum", momentum);
    at::IValue value;
    archive.read("rate", value);
    rate = value.toDouble();
  }
  at::Tensor momentum = at::zeros({2});
  double rate = 0;
};

TEST(DerivedOptimizer, IsRefusedWhereItIsRegisteredAndToldHow) {
  Net net(1);
  Forgetting adam(net.parameters(), 0.1);
  State state;
  const auto error = error_of([&] { state.optimizer("adam", adam); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kUnsupported);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("optimizers/adam: "), HasSubstr("Forgetting"),
                                   HasSubstr("in save() and load() or as a holdfast::Stateful")));
}

TEST(DerivedOptimizer, ThatIsAStatefulKeepsItsMembers) {
  Net net(1), other(2);
  KeptAdam adam(net.parameters(), 0.1), resumed(other.parameters(), 0.5);
  State state, restored;
  state.model("net", net).optimizer("adam", adam);
  restored.model("net", other).optimizer("adam", resumed);
  train_step(net, adam, 0);
  adam.momentum = 0.75;
  const MemoryCheckpoint checkpoint(state);
  checkpoint.restore(restored);
  EXPECT_EQ(resumed.momentum, 0.75);
  EXPECT_THAT(MemoryCheckpoint(restored).differences(checkpoint), ::testing::IsEmpty());
}

// The values of a Stateful would be lost if its class, under the same name, were no Stateful any
// more.
TEST(DerivedOptimizer, ThatIsNoStatefulRefusesTheValuesOfOne) {
  Net net(1);
  torch::optim::Adam adam(net.parameters(), 0.1);
  State state;
  state.model("net", net).optimizer("adam", adam);
  train_step(net, adam, 0);
  std::vector<Item> items = capture(state);
  Item own;
  own.name = "optimizers/adam/own/momentum";
  own.kind = Kind::kScalar;
  own.dtype = DType::kFloat64;
  own.source = std::make_shared<OwnedBytes>(std::vector<std::byte>(sizeof(double)));
  items.push_back(own);
  const MemoryCheckpoint checkpoint(items);
  train_step(net, adam, 1);
  const MemoryCheckpoint before(state);
  expect_error(ErrorKind::kMismatch,
               "optimizers/adam/own: values of a holdfast::Stateful in the checkpoint",
               [&] { checkpoint.restore(state); });
  EXPECT_TRUE(MemoryCheckpoint(state) == before);
}

TEST(DerivedOptimizer, ThatWritesMoreByLibTorchsFunctionsKeepsIt) {
  Net net(1), other(2);
  WritingAdam adam(net.parameters(), 0.1), resumed(other.parameters(), 0.5);
  State state, restored;
  state.model("net", net).optimizer("adam", adam);
  restored.model("net", other).optimizer("adam", resumed);
  train_step(net, adam, 0);
  adam.momentum.fill_(3);
  adam.rate = 0.125;
  const MemoryCheckpoint checkpoint(state);
  EXPECT_NE(checkpoint.find("optimizers/adam/extra/momentum"), nullptr);
  checkpoint.restore(restored);
  EXPECT_TRUE(same_bits(resumed.momentum, adam.momentum));
  EXPECT_EQ(resumed.rate, 0.125);
  EXPECT_THAT(MemoryCheckpoint(restored).differences(checkpoint), ::testing::IsEmpty());
}

// A class that derives from torch::optim::Optimizer directly, and from none of LibTorch's
// optimizers.
TEST(DerivedOptimizer, OfItsOwnKindKeepsWhatItWritesMore) {
  struct Counting : Sign {
    using Sign::Sign;
    void save(torch::serialize::OutputArchive& archive) const override {
      Sign::save(archive);
      archive.write("count", at::IValue(count));
    }
    void load(torch::serialize::InputArchive& archive) override {
      Sign::load(archive);
      at::IValue value;
      archive.read("count", value);
      count = value.toInt();
    }
    std::int64_t count = 0;
  };
  Net net(1), other(2);
  const auto group = [](Net& of) {
    return std::vector<torch::optim::OptimizerParamGroup>{
        torch::optim::OptimizerParamGroup(of.parameters())};
  };
  Counting sign(group(net), SignOptions(0.1)), resumed(group(other), SignOptions(0.1));
  State state, restored;
  state.model("net", net).optimizer("sign", sign);
  restored.model("net", other).optimizer("sign", resumed);
  train_step(net, sign, 0);
  sign.count = 5;
  MemoryCheckpoint(state).restore(restored);
  EXPECT_EQ(resumed.count, 5);
  EXPECT_TRUE(MemoryCheckpoint(state) == MemoryCheckpoint(restored));
}

struct LossyOptions : torch::optim::SGDOptions {
  using SGDOptions::SGDOptions;
  double own = 0;
};
struct WritingOptions : LossyOptions {
  using LossyOptions::LossyOptions;
  void serialize(torch::serialize::InputArchive& archive) override {
    SGDOptions::serialize(archive);
    at::IValue value;
    archive.read("own", value);
    own = value.toDouble();
  }
  void serialize(torch::serialize::OutputArchive& archive) const override {
    SGDOptions::serialize(archive);
    archive.write("own", at::IValue(own));
  }
};

TEST(DerivedOptions, AreRefusedUnlessTheyWriteTheirMembers) {
  Net net(1);
  torch::optim::SGD sgd(net.parameters(), 0.1);
  State state;
  state.model("net", net).optimizer("sgd", sgd);
  sgd.param_groups()[0].set_options(std::make_unique<LossyOptions>(0.1));
  const auto error = error_of([&] { capture(state); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("optimizers/sgd/groups/0: "),
                                   HasSubstr("LossyOptions"), HasSubstr("both functions")));
  auto writing = std::make_unique<WritingOptions>(0.1);
  WritingOptions& live = *writing;
  sgd.param_groups()[0].set_options(std::move(writing));
  live.own = 4;
  const MemoryCheckpoint checkpoint(state);
  live.own = 0;
  checkpoint.restore(state);
  EXPECT_EQ(live.own, 4);
}

TEST(DerivedParameterState, IsRefusedUnlessItWritesItsMembers) {
  struct LossyState : torch::optim::AdamParamState {
    double own = 0;
  };
  Net net(1);
  torch::optim::Adam adam(net.parameters(), 0.1);
  State state;
  state.model("net", net).optimizer("adam", adam);
  train_step(net, adam, 0);
  auto lossy = std::make_unique<LossyState>();
  lossy->exp_avg(torch::ones({5, 4}));
  lossy->exp_avg_sq(torch::ones({5, 4}));
  for (auto& [key, value] : adam.state())
    if (static_cast<torch::optim::AdamParamState&>(*value).exp_avg().dim() == 2) {
      value = std::move(lossy);
      break;
    }
  expect_error(ErrorKind::kUnsupported, "LossyState", [&] { capture(state); });
}

// ---- generators ----

TEST(DerivedGenerator, IsRefusedForItsMembersWouldBeLost) {
  struct Counting : at::CPUGeneratorImpl {
    using CPUGeneratorImpl::CPUGeneratorImpl;
    int count = 0;
  };
  State state;
  expect_error(ErrorKind::kUnsupported, "rng/mine: a generator of a class derived",
               [&] { state.rng("mine", at::make_generator<Counting>(std::uint64_t{1})); });
  expect_error(ErrorKind::kInvalidArgument, "rng/mine: this generator is undefined",
               [&] { state.rng("mine", at::Generator()); });
}

}  // namespace
}  // namespace holdfast::testing
