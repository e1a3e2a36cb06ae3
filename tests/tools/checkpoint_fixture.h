// Checkpoints of a small training, for the subcommands that read them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "holdfast.h"
#include "support/files.h"
#include "support/saved_run.h"

namespace holdfast::testing {

constexpr const char* kShard = "shard-00000-of-00001.h5";

// A model of 1.2 MB, its optimizer, and what a trainer keeps. `change` is added to what training
// changes.
inline std::vector<Item> small_training(float change = 0) {
  const Item weight = floats("models/net/parameters/fc1.weight", {1000, 300}, change);
  return {weight,
          alias("models/net/parameters/tied", weight),
          floats("models/net/parameters/fc1.bias", {300}, change / 2),
          floats("models/net/buffers/mean", {3}),
          text("optimizers/adam/type", "torch::optim::Adam"),
          text("optimizers/adam/groups/0/params", "net/fc1.weight\nnet/fc1.bias"),
          real("optimizers/adam/groups/0/lr", 0.001),
          text("optimizers/adam/groups/0/betas/type", "tuple"),
          real("optimizers/adam/groups/0/betas/0", 0.9),
          real("optimizers/adam/groups/0/betas/1", 0.999),
          integer("optimizers/adam/state/net/fc1.weight/step", static_cast<std::int64_t>(change)),
          integer("optimizers/adam/state/net/fc1.bias/step", static_cast<std::int64_t>(change)),
          none("optimizers/adam/state/net/tied"),
          floats("rng/cpu", {10}),
          integer("progress/epoch", 3)};
}

// The name of an entry may have U+009B in it, with which escape sequences begin as well.
inline constexpr const char* kControlName = "models/n\xc2\x9b[31m/parameters/w";
MATCHER(HasControlNameEscaped, "") {
  return arg.find("n\\xc2\\x9b") != std::string::npos && arg.find("\xc2\x9b") == std::string::npos;
}

class CheckpointTest : public ::testing::Test {
 protected:
  void save(std::int64_t step, std::vector<Item> items) {
    SaveJob job = SavedRun::job(step, std::move(items));
    job.manifest.resumed_from =
        format::Origin{job.manifest.run_id, 100, "runs/net/checkpoints/step-000000000100"};
    job.manifest.metrics = {{"accuracy", 0.875},
                            {"loss", std::numeric_limits<double>::quiet_NaN()}};
    job.manifest.environment = {{"torch", "1.13.1"}};
    job.manifest.configuration = {{"seed", "7"}, {"name", "a\x1b[31mb"}};
    run_.save(std::move(job));
  }

  static nlohmann::json json_of(const Finished& finished) {
    return nlohmann::json::parse(finished.output);
  }

  SavedRun run_;
};

// Nothing that only a terminal understands.
MATCHER(IsPlainText, "") {
  return arg.find('\x1b') == std::string::npos && arg.find('\r') == std::string::npos;
}

// "holdfast: …", in one line.
MATCHER(IsOneLineOfComplaint, "") {
  return arg.rfind("holdfast: ", 0) == 0 && arg.find('\n') == arg.size() - 1;
}

}  // namespace holdfast::testing
