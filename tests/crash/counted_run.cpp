#include "crash/counted_run.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <torch/types.h>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/store/run_names.h>

namespace holdfast::testing {
namespace {

std::string journal_of(std::int64_t steps) {
  std::string text;
  for (std::int64_t step = 1; step <= steps; ++step) text += row_of(step);
  return text;
}

std::string content(const Disk& disk, const std::string& path) {
  const auto id = disk.at(path);
  if (!id) return {};
  const std::vector<std::byte>& bytes = disk.find(*id)->bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string problem_of_visible_checkpoints(const std::shared_ptr<MemoryFileSystem>& fs,
                                           const Promise& promise) {
  const Disk disk = fs->disk();
  const std::string path = std::string(kRunPath) + "/" + kCheckpointsDirectory;
  const auto id = disk.at(path);
  if (!id) return {};
  for (const auto& [name, node] : disk.find(*id)->entries) {
    const auto step = parse_step_directory(name);
    if (!step || *step == promise.damaged) continue;
    const auto damage = verify(Directory::open(fs, path + "/" + name), VerifyDepth::kFull, 1);
    if (!damage.empty())
      return name + " is visible and damaged: " + damage[0].file + ": " + damage[0].problem;
  }
  return {};
}

std::string problem_of_leftovers(const Disk& disk) {
  const auto id = disk.at(std::string(kRunPath) + "/" + kCheckpointsDirectory);
  for (const auto& [name, node] : disk.find(*id)->entries)
    if (!parse_step_directory(name)) return "left behind: " + name;
  return {};
}

// What was found, where that breaks the promise.
std::string problem_of_step(const std::optional<Resumed>& resumed, const Promise& promise,
                            const CountedTraining& training) {
  const std::int64_t step = resumed ? resumed->step : -1;
  if (step < promise.told)
    return "step " + std::to_string(step) + " was found, and " + std::to_string(promise.told) +
           " had been reported durable";
  if (resumed && step != training.steps()) return "the values are of another step";
  return training.problem();
}

std::string problem_of_going_on(Checkpointer& checkpoints, CountedTraining& training,
                                const MemoryFileSystem& fs) {
  training.step();
  checkpoints.journal(kJournalName).append(row_of(training.steps()));
  checkpoints.save(training.steps(), training.state());
  checkpoints.wait();
  if (checkpoints.steps().back() != training.steps()) return "the next step was not saved";
  return problem_of_leftovers(fs.disk());
}

std::string problem_of_resume(const std::shared_ptr<MemoryFileSystem>& fs, const Promise& promise,
                              bool go_on) {
  CountedTraining training;
  Options options = counted_options(fs);
  std::string problem;
  options.on_event = [&](const Event& event) {
    if (event.name == "quarantine" && promise.damaged >= 0) return;
    if (event.name == "quarantine" || event.name == "journal_altered") problem = event.name;
  };
  Checkpointer checkpoints(kRunPath, options);
  const auto resumed = checkpoints.restore_latest(training.state());
  if (!problem.empty()) return problem;
  problem = problem_of_step(resumed, promise, training);
  if (!problem.empty()) return problem;
  checkpoints.journal(kJournalName);
  const std::string journal_path = std::string(kRunPath) + "/" + kJournalName;
  if (content(fs->disk(), journal_path) != journal_of(training.steps()))
    return "the journal is not that of step " + std::to_string(training.steps());
  return go_on ? problem_of_going_on(checkpoints, training, *fs) : "";
}

}  // namespace

CountedTraining::CountedTraining()
    : weights_(net_.register_parameter("weights", torch::zeros({1700}))),
      embedding_(net_.register_parameter("embedding", torch::zeros({40, 32}, torch::kFloat64))),
      counts_(net_.register_buffer("counts", torch::zeros({5}, torch::kInt64))) {
  state_.model("net", net_).scalar("step", steps_);
}

void CountedTraining::step() {
  const torch::NoGradGuard no_grad;
  ++steps_;
  const auto number = static_cast<double>(steps_);
  weights_.copy_(torch::arange(1700, torch::kFloat32) + number * 10000);
  embedding_.copy_(torch::arange(1280, torch::kFloat64).reshape({40, 32}) * number);
  counts_.fill_(steps_);
}

std::string CountedTraining::problem() const {
  CountedTraining expected;
  if (steps_ > 0) {
    expected.steps_ = steps_ - 1;
    expected.step();
  }
  if (!weights_.equal(expected.weights_)) return "the weights are not those of the step";
  if (!embedding_.equal(expected.embedding_)) return "the embedding is not that of the step";
  if (!counts_.equal(expected.counts_)) return "the counts are not those of the step";
  return {};
}

std::string row_of(std::int64_t step) {
  return std::to_string(step) + ",0." + std::to_string(step * 7919) + "\n";
}

Options counted_options(std::shared_ptr<FileSystem> fs) {
  Options options;
  options.every_steps = 1;
  options.shards = 2;
  options.threads = 1;
  options.retention.keep_last = 2;
  options.file_system = std::move(fs);
  return options;
}

void train(const std::shared_ptr<MemoryFileSystem>& fs, std::int64_t end, std::int64_t from) {
  CountedTraining training;
  Options options = counted_options(fs);
  options.on_event = [fs](const Event& event) {
    if (event.name != "save") return;
    for (const auto& [name, value] : event.fields)
      if (name == "step") fs->mark(std::get<std::int64_t>(value));
  };
  options.on_error = [](const Error&) {};  // the next save is another try
  Checkpointer checkpoints(kRunPath, options);
  if (from < 0) {
    checkpoints.restore_latest(training.state());
  } else {
    checkpoints.restore(
        std::string(kRunPath) + "/" + kCheckpointsDirectory + "/" + step_directory_name(from),
        training.state());
  }
  Journal& journal = checkpoints.journal(kJournalName);
  while (training.steps() < end) {
    training.step();
    journal.append(row_of(training.steps()));
    checkpoints.save(training.steps(), training.state());
  }
  checkpoints.wait();
}

std::string problem_after_crash(const Disk& disk, const Promise& promise, bool go_on) {
  try {
    const auto fs = std::make_shared<MemoryFileSystem>(disk);
    const std::string visible = problem_of_visible_checkpoints(fs, promise);
    return visible.empty() ? problem_of_resume(fs, promise, go_on) : visible;
  } catch (const std::exception& error) {
    return std::string("refused: ") + error.what();
  }
}

}  // namespace holdfast::testing
