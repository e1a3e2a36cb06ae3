// Verbs for tests that run `holdfast run` on shell scripts that take a training's place.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "holdfast.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

// What a script begins with: it runs in the test's directory, $n is the number of its start, and it
// has these verbs.
inline constexpr const char* kVerbs = R"sh(
echo start >> starts
n=$(wc -l < starts)
open_run() { mkdir -p "$1/checkpoints"; echo "$PWD/$1" >> "$HOLDFAST_RUNS_FILE"; }
save() { mkdir -p "$1/checkpoints/$(printf 'step-%012d' "$2")"; }
wait_for() { while [ ! -e "$1" ]; do sleep 0.01; done; }
)sh";

class RunTest : public ::testing::Test {
 protected:
  RunTest() { restore_signals(); }

  // The script as a training command.
  Words training(const std::string& script) const {
    return {"/bin/sh", "-c", "cd '" + directory_.path().string() + "'\n" + kVerbs + script};
  }
  // `holdfast run` on it, without a wait before a restart.
  Words command(const std::string& script, const Words& options = {}) const {
    Words words = {HOLDFAST_PROGRAM, "run", "--backoff", "0"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--");
    for (const std::string& word : training(script)) words.push_back(word);
    return words;
  }
  Finished run(const std::string& script, const Words& options = {}) const {
    return run_process(command(script, options));
  }

  std::size_t starts() const { return lines("starts").size(); }
  bool exists(const std::string& name) const { return std::filesystem::exists(directory_ / name); }
  void touch(const std::string& name) const { std::ofstream(directory_ / name).flush(); }
  std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> lines;
    std::ifstream file(directory_ / name);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  // Until the condition holds; a failure of the test if the process ends first.
  template <typename Condition>
  static void wait_until(Process& process, Condition condition) {
    while (!condition()) {
      if (!process.running()) throw std::runtime_error("it ended early:\n" + process.output());
      pause();
    }
  }
  void wait_for(const std::string& name, Process& process) const {
    wait_until(process, [&] { return exists(name); });
  }

  // Of the run of that name, without their time.
  std::vector<nlohmann::json> events(const std::string& run) const {
    std::vector<nlohmann::json> events;
    for (const std::string& line : lines(run + "/events.jsonl")) {
      events.push_back(nlohmann::json::parse(line));
      EXPECT_EQ(events.back().erase("time"), 1u);
    }
    return events;
  }

  TemporaryDirectory directory_;
};

}  // namespace holdfast::testing
