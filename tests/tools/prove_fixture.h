// Verbs for tests that run `holdfast prove` on shell scripts that take a training's place.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>

#include "run_fixture.h"
#include "support/saved_run.h"

namespace holdfast::testing {

// What a script begins with: it runs in the test's directory, $run is its run directory, $n is the
// number of its start there, and $step what it has completed. `train STEPS` does as a training does
// that resumes by itself: it saves every second step. In the run that is killed it waits at each
// of the steps in $holds, once, to be killed there.
inline constexpr const char* kTrainingVerbs = R"sh(
run=$1; name=$(basename "$run"); step=0
echo start >> "starts-$name"
n=$(wc -l < "starts-$name")
open_run() { mkdir -p "$run/checkpoints"; echo "$run" >> "$HOLDFAST_RUNS_FILE"; }
beat() { echo "$1 $2" > "$HOLDFAST_HEARTBEAT"; }
is_to_wait() {
  for at in ${holds:-}; do
    if [ "$name" = killed ] && [ "$step" -eq "$at" ] && [ ! -e "held-$at" ]; then
      touch "held-$at"; return 0
    fi
  done
  return 1
}
save() {  # VARIANT STEP: as that step, or the one before it
  cp -r "$1/$(printf 'step-%012d' "$2")" "$run/checkpoints/.tmp-0-0-0"
  mv "$run/checkpoints/.tmp-0-0-0" "$run/checkpoints/$(printf 'step-%012d' $(($2 - ${behind:-0})))"
}
resume() {
  newest=$(ls "$run/checkpoints" | grep '^step-' | tail -n 1)
  [ -z "$newest" ] || { step=$(echo "$newest" | sed 's/step-0*//'); beat resume "$step"; }
}
complete() {
  step=$((step + 1))
  if is_to_wait; then beat step "$step"; sleep 1000; else beat step "$step"; fi
}
train() { open_run; resume; train_on "$1"; }
train_on() {
  while [ "$step" -lt "$1" ]; do
    complete
    [ $((step % 2)) -ne 0 ] || save "${variant:-a}" "$step"
  done
}
)sh";

class ProveTest : public RunTest {
 protected:
  ProveTest() {
    std::filesystem::create_directory(temporary());
    setenv("TMPDIR", temporary().c_str(), 1);
  }
  ~ProveTest() override { unsetenv("TMPDIR"); }

  std::string temporary() const { return directory_ / "tmp"; }

  // Checkpoints of the steps 2, 4 … for scripts to save as `variant`, all with this metrics.csv.
  void prepare(const std::string& variant, const std::vector<Item>& more = {},
               std::int64_t steps = 8, const std::string& journal = "") const {
    SavedRun saved;
    RunStore store(posix_file_system(), saved.path());
    Saver saver(store, {});
    for (std::int64_t step = 2; step <= steps; step += 2) {
      std::vector<Item> items = {floats("models/net/parameters/weight", {4}),
                                 floats("optimizers/adam/state/net/weight/exp_avg", {4}),
                                 floats("rng/cpu", {8}, static_cast<float>(step))};
      for (const Item& one : more) {
        const auto same = [&](const Item& item) { return item.name == one.name; };
        items.erase(std::remove_if(items.begin(), items.end(), same), items.end());
        items.push_back(one);
      }
      SaveJob job = SavedRun::job(step, std::move(items));
      if (!journal.empty())
        job.manifest.journals = {{"metrics.csv", journal.size(), digest_of(ByteView(journal))}};
      saver.save(std::move(job));
      saver.wait();
    }
    std::filesystem::create_directory(directory_ / variant);
    std::filesystem::copy(saved.path() + "/checkpoints", directory_ / variant,
                          std::filesystem::copy_options::recursive);
  }

  Words proof(const std::string& script, const Words& options) const {
    Words words = {HOLDFAST_PROGRAM, "prove"};
    words.insert(words.end(), options.begin(), options.end());
    const std::string here = "cd '" + directory_.path().string() + "'\n";
    for (const std::string& word :
         {std::string("--"), std::string("/bin/sh"), std::string("-c"),
          here + kTrainingVerbs + script, std::string("sh"), std::string("{run}")})
      words.push_back(word);
    return words;
  }
  Finished prove(const std::string& script, const Words& options = {"--at", "5"}) const {
    return run_process(proof(script, options));
  }
  nlohmann::json prove_as_json(const std::string& script, Words options = {"--at", "5"}) const {
    options.push_back("--json");
    const std::string output = prove(script, options).output;
    const std::size_t begin = output.find("{\n");
    return nlohmann::json::parse(begin == std::string::npos ? "null" : output.substr(begin));
  }

  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(temporary()))
      names.push_back(entry.path().filename().string());
    return names;
  }
};

}  // namespace holdfast::testing
