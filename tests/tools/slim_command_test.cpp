#include "convert_fixture.h"

#include <holdfast/checkpoint/inspect/parts.h>

#include "support/small_disk.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::floats;
using ::testing::HasSubstr;

class Slim : public testing::ConvertTest {
 protected:
  static std::vector<std::string> parts(const CheckpointFiles& files) {
    std::vector<std::string> names;
    for (const Part& part : parts_of(files.catalog())) names.push_back(part.name);
    return names;
  }
};

TEST_F(Slim, KeepsTheModelsAndWhatTheCheckpointIs) {
  EXPECT_THAT(
      done({"slim", run_.path(), "--to", path("small")}),
      AllOf(HasSubstr("wrote " + path("small")), HasSubstr(" before, "), HasSubstr(" after\n")));
  expect_same_model(run_.path(), path("small"));
  const CheckpointFiles files = open("small");
  EXPECT_THAT(parts(files), ElementsAre("models/net"));
  const format::Manifest& manifest = files.manifest();
  EXPECT_EQ(manifest.step, 200);
  EXPECT_EQ(manifest.run_id, std::string(32, 'a'));
  EXPECT_NE(manifest.created, "2026-01-31T12:00:00.000Z");
  EXPECT_EQ(manifest.metrics.at("accuracy"), 0.875);
  EXPECT_EQ(manifest.configuration.at("seed"), "7");
  ASSERT_TRUE(manifest.resumed_from);
  EXPECT_EQ(manifest.resumed_from->step, 200);
  EXPECT_EQ(manifest.resumed_from->path, run_.path_of(200));
  EXPECT_EQ(testing::holdfast({"verify", path("small")}).status, 0);
}

TEST_F(Slim, KeepsChosenModelsAndTheOptimizer) {
  std::vector<Item> items = testing::whole_training();
  for (const std::string name : {"ema", "teacher"})
    items.push_back(floats("models/" + name + "/parameters/w", {3}));
  save(300, std::move(items));
  done({"slim", run_.path(), "--to", path("two"), "--model", "teacher", "--model", "net",
        "--keep-optimizer"});
  EXPECT_THAT(parts(open("two")), ElementsAre("models/net", "optimizers/adam", "models/teacher"));
  expect_refused({"slim", run_.path(), "--to", path("x"), "--model", "no"}, 1,
                 "expected \"net\", \"ema\", \"teacher\", found \"no\"");
}

TEST_F(Slim, LeavesOutOptimizersOfModelsThatItDrops) {
  std::vector<Item> items = testing::whole_training();
  items.push_back(floats("models/gan/parameters/w", {3}));
  items.push_back(testing::text("optimizers/gan/groups/0/params", "gan/w"));
  items.push_back(testing::text("optimizers/both/groups/0/params", "net/fc.bias"));
  items.push_back(testing::text("optimizers/both/groups/1/params", "net/fc.weight\ngan/w"));
  save(300, std::move(items));
  EXPECT_THAT(
      done({"slim", run_.path(), "--to", path("net"), "--model", "net", "--keep-optimizer"}),
      AllOf(HasSubstr("left out optimizer gan, which has parameters of a model that is not kept"),
            HasSubstr("left out optimizer both, ")));
  EXPECT_THAT(parts(open("net")), ElementsAre("models/net", "optimizers/adam"));
  const auto json = nlohmann::json::parse(done(
      {"slim", run_.path(), "--to", path("gan"), "--model", "gan", "--keep-optimizer", "--json"}));
  EXPECT_THAT(json.at("optimizers"), ElementsAre("gan"));
  EXPECT_THAT(json.at("optimizers_left_out"), ElementsAre("adam", "both"));
  EXPECT_THAT(json.at("models"), ElementsAre("gan"));
  EXPECT_EQ(json.at("wrote"), path("gan"));
  EXPECT_EQ(json.at("parameters"), 1);
  EXPECT_EQ(json.at("buffers"), 0);
  EXPECT_GT(json.at("bytes_before"), json.at("bytes"));
}

TEST_F(Slim, SaysWhereItCameFromByAnAbsolutePath) {
  const std::filesystem::path relative = std::filesystem::relative(run_.path_of(200));
  done({"slim", relative, "--to", path("small")});
  EXPECT_EQ(open("small").manifest().resumed_from->path, run_.path_of(200));
}

TEST_F(Slim, StoppedByASignalLeavesNothing) {
  save(300, {floats("models/net/parameters/w", {1 << 20})});
  expect_stopped({"slim", run_.path(), "--to", path("x")});
}

TEST_F(Slim, CastsTheFloatingPointTensorsOfModels) {
  done({"slim", run_.path(), "--to", path("half"), "--dtype", "float16", "--keep-optimizer"});
  const CheckpointFiles files = open("half");
  EXPECT_EQ(files.find("models/net/parameters/fc.weight")->dtype, DType::kFloat16);
  EXPECT_EQ(files.find("models/net/parameters/head.weight")->dtype, DType::kFloat16);
  EXPECT_EQ(files.find("models/net/parameters/head.weight")->alias_of,
            "models/net/parameters/fc.weight");
  EXPECT_EQ(files.find("models/net/buffers/norm.num_batches_tracked")->dtype, DType::kInt64);
  EXPECT_EQ(files.find("optimizers/adam/state/net/fc.bias/exp_avg")->dtype, DType::kFloat32);
  EXPECT_EQ(python(R"(
import h5py, numpy as np
w = h5py.File('half/index.h5')['models/net/parameters/fc.weight'][:]
e = (np.arange(1200, dtype='f4') + 0.5).reshape(40, 30).astype('f2')
print(w.dtype, bool((w.view('u2') == e.view('u2')).all()))
)"),
            "float16 True\n");
}

TEST_F(Slim, RefusesWhatCannotBe) {
  expect_refused({"slim", path("no-run"), "--to", path("x")}, 1, "there is no such directory");
  expect_refused({"slim", run_.path(), "--to", path("x"), "--dtype", "int8"}, 2,
                 "this is not a floating-point type");
  expect_refused({"slim", run_.path(), "--to", path("x"), "--dtype", "float8_e8m0fnu"}, 2,
                 "this is not a floating-point type with a sign");
  expect_refused({"slim", run_.path(), "--to", path("nowhere/x")}, 1, "nowhere");
  expect_refused({"slim", run_.path(), "--to", run_.path() + "/checkpoints/small"}, 2,
                 "expected \"step-000000000200\"");
  expect_refused({"slim", run_.path(), "--to", path("step-000000000100")}, 2,
                 "the name is that of another step");
  expect_refused({"slim", run_.path(), "--to", run_.path_of(200)}, 1, "checkpoints never change");
  expect_refused({"slim", run_.path()}, 2, "--to is required");
  done({"slim", run_.path(), "--to", path("small")});
  expect_refused({"slim", run_.path(), "--to", path("small")}, 1, "there is something already");
  save(300, {testing::integer("progress/epoch", 1)});
  expect_refused({"slim", run_.path(), "--to", path("x")}, 1, "there is no model");
}

TEST_F(Slim, OfADamagedCheckpointLeavesNothing) {
  run_.flip_bit(run_.file(200, testing::kShard), 9000);
  expect_refused({"slim", run_.path(), "--to", path("x")}, 1, "is damaged");
}

TEST_F(Slim, OnAFullDiskLeavesNothing) {
  save(300, {floats("models/net/parameters/w", {1 << 20})});
  const testing::SmallFiles limit(1 << 20);
  std::signal(SIGXFSZ, SIG_DFL);  // as a shell starts the tool
  expect_refused({"slim", run_.path(), "--to", path("x")}, 1, path("x") + ": cannot write");
}

// libhdf5 calls a driver that it has freed, if nobody else holds it. (glibc
// overwrites all that is freed, so.)
TEST_F(Slim, UsesNothingThatWasFreed) {
  const auto with_perturbed_memory = [](const testing::Words& words) {
    testing::Words command = {"/usr/bin/env", "MALLOC_PERTURB_=165",
                              "GLIBC_TUNABLES=glibc.malloc.tcache_count=0", HOLDFAST_PROGRAM};
    command.insert(command.end(), words.begin(), words.end());
    const testing::Finished finished = testing::run_process(command);
    EXPECT_EQ(finished.status, 0) << finished.output;
  };
  with_perturbed_memory({"slim", run_.path(), "--to", path("small")});
  with_perturbed_memory({"export", run_.path(), "--to", path("all.h5")});
  with_perturbed_memory({"import", path("all.h5"), "--to", path("back")});
  expect_same_model(run_.path(), path("back"));
}

// The limit goes up from one at which not even the loader finds its files to one that is enough.
// Which file is the first that cannot be opened depends on how the threads take turns; storage's
// own tests hold the file system at each of them.
TEST_F(Slim, WithTooFewFileDescriptorsLeavesNothing) {
  const std::vector<std::string> before = names();
  std::string last_complaint;
  for (int limit = 4; limit < 1024; ++limit) {
    const testing::Finished finished = testing::run_process(
        {"/bin/sh", "-c", "ulimit -n $1 && exec \"$0\" slim \"$2\" --to \"$3\"", HOLDFAST_PROGRAM,
         std::to_string(limit), run_.path(), path("x")});
    if (finished.status == 0) break;
    last_complaint = finished.output;
    EXPECT_EQ(names(), before) << "with " << limit << ": " << finished.output;
  }
  EXPECT_TRUE(std::filesystem::exists(path("x")));
  EXPECT_THAT(last_complaint, HasSubstr("Too many open files"));
}

}  // namespace
}  // namespace holdfast
