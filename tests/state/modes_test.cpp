// How a model trains is saved and restored: train() and eval(), requires_grad, and which gradients
// are defined.
#include "state/caller_modes.h"
#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "state/training.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Mode = ModeChange::Mode;

void give_gradient(const at::Tensor& parameter, double value) {
  parameter.mutable_grad() = at::full_like(parameter, value);
}

MemoryCheckpoint saved(torch::nn::Module& module) {
  State state;
  state.model("net", module);
  return MemoryCheckpoint(state);
}

std::vector<std::string> restored(const MemoryCheckpoint& checkpoint, torch::nn::Module& module,
                                  const RestoreOptions& options = {}) {
  State state;
  state.model("net", module);
  checkpoint.restore(state, options);
  std::vector<std::string> changes;
  for (const ModeChange& change : mode_changes(state)) changes.push_back(to_string(change));
  return changes;
}

// As saved(), but one entry has other bytes.
MemoryCheckpoint altered(torch::nn::Module& module, const std::string& name,
                         const std::vector<std::byte>& bytes) {
  State state;
  state.model("net", module);
  std::vector<Item> items = capture(state);
  for (Item& item : items) {
    if (item.name != name) continue;
    item.shape = {static_cast<std::int64_t>(bytes.size())};
    item.source = std::make_shared<OwnedBytes>(bytes);
  }
  return MemoryCheckpoint(items);
}

// As saved(), but without modes, as older checkpoints are.
MemoryCheckpoint saved_of_old(torch::nn::Module& module) {
  State state;
  state.model("net", module);
  std::vector<Item> items;
  for (Item& item : capture(state))
    if (item.name.rfind("modes/", 0) != 0) items.push_back(std::move(item));
  return MemoryCheckpoint(items);
}

// Gives the net every kind of mode that a new net does not have.
void change_modes(Net& net) {
  net.norm->eval();
  net.first->weight.requires_grad_(false);
  net.frozen.requires_grad_(true);
  give_gradient(net.second->weight, 3);
}

TEST(Modes, ComeBackAndAreTold) {
  for (const CallerMode& mode : caller_modes()) {
    SCOPED_TRACE(mode.name);
    Net net(1), other(2);
    change_modes(net);
    give_gradient(other.second->bias, 4);
    const at::Tensor bias = other.second->bias;
    in_mode(mode, [&] {
      EXPECT_THAT(restored(saved(net), other),
                  ElementsAre("model net: 1 submodule is in evaluation mode again: norm",
                              "model net: 1 parameter is frozen again: first.weight",
                              "model net: 1 parameter is trainable again: frozen",
                              "model net: 1 gradient is undefined again: second.bias",
                              "model net: 1 gradient is defined again, as zeros: second.weight"));
    });
    EXPECT_TRUE(other.is_training());
    EXPECT_TRUE(other.first->is_training());
    EXPECT_FALSE(other.norm->is_training());
    EXPECT_FALSE(other.first->weight.requires_grad());
    EXPECT_TRUE(other.first->bias.requires_grad());
    EXPECT_TRUE(other.frozen.requires_grad());
    EXPECT_FALSE(other.second->bias.grad().defined());
    EXPECT_FALSE(other.first->weight.grad().defined());
    EXPECT_TRUE(same_bits(other.second->weight.grad(), at::zeros({2, 5})));
    EXPECT_FALSE(other.second->weight.grad().is_inference());
    EXPECT_TRUE(other.second->bias.is_same(bias)) << "optimizers know it by its identity";
    EXPECT_THAT(saved(other).differences(saved(net)), IsEmpty());
  }
}

// The state is unspecified then. The program is still told which modes are no longer what they
// were.
TEST(Modes, ChangedBeforeALaterObjectThrowsAreTold) {
  struct Refusing : Stateful {
    void save(StateWriter&) const override {}
    void load(const StateReader&) override { throw Error(ErrorKind::kMismatch, "not mine"); }
  };
  Net net(1), last(1);
  net.norm->eval();
  Refusing refusing;
  State state;
  state.model("net", net).add("refusing", refusing).model("last", last);
  const MemoryCheckpoint checkpoint(state);
  net.norm->train();
  last.eval();
  expect_error(ErrorKind::kMismatch, "not mine", [&] { checkpoint.restore(state); });
  const auto changes = mode_changes(state);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(to_string(changes[0]), "model net: 1 submodule is in evaluation mode again: norm");
  EXPECT_FALSE(last.is_training()) << "not restored any more";
}

TEST(Modes, AreNotToldAgainByARestoreThatChangesNothing) {
  Net net(1), other(2);
  net.norm->eval();
  State state;
  state.model("net", other);
  saved(net).restore(state);
  ASSERT_EQ(mode_changes(state).size(), 1u);
  torch::nn::Linear unlike(1, 1);
  expect_error(ErrorKind::kMismatch, "models/net", [&] { saved(*unlike).restore(state); });
  EXPECT_THAT(mode_changes(state), IsEmpty());
}

TEST(Modes, ThatAreAsTheyWereSavedAreNotTold) {
  Net net(1), other(2);
  EXPECT_THAT(restored(saved(net), other), IsEmpty());
}

TEST(Modes, OfACheckpointThatHasNoneAreLeftAlone) {
  Net net(1), other(2);
  change_modes(other);
  EXPECT_THAT(restored(saved_of_old(net), other), IsEmpty());
  EXPECT_FALSE(other.norm->is_training());
  EXPECT_FALSE(other.first->weight.requires_grad());
  EXPECT_TRUE(same_bits(other.second->weight.grad(), at::full({2, 5}, 3.f)));
}

TEST(Modes, AreLeftAloneIfToldSo) {
  Net net(1), other(2);
  change_modes(other);
  RestoreOptions options;
  options.modes = false;
  EXPECT_THAT(restored(saved(net), other, options), IsEmpty());
  EXPECT_FALSE(other.norm->is_training());
  EXPECT_FALSE(other.first->weight.requires_grad());
  EXPECT_TRUE(same_bits(other.second->weight.grad(), at::full({2, 5}, 3.f)));
  EXPECT_TRUE(same_bits(other.first->weight, net.first->weight));
}

TEST(Modes, AreLeftAloneByPatternsForValues) {
  Net net(1), other(2);
  change_modes(net);
  RestoreOptions options;
  options.include = {"models/net/*"};
  EXPECT_THAT(restored(saved(net), other, options), IsEmpty());
  options.include = {"modes/*"};
  EXPECT_THAT(restored(saved(net), other, options), Not(IsEmpty()));
  options.include = {"modes/net/training"};
  expect_error(ErrorKind::kMismatch, "modes/net: the patterns include a part of it",
               [&] { restored(saved(net), other, options); });
}

// Modes are matched by name. Order and number of parameters and submodules may differ.
TEST(Modes, OfAModelThatHasOtherPartsAreThoseOfTheSameNames) {
  struct Backbone : torch::nn::Module {};
  Backbone old, now;
  auto a = old.register_module("a", torch::nn::Linear(2, 2));
  auto gone = old.register_module("gone", torch::nn::Linear(2, 2));
  auto b = old.register_module("b", torch::nn::Linear(2, 2));
  auto fresh = now.register_module("fresh", torch::nn::Linear(2, 3));
  auto b2 = now.register_module("b", torch::nn::Linear(2, 2));
  auto a2 = now.register_module("a", torch::nn::Linear(2, 2));
  gone->eval();
  gone->weight.requires_grad_(false);
  give_gradient(gone->bias, 1);
  b->eval();
  b->bias.requires_grad_(false);
  give_gradient(a->weight, 1);
  RestoreOptions options;
  options.allow_missing = options.allow_unexpected = true;
  EXPECT_THAT(restored(saved(old), now, options),
              ElementsAre("model net: 1 submodule is in evaluation mode again: b",
                          "model net: 1 parameter is frozen again: b.bias",
                          "model net: 1 gradient is defined again, as zeros: a.weight"));
  EXPECT_TRUE(fresh->is_training() && fresh->weight.requires_grad());
  EXPECT_FALSE(b2->bias.requires_grad());
  EXPECT_TRUE(a2->weight.grad().defined());
}

TEST(Modes, OfWhatIsSharedAreToldOnce) {
  struct Twice : torch::nn::Module {
    Twice() {
      part = register_module("x", torch::nn::Linear(2, 2));
      register_module("y", part);
      register_parameter("tied", part->weight);
    }
    torch::nn::Linear part{nullptr};
  };
  Twice net, other;
  net.part->eval();
  net.part->weight.requires_grad_(false);
  give_gradient(net.part->bias, 1);
  EXPECT_THAT(restored(saved(net), other),
              ElementsAre("model net: 1 submodule is in evaluation mode again: x",
                          "model net: 1 parameter is frozen again: tied",
                          "model net: 1 gradient is defined again, as zeros: x.bias"));
  EXPECT_FALSE(other.part->is_training());
}

TEST(Modes, OfAModelWithoutPartsComeBack) {
  BufferBox box, other;
  box.with("value", at::ones({2}));
  other.with("value", at::zeros({2}));
  box.eval();
  EXPECT_THAT(restored(saved(box), other),
              ElementsAre("model net: 1 submodule is in evaluation mode again: the model itself"));
  EXPECT_FALSE(other.is_training());
}

TEST(Modes, PassOverUndefinedParameters) {
  torch::nn::Linear net(torch::nn::LinearOptions(2, 2).bias(false));
  torch::nn::Linear other(torch::nn::LinearOptions(2, 2).bias(false));
  ASSERT_FALSE(net->bias.defined());
  give_gradient(net->weight, 1);
  EXPECT_THAT(restored(saved(*net), *other),
              ElementsAre("model net: 1 gradient is defined again, as zeros: weight"));
}

// A train() of the user's own may do more than set the flag: it may exchange weights, for example.
TEST(Modes, AreSetWithoutATrainOfTheUsersOwn) {
  struct Counting : torch::nn::Module {
    void train(bool on) override {
      ++calls;
      torch::nn::Module::train(on);
    }
    int calls = 0;
  };
  Counting net, other;
  net.eval();
  restored(saved(net), other);
  EXPECT_FALSE(other.is_training());
  EXPECT_EQ(other.calls, 0);
}

TEST(Modes, AreToldWithTheFirstNamesOfMany) {
  torch::nn::Sequential net, other;
  for (int i = 0; i < 25; ++i) {
    net->push_back(torch::nn::Linear(1, 1));
    other->push_back(torch::nn::Linear(1, 1));
  }
  for (at::Tensor& parameter : net->parameters()) parameter.requires_grad_(false);
  State state;
  state.model("net", other);
  saved(*net).restore(state);
  const auto changes = mode_changes(state);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].model, "net");
  EXPECT_EQ(changes[0].mode, Mode::kRequiresGrad);
  EXPECT_FALSE(changes[0].now);
  EXPECT_EQ(changes[0].count, 50u);
  EXPECT_EQ(changes[0].names.size(), ModeChange::kMostNames);
  EXPECT_THAT(to_string(changes[0]), HasSubstr("4.bias and 40 more"));
}

TEST(Modes, ThatAParameterCannotHaveAreRefusedInWords) {
  const auto with = [](const at::Tensor& weight, bool requires_grad) {
    torch::nn::Module module;
    module.register_parameter("weight", weight, requires_grad);
    return module;
  };
  torch::nn::Module trained = with(at::ones({2}), true), frozen = with(at::ones({2}), false);
  give_gradient(trained.parameters()[0], 1);

  torch::nn::Module inference;
  {
    const c10::InferenceMode mode;
    inference = with(at::ones({2}), false);
  }
  expect_error(ErrorKind::kMismatch,
               "modes/net/requires_grad: true for weight in the checkpoint, but it cannot be set "
               "here: an inference tensor has no gradient",
               [&] { restored(saved(trained), inference); });
  expect_error(ErrorKind::kMismatch, "modes/net/has_gradient: true for weight",
               [&] { restored(saved(trained), inference); });

  torch::nn::Module integer = with(at::ones({2}, at::kLong), false);
  expect_error(ErrorKind::kMismatch, "cannot be set here: an integer has no gradient", [&] {
    restored(altered(integer, "modes/net/requires_grad", {std::byte{1}}), integer);
  });

  torch::nn::Module computed = with(at::ones({2}), false);
  computed.parameters()[0].copy_(torch::ones({2}, torch::requires_grad()) * 2);
  ASSERT_FALSE(computed.parameters()[0].is_leaf());
  expect_error(
      ErrorKind::kMismatch,
      "modes/net/requires_grad: false for weight in the checkpoint, but it cannot be set here: "
      "it is the result of a computation",
      [&] { restored(saved(frozen), computed); });
}

TEST(Modes, ThatAreNotOneForEachNameAreRefused) {
  Net net(1);
  for (const char* name : {"requires_grad", "has_gradient", "training"}) {
    const std::string entry = std::string("modes/net/") + name;
    expect_error(ErrorKind::kMismatch, entry + ": should be one flag for each of the",
                 [&] { restored(altered(net, entry, std::vector<std::byte>(3)), net); });
  }
}

TEST(Gradients, ComeBackAsZerosInTheLayoutThatABackwardPassGives) {
  const auto with = [](const at::Tensor& weight) {
    torch::nn::Module module;
    module.register_parameter("weight", weight);
    return module;
  };
  const at::Tensor base = at::ones({2, 3, 4, 5});
  for (const at::Tensor& weight :
       {base, base.contiguous(at::MemoryFormat::ChannelsLast), base.transpose(0, 3),
        at::ones({4, 10}).slice(1, 0, 10, 3), at::ones({})}) {
    torch::nn::Module net = with(weight.clone()), other = with(at::zeros_like(weight));
    const at::Tensor parameter = net.parameters()[0];
    (parameter * parameter).sum().backward();
    restored(saved(net), other);
    const at::Tensor gradient = other.parameters()[0].grad();
    EXPECT_TRUE(same_bits(gradient, at::zeros(weight.sizes())));
    EXPECT_EQ(gradient.strides(), parameter.grad().strides());
    EXPECT_FALSE(gradient.requires_grad());
  }
}

TEST(Gradients, ThatAreThereAreFilledWithZerosInTheirPlace) {
  torch::nn::Linear net(3, 2);
  give_gradient(net->weight, 1);
  const MemoryCheckpoint checkpoint = saved(*net);
  give_gradient(net->weight, 5);
  const at::Tensor view = net->weight.grad();
  restored(checkpoint, *net);
  EXPECT_TRUE(net->weight.grad().is_same(view));
  EXPECT_TRUE(same_bits(view, at::zeros({2, 3})));
}

// Two experts, of which each step uses one. The gradients of the other are set to zero and stay
// defined, as zero_grad() of LibTorch 1.13 does, so that Adam moves it by its momentum. A resume
// that left these gradients undefined would not move it.
struct Experts {
  explicit Experts(double seed)
      : net(torch::nn::Linear(4, 1), torch::nn::Linear(4, 1)), adam(net->parameters(), 1e-2) {
    const torch::NoGradGuard no_grad;
    for (at::Tensor& parameter : net->parameters()) parameter.fill_(seed);
    state.model("net", net).optimizer("adam", adam);
  }

  void train(int from, int to) {
    for (int step = from; step < to; ++step) {
      for (const at::Tensor& parameter : net->parameters())
        if (parameter.grad().defined()) parameter.mutable_grad().zero_();
      const auto x = torch::sin(torch::arange(32, torch::kFloat) * (step + 1)).reshape({8, 4});
      net[(step / 4) % 2]->as<torch::nn::Linear>()->forward(x).square().mean().backward();
      adam.step();
    }
  }

  torch::nn::Sequential net;
  torch::optim::Adam adam;
  State state;
};

TEST(Gradients, ThatZeroGradLeavesDefinedMakeAResumeExact) {
  for (int killed = 0; killed < 20; ++killed) {
    Experts whole(1), resumed(2);
    whole.train(0, killed);
    MemoryCheckpoint(whole.state).restore(resumed.state);
    whole.train(killed, 20);
    resumed.train(killed, 20);
    EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(MemoryCheckpoint(whole.state)),
                IsEmpty())
        << killed;
  }
}

// Each optimizer step follows three backward passes, which add up their gradients. The first weight
// of Net is stored transposed.
struct Accumulation {
  explicit Accumulation(double seed) : net(seed), sgd(net.parameters(), 0.1) {
    state.model("net", net).gradients("net").optimizer("sgd", sgd);
  }

  void train(int from, int to) {
    for (int pass = from; pass < to; ++pass) {
      const auto x = torch::sin(torch::arange(32, torch::kFloat) * (pass + 1)).reshape({8, 4});
      net.forward(x).square().mean().backward();
      if (pass % 3 != 2) continue;
      sgd.step();
      sgd.zero_grad();
    }
  }

  Net net;
  torch::optim::SGD sgd;
  State state;
};

TEST(Gradients, ThatAreRegisteredComeBackInTheMiddleOfAnAccumulation) {
  for (const CallerMode& mode : caller_modes()) {
    for (int killed = 0; killed < 7; ++killed) {
      Accumulation whole(1), resumed(2);
      whole.train(0, killed);
      in_mode(mode, [&] { MemoryCheckpoint(whole.state).restore(resumed.state); });
      EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(MemoryCheckpoint(whole.state)),
                  IsEmpty());
      whole.train(killed, 8);
      resumed.train(killed, 8);
      EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(MemoryCheckpoint(whole.state)),
                  IsEmpty())
          << mode.name << ", " << killed;
    }
  }
}

struct Registered {
  explicit Registered(const at::Tensor& weight) {
    parameter = net.register_parameter("weight", weight);
    net.register_parameter("tied", parameter);
    other = net.register_parameter("other", at::ones({2}));
    state.model("net", net).gradients("net");
  }
  torch::nn::Module net;
  at::Tensor parameter, other;
  State state;
};

TEST(Gradients, ThatAreRegisteredComeBackBitForBit) {
  const at::Tensor base = at::arange(6, at::kFloat).reshape({2, 3});
  for (const at::Tensor& weight : {base, base.t(), base.expand({4, 2, 3})}) {
    Registered net(weight.detach()), fresh(at::zeros_like(weight)), used(at::zeros_like(weight));
    net.parameter.mutable_grad() = at::rand(weight.sizes());
    give_gradient(used.parameter, 7);
    give_gradient(used.other, 7);
    const at::Tensor kept = used.parameter.grad();
    const MemoryCheckpoint checkpoint(net.state);
    EXPECT_EQ(checkpoint.find("gradients/net/tied")->alias_of, "gradients/net/weight");
    EXPECT_EQ(checkpoint.find("gradients/net/other")->kind, Kind::kUndefined);
    for (Registered* live : {&fresh, &used}) {
      checkpoint.restore(live->state);
      EXPECT_THAT(mode_changes(live->state), IsEmpty());
      EXPECT_TRUE(same_bits(live->parameter.grad(), net.parameter.grad()));
      EXPECT_FALSE(live->other.grad().defined());
    }
    EXPECT_EQ(fresh.parameter.grad().strides(), at::zeros_like(fresh.parameter).strides());
    EXPECT_TRUE(used.parameter.grad().is_same(kept));
  }
}

// A backward pass may add to a gradient at any time, so it is copied before save() returns.
TEST(Gradients, ThatAreRegisteredAreRestless) {
  Registered net(at::ones({2}));
  give_gradient(net.parameter, 1);
  std::vector<std::string> volatiles;
  for (const Item& item : capture(net.state))
    if (item.is_volatile) volatiles.push_back(item.name);
  EXPECT_THAT(volatiles, ElementsAre("gradients/net/weight"));
}

TEST(Gradients, NeedTheirModelAndAreRegisteredOnce) {
  Net net(1);
  State state;
  expect_error(ErrorKind::kInvalidArgument, "gradients/net", [&] { state.gradients("net"); });
  state.model("net", net).gradients("net");
  expect_error(ErrorKind::kInvalidArgument, "already", [&] { state.gradients("net"); });
}

TEST(Gradients, OfOneSideOnlyAreMissingOrUnexpected) {
  Net net(1);
  give_gradient(net.frozen, 1);
  State with, without;
  with.model("net", net).gradients("net");
  without.model("net", net);
  const MemoryCheckpoint has(with), has_not(without);
  expect_error(ErrorKind::kMismatch, "missing from the checkpoint (1):\n    gradients/net",
               [&] { has_not.restore(with); });
  expect_error(ErrorKind::kMismatch, "gradients/net/frozen  float32 [2]",
               [&] { has.restore(without); });
  RestoreOptions options;
  options.allow_missing = options.allow_unexpected = true;
  has_not.restore(with, options);
  EXPECT_TRUE(same_bits(net.frozen.grad(), at::zeros({2}))) << "by the modes, as unregistered";
  give_gradient(net.frozen, 1);
  has.restore(without, options);
  EXPECT_TRUE(same_bits(net.frozen.grad(), at::zeros({2}))) << "by the modes";
}

TEST(Gradients, ThatAreMissingAndUndefinedHereBecomeZerosByTheModes) {
  Net net(1), other(2);
  give_gradient(net.frozen, 1);
  State with, without;
  without.model("net", net);
  with.model("net", other).gradients("net");
  ASSERT_FALSE(other.frozen.grad().defined());
  RestoreOptions options;
  options.allow_missing = true;
  MemoryCheckpoint(without).restore(with, options);
  EXPECT_TRUE(same_bits(other.frozen.grad(), at::zeros({2})));
  EXPECT_FALSE(other.first->weight.grad().defined());
  const auto changes = mode_changes(with);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(to_string(changes[0]), "model net: 1 gradient is defined again, as zeros: frozen");
}

TEST(Gradients, ThatDoNotFitAreListed) {
  Registered small(at::ones({2})), large(at::ones({3}));
  give_gradient(small.parameter, 1);
  const MemoryCheckpoint checkpoint(small.state);
  expect_error(ErrorKind::kMismatch,
               "gradients/net/weight: float32 [2] in the checkpoint, float32 [3] here",
               [&] { checkpoint.restore(large.state); });
  torch::nn::Linear other(1, 2);
  State state;
  state.model("net", other).gradients("net");
  RestoreOptions options;
  options.allow_missing = options.allow_unexpected = true;
  expect_error(ErrorKind::kMismatch, "gradients/net/bias: not in the checkpoint",
               [&] { checkpoint.restore(state, options); });
  expect_error(ErrorKind::kMismatch, "gradients/net/other: the model has no parameter of this name",
               [&] { checkpoint.restore(state, options); });
}

TEST(Gradients, OfAModelWithoutParametersComeBack) {
  BufferBox box;
  box.with("value", at::ones({2}));
  State state;
  state.model("net", box).gradients("net");
  MemoryCheckpoint(state).restore(state);
}

TEST(Gradients, ThatAreSparseAreNotReplacedByDenseZeros) {
  const auto sparse = torch::nn::EmbeddingOptions(4, 2).sparse(true);
  torch::nn::Embedding saved(sparse), fresh(sparse);
  saved->forward(at::zeros({1}, at::kLong)).sum().backward();
  State from, to;
  from.model("net", saved);
  to.model("net", fresh);
  MemoryCheckpoint(from).restore(to);
  EXPECT_FALSE(fresh->weight.grad().defined());
  MemoryCheckpoint(to).restore(from);
  EXPECT_TRUE(saved->weight.grad().is_sparse());
}

TEST(Gradients, ThatAreSparseAreRefusedByName) {
  torch::nn::Embedding table(torch::nn::EmbeddingOptions(4, 2).sparse(true));
  table->forward(at::zeros({1}, at::kLong)).sum().backward();
  State state;
  state.model("net", table);
  MemoryCheckpoint(state).restore(state);
  state.gradients("net");
  expect_error(ErrorKind::kUnsupported, "gradients/net/weight", [&] { capture(state); });
}

}  // namespace
}  // namespace holdfast::testing
