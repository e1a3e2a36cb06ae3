#include <holdfast/checkpoint/inspect/parts.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using ::testing::ElementsAre;
using testing::floats;
using testing::integer;
using ::testing::IsEmpty;
using testing::none;
using testing::real;
using testing::SavedRun;
using testing::text;

TEST(Parts, AreNamedByTheObjectsOfAState) {
  EXPECT_EQ(part_of("models/mlp/parameters/fc1.weight"), "models/mlp");
  EXPECT_EQ(part_of("modes/mlp/training"), "modes/mlp");
  EXPECT_EQ(part_of("gradients/mlp/fc1.weight"), "gradients/mlp");
  EXPECT_EQ(part_of("optimizers/adam/type"), "optimizers/adam");
  EXPECT_EQ(part_of("user/mine"), "user/mine");
  EXPECT_EQ(part_of("rng/cpu"), "rng");
  EXPECT_EQ(part_of("rng/cuda/0"), "rng");
  EXPECT_EQ(part_of("progress/epoch"), "progress");
  EXPECT_EQ(part_of("models"), "models");
}

TEST(Parts, HaveTheirSizesAndCountTiedTensorsOnce) {
  const Item weight = floats("models/a/parameters/w", {10, 10});
  SavedRun run;
  run.save(1, {weight, alias("models/a/parameters/v", weight), floats("models/a/buffers/mean", {3}),
               floats("models/b/parameters/w", {2}), integer("progress/epoch", 3)});
  const std::vector<Part> parts = parts_of(run.open(1).catalog());
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "models/a");
  EXPECT_EQ(parts[0].entries, 3u);
  EXPECT_EQ(parts[0].parameters, 100u);
  EXPECT_EQ(parts[0].buffers, 3u);
  EXPECT_EQ(parts[0].bytes, 412u);
  EXPECT_EQ(parts[1].parameters, 2u);
  EXPECT_EQ(parts[2].name, "progress");
  EXPECT_EQ(parts[2].bytes, 8u);
}

std::vector<OptimizerInfo> optimizers(std::vector<Item> items) {
  SavedRun run;
  run.save(1, std::move(items));
  return read_optimizers(run.open(1), 2);
}

TEST(Optimizers, HaveTheirOptionsByGroup) {
  const auto found = optimizers({
      text("optimizers/adam/type", "Adam"),
      text("optimizers/adam/groups/0/params", "a/w\na/b\na/c"),
      real("optimizers/adam/groups/0/lr", 0.001),
      text("optimizers/adam/groups/0/betas/type", "tuple"),
      real("optimizers/adam/groups/0/betas/0", 0.9),
      real("optimizers/adam/groups/0/betas/1", 0.999),
      text("optimizers/adam/groups/1/params", ""),
      real("optimizers/adam/groups/1/lr", 0.1),
      none("optimizers/adam/groups/1/max_eval"),
      floats("optimizers/adam/groups/1/scale", {3}),
      floats("optimizers/adam/state/a/w/exp_avg", {3}),
      integer("optimizers/adam/state/a/w/step", 7),
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "adam");
  EXPECT_EQ(found[0].type, "Adam");
  ASSERT_EQ(found[0].groups.size(), 2u);
  EXPECT_EQ(found[0].groups[0].parameters, 3u);
  const auto& options = found[0].groups[0].options;
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].name, "lr");
  EXPECT_THAT(options[0].values, ElementsAre(SmallValue(0.001)));
  EXPECT_EQ(options[1].name, "betas");
  EXPECT_TRUE(options[1].is_list);
  EXPECT_THAT(options[1].values, ElementsAre(SmallValue(0.9), SmallValue(0.999)));
  const auto& others = found[0].groups[1].options;
  EXPECT_EQ(found[0].groups[1].parameters, 0u);
  ASSERT_EQ(others.size(), 3u);
  EXPECT_THAT(others[1].values, ElementsAre(SmallValue()));
  EXPECT_THAT(others[2].values, ElementsAre(SmallValue("tensor float32 [3]")));
}

// As a file has them that sorts its names: "type" last, 10 before 2.
TEST(Optimizers, AreTheSameInWhateverOrderTheEntriesAre) {
  std::vector<Item> items = {text("optimizers/a/type", "Adam"), text("optimizers/b/type", "SGD")};
  for (int group = 0; group < 12; ++group) {
    const std::string below = "optimizers/a/groups/" + std::to_string(group) + "/";
    items.push_back(text(below + "params", "a/w"));
    items.push_back(text(below + "decays/type", "list of float"));
    for (int i = 0; i < 12; ++i)
      items.push_back(real(below + "decays/" + std::to_string(i), 100 * group + i));
  }
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.name < b.name; });
  for (const char* const order : {"sorted", "the other way round"}) {
    SCOPED_TRACE(order);
    const auto found = optimizers(items);
    std::reverse(items.begin(), items.end());
    ASSERT_EQ(found.size(), 2u);
    const OptimizerInfo& adam = found[0].name == "a" ? found[0] : found[1];
    EXPECT_EQ(adam.type, "Adam");
    ASSERT_EQ(adam.groups.size(), 12u);
    for (std::size_t group = 0; group < 12; ++group) {
      EXPECT_EQ(adam.groups[group].parameters, 1u);
      ASSERT_EQ(adam.groups[group].options.size(), 1u);
      const OptimizerOption& decays = adam.groups[group].options[0];
      EXPECT_EQ(decays.name, "decays");
      EXPECT_TRUE(decays.is_list);
      std::vector<SmallValue> values;
      for (std::size_t i = 0; i < 12; ++i)
        values.emplace_back(static_cast<double>(100 * group + i));
      EXPECT_EQ(decays.values, values);
    }
  }
}

TEST(Optimizers, AreToldApart) {
  const auto found =
      optimizers({text("optimizers/a/type", "SGD"), real("optimizers/a/groups/0/lr", 1),
                  text("optimizers/b/type", "Adam"), real("optimizers/b/groups/0/lr", 2)});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].type, "Adam");
  ASSERT_EQ(found[1].groups.size(), 1u);
  EXPECT_THAT(found[1].groups[0].options[0].values, ElementsAre(SmallValue(2.0)));
}

TEST(Optimizers, AreNoneInAStateOfModelsOnly) {
  EXPECT_THAT(optimizers({floats("models/a/parameters/w", {3})}), IsEmpty());
}

TEST(Optimizers, KeepAnEmptyListAndTheValuesOfAnArchive) {
  const auto found = optimizers({text("optimizers/a/groups/0/empty/type", "list of int"),
                                 text("optimizers/a/groups/0/more/type", "archive"),
                                 integer("optimizers/a/groups/0/more/values/k", 3)});
  const auto& options = found[0].groups[0].options;
  ASSERT_EQ(options.size(), 2u);
  EXPECT_TRUE(options[0].is_list);
  EXPECT_THAT(options[0].values, IsEmpty());
  EXPECT_EQ(options[1].name, "more/values/k");
}

}  // namespace
}  // namespace holdfast
