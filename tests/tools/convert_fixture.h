// Checkpoints that go to files of other programs and come back.
#pragma once

#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/names.h>

#include "checkpoint_fixture.h"
#include "support/python.h"

namespace holdfast::testing {

// A model with a normalization and tied tensors, its Adam as LibTorch keeps it, and the rest.
inline std::vector<Item> whole_training() {
  const Item weight = floats("models/net/parameters/fc.weight", {40, 30}, 0.5F);
  std::vector<Item> items = {
      weight,
      floats("models/net/parameters/fc.bias", {40}, -3),
      alias("models/net/parameters/head.weight", weight),
      floats("models/net/buffers/norm.running_mean", {40}, 7),
      item("models/net/buffers/norm.num_batches_tracked", DType::kInt64, {},
           bytes_of(std::vector<std::int64_t>{12})),
      text("optimizers/adam/type", "torch::optim::Adam"),
      text("optimizers/adam/groups/0/params", "net/fc.bias\nnet/fc.weight"),
      real("optimizers/adam/groups/0/lr", 0.001),
      text("optimizers/adam/groups/0/betas/type", "tuple"),
      real("optimizers/adam/groups/0/betas/0", 0.9),
      real("optimizers/adam/groups/0/betas/1", 0.999),
      real("optimizers/adam/groups/0/eps", 1e-8),
      real("optimizers/adam/groups/0/weight_decay", 0),
      item("optimizers/adam/groups/0/amsgrad", DType::kBool, {}, {std::byte(0)})};
  items.back().kind = Kind::kScalar;
  for (const std::string name : {"fc.bias", "fc.weight"}) {
    const std::string state = "optimizers/adam/state/net/" + name + "/";
    const Shape shape = name == "fc.bias" ? Shape{40} : Shape{40, 30};
    items.push_back(integer(state + "step", 200));
    items.push_back(floats(state + "exp_avg", shape, 1));
    items.push_back(floats(state + "exp_avg_sq", shape, 2));
  }
  items.push_back(floats("rng/cpu", {10}));
  items.push_back(integer("progress/epoch", 3));
  return items;
}

class ConvertTest : public CheckpointTest {
 protected:
  ConvertTest() { save(200, whole_training()); }

  std::string path(const std::string& name) const { return directory_ / name; }
  CheckpointFiles open(const std::string& name) const {
    return CheckpointFiles(Directory::open(posix_file_system(), path(name)));
  }

  // Runs the script in the directory.
  std::string python(const std::string& script) const {
    return run_python("import os\nos.chdir('" + directory_.path().string() + "')\n" + script);
  }

  // Returns what was printed.
  static std::string done(const Words& words) {
    const Finished finished = holdfast(words);
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_THAT(finished.output, ::testing::Not(::testing::HasSubstr("\x1b")));
    return finished.output;
  }

  // One line, and nothing that was not there before.
  void expect_refused(const Words& words, int status, const std::string& problem) const {
    const std::vector<std::string> before = names();
    const Finished finished = holdfast(words);
    EXPECT_EQ(finished.status, status) << finished.output;
    EXPECT_THAT(finished.output, ::testing::HasSubstr(problem));
    if (status == 1) {
      EXPECT_THAT(finished.output, IsOneLineOfComplaint());
    }
    EXPECT_EQ(names(), before);
  }

  // The signal waits, blocked, when the program begins.
  void expect_stopped(const Words& words) const {
    const std::vector<std::string> before = names();
    sigset_t blocked, mask;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &mask);
    Words command = {"/bin/sh", "-c", "kill -TERM $$; exec \"$@\"", "sh", HOLDFAST_PROGRAM};
    command.insert(command.end(), words.begin(), words.end());
    const Finished finished = run_process(command);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    EXPECT_EQ(finished.status, 128 + SIGTERM) << finished.output;
    EXPECT_THAT(finished.output, ::testing::HasSubstr("stopped by"));
    EXPECT_EQ(names(), before);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

  // All of a model is the same.
  void expect_same_model(const std::string& a, const std::string& b,
                         const std::string& model = "net") const {
    const Finished finished = holdfast({"diff", a, b, "--model", model, "--verify"});
    EXPECT_EQ(finished.status, 0) << finished.output;
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace holdfast::testing
