// How a model trains, through the front doors: what a resume puts back, and what a load leaves
// alone.
#include <string>
#include <vector>

#include <holdfast/checkpoint/inspect/compare.h>
#include <holdfast/checkpoint/reader.h>

#include "state/caller_modes.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"
#include "training_fixture.h"

namespace holdfast::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> told(const Resumed& resumed) {
  std::vector<std::string> changes;
  for (const ModeChange& change : resumed.mode_changes) changes.push_back(to_string(change));
  return changes;
}

class ModesTest : public CheckpointerTest {
 protected:
  // Of a training whose model is evaluated, with a frozen bias; step 2.
  void save_evaluated() {
    Training training;
    training.train_to(2);
    training.net->eval();
    training.net->bias.requires_grad_(false);
    Checkpointer checkpoints(run());
    checkpoints.save(2, training.state);
  }
};

TEST_F(ModesTest, ComeBackWithAResumeWhichTellsThem) {
  save_evaluated();
  Training training;
  Checkpointer checkpoints(run(), recorded());
  const auto resumed = checkpoints.restore_latest(training.state);
  EXPECT_THAT(told(*resumed),
              ElementsAre("model net: 1 submodule is in evaluation mode again: the model itself",
                          "model net: 1 parameter is frozen again: bias",
                          "model net: 2 gradients are defined again, as zeros: weight, bias"));
  EXPECT_FALSE(training.net->is_training());
  EXPECT_FALSE(training.net->bias.requires_grad());
  EXPECT_THAT(events(), Contains("mode_changed").Times(3));
  EXPECT_THAT(told(*checkpoints.restore_latest(training.state)),
              ElementsAre("model net: 2 gradients are defined again, as zeros: weight, bias"))
      << "and are told of this restore alone";
}

TEST_F(ModesTest, ComeBackWithACheckpointOfAnotherRun) {
  save_evaluated();
  Training training;
  Checkpointer checkpoints(run() + "-fork");
  EXPECT_EQ(checkpoints.restore(path_of(2), training.state).mode_changes.size(), 3u);
  EXPECT_FALSE(training.net->is_training());
}

TEST_F(ModesTest, StayWhereTheCallerWantsSo) {
  save_evaluated();
  Training training;
  RestoreOptions options;
  options.modes = false;
  Checkpointer checkpoints(run());
  EXPECT_THAT(told(*checkpoints.restore_latest(training.state, options)), IsEmpty());
  EXPECT_TRUE(training.net->is_training());
  EXPECT_TRUE(training.net->bias.requires_grad());
  EXPECT_FALSE(training.net->bias.grad().defined());
}

TEST_F(ModesTest, StayInALoadOfAModelAlone) {
  save_evaluated();
  const Reader reader(run());
  RestoreOptions everything;
  everything.include = {"*"};
  everything.allow_unexpected = true;
  for (int door = 0; door < 4; ++door) {
    torch::nn::Linear net(4, 3);
    net->weight.requires_grad_(false);
    if (door == 0) load_model(run(), "net", net);
    if (door == 1) reader.load_model("net", *net);
    if (door == 2) reader.load_model("net", *net, everything);
    if (door == 3) reader.map_model("net", *net);
    EXPECT_TRUE(net->is_training()) << door;
    EXPECT_FALSE(net->weight.requires_grad()) << door;
    EXPECT_TRUE(net->bias.requires_grad()) << door;
    EXPECT_FALSE(net->weight.grad().defined()) << door;
  }
}

TEST_F(ModesTest, LetGradientsBeNothingToALoadOfAModelAlone) {
  torch::nn::Linear net(4, 3);
  State state;
  state.model("net", net).gradients("net");
  net->weight.mutable_grad() = at::ones({3, 4});
  {
    Checkpointer checkpoints(run());
    checkpoints.save(1, state);
  }
  torch::nn::Linear other(4, 3);
  load_model(run(), "net", other);
  Reader(run()).map_model("net", *other);
  EXPECT_FALSE(other->weight.grad().defined());
  EXPECT_TRUE(torch::equal(other->weight, net->weight));
}

// The layouts of which a parameter on a GPU is one: the values go through memory of the library's.
TEST_F(ModesTest, OfTheCallerAreNothingToALoad) {
  for (const CallerMode& mode : caller_modes()) {
    SCOPED_TRACE(mode.name);
    const std::string run = this->run() + mode.name;
    const auto make = [] {
      torch::nn::Linear net(5, 3);
      net->register_parameter("transposed", at::rand({3, 5}).t());
      net->register_parameter("last",
                              at::rand({2, 3, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast));
      net->register_parameter("steps", at::rand({10, 10}).slice(1, 0, 10, 3));
      return net;
    };
    torch::nn::Linear saved = make(), restored = make(), loaded = make(), mapped = make();
    in_mode(mode, [&] {
      State state, other;
      state.model("net", saved);
      other.model("net", restored);
      Checkpointer checkpoints(run);
      checkpoints.save(1, state);
      checkpoints.wait();
      checkpoints.restore_latest(other);
      load_model(run, "net", loaded);
      Reader(run).map_model("net", *mapped);
    });
    for (auto* net : {&restored, &loaded, &mapped}) {
      for (const auto& parameter : (*net)->named_parameters()) {
        EXPECT_TRUE(same_bits(parameter.value(), saved->named_parameters()[parameter.key()]))
            << parameter.key();
        EXPECT_TRUE(parameter.value().requires_grad()) << parameter.key();
        EXPECT_TRUE(parameter.value().is_leaf()) << parameter.key();
        EXPECT_FALSE(parameter.value().is_inference()) << parameter.key();
      }
      (*net)->forward(at::ones({1, 5})).sum().backward();
      EXPECT_TRUE((*net)->weight.grad().defined());
    }
  }
}

// What an accumulation does next is no part of the checkpoint.
TEST_F(ModesTest, LetRegisteredGradientsChangeAsSoonAsSaveReturns) {
  torch::nn::Linear net(300, 300);
  State state;
  state.model("net", net).gradients("net");
  net->weight.mutable_grad() = at::ones({300, 300});
  Options options;
  options.overlap = true;
  {
    Checkpointer checkpoints(run(), options);
    checkpoints.save(1, state);
    net->weight.mutable_grad().fill_(2);
    net->bias.mutable_grad() = at::ones({300});
    checkpoints.before_step();
    checkpoints.wait();
  }
  EXPECT_TRUE(torch::equal(Reader(run()).tensor("gradients/net/weight"), at::ones({300, 300})));
  EXPECT_FALSE(Reader(run()).tensor("gradients/net/bias").defined());
}

// Two experts, of which each step uses one. From its first use on a gradient stays defined, as
// LibTorch 1.13 has it, and Adam moves what has one.
struct Experts {
  explicit Experts(int seed) : net(experts(seed)), adam(net->parameters(), 1e-2) {
    state.model("net", net).optimizer("adam", adam).rng();
  }

  static torch::nn::Sequential experts(int seed) {
    torch::manual_seed(seed);
    return torch::nn::Sequential(torch::nn::Linear(4, 1), torch::nn::Linear(4, 1));
  }

  void train(std::int64_t from, std::int64_t to, Checkpointer& checkpoints) {
    for (std::int64_t step = from; step < to;) {
      const auto x = torch::randn({8, 4});
      for (const at::Tensor& parameter : net->parameters())
        if (parameter.grad().defined()) parameter.mutable_grad().zero_();
      net[(step / 4) % 2]->as<torch::nn::Linear>()->forward(x).square().mean().backward();
      adam.step();
      if (checkpoints.due(++step)) checkpoints.save(step, state);
    }
  }

  torch::nn::Sequential net;
  torch::optim::Adam adam;
  State state;
};

TEST_F(ModesTest, MakeTheResumeOfExpertsExact) {
  Options options;
  options.every_steps = 5;
  {
    Experts experts(1);
    Checkpointer checkpoints(run(), options);
    experts.train(0, 20, checkpoints);
  }
  const std::string other = run() + "-killed";
  {
    Experts experts(1);
    Checkpointer checkpoints(other, options);
    experts.train(0, 7, checkpoints);
  }
  {
    Experts experts(2);
    Checkpointer checkpoints(other, options);
    const auto resumed = checkpoints.restore_latest(experts.state);
    ASSERT_EQ(resumed->step, 5);
    experts.train(resumed->step, 20, checkpoints);
  }
  const Comparison comparison = compare(Reader(run()).files(), Reader(other).files(), 2);
  EXPECT_EQ(Reader(other).info().step, 20);
  EXPECT_THAT(comparison.differences, IsEmpty());
  EXPECT_THAT(comparison.identical, Contains("models/net/parameters/1.weight"));
}

}  // namespace
}  // namespace holdfast::testing
