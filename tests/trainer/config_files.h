// Writes configurations for tests to files.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <holdfast/trainer/config.h>

#include "support/temporary_directory.h"
#include "support/thrown.h"

namespace holdfast::testing {

// The smallest valid configuration. Its line 4 is "models:".
inline const char* const kSmallConfig = R"(run: {dir: runs/a}
data:
  root: data
models:
  mlp: {type: mlp, layers: [4, 3, 2]}
optimizers:
  adam:
    type: adam
    models: [mlp]
train:
  epochs: 2
  objective: {type: classify, models: [mlp]}
)";

class ConfigTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_ / "a.yaml"; }

  trainer::Config load(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
    std::ofstream(path(), std::ios::binary) << yaml;
    return trainer::load_config(path(), overrides);
  }

  trainer::Config load_small(const std::vector<std::string>& overrides = {}) {
    return load(kSmallConfig, overrides);
  }

  // The message of the error that load() throws: "a.yaml:3: …", without the directory.
  std::string complaint(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
    const Error error = error_of([&] { load(yaml, overrides); });
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument) << error.what();
    std::string text = error.what();
    const std::string prefix = directory_ / "";
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;)
      text.erase(at, prefix.size());
    return text;
  }

  std::string complaint_about(const std::string& override_text) {
    return complaint(kSmallConfig, {override_text});
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace holdfast::testing
