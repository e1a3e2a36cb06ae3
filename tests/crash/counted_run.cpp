#include "crash/counted_run.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <utility>

#include <torch/types.h>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast::testing {
namespace {

// In which of a save's fsyncs the next step's row comes: another one after each step.
constexpr std::int64_t kFsyncsOfASave = 9;
std::int64_t fsync_of_next_row(std::int64_t step) {
  return 1 + 5 * step % kFsyncsOfASave;
}

std::string journal_of(std::int64_t after, std::int64_t steps) {
  std::string text;
  for (std::int64_t step = after + 1; step <= steps; ++step) text += row_of(step);
  return text;
}

std::string content(const Disk& disk, const std::string& path) {
  const auto id = disk.at(path);
  if (!id) return {};
  const std::vector<std::byte>& bytes = disk.find(*id)->bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Of the checkpoints in the directory at that path; the steps of those that are whole are added.
std::string problem_of_checkpoints(const std::shared_ptr<MemoryFileSystem>& fs,
                                   const std::string& path, std::int64_t damaged,
                                   std::set<std::int64_t>& whole) {
  const Disk disk = fs->disk();
  const auto id = disk.at(path);
  if (!id) return {};
  for (const auto& [name, node] : disk.find(*id)->entries) {
    const auto step = format::parse_step_directory(name);
    if (!step || *step == damaged) continue;
    const auto damage = verify(Directory::open(fs, path + "/" + name), VerifyDepth::kFull, 1);
    if (!damage.empty())
      return path + "/" + name + " is damaged: " + damage[0].file + ": " + damage[0].problem;
    whole.insert(*step);
  }
  return {};
}

std::string problem_of_all_checkpoints(const std::shared_ptr<MemoryFileSystem>& fs,
                                       const Promise& promise) {
  std::set<std::int64_t> whole;
  std::string problem = problem_of_checkpoints(
      fs, promise.plan.run + "/" + format::kCheckpointsDirectory, promise.damaged, whole);
  const std::string superseded = promise.plan.run + "/" + format::kSupersededDirectory;
  const Disk disk = fs->disk();
  if (const auto id = disk.at(superseded))
    for (const auto& [name, node] : disk.find(*id)->entries)
      if (problem.empty()) problem = problem_of_checkpoints(fs, superseded + "/" + name, -1, whole);
  if (problem.empty() && promise.set_aside >= 0 && whole.count(promise.set_aside) == 0)
    return "step " + std::to_string(promise.set_aside) + " was set aside, and is lost";
  return problem;
}

std::string problem_of_leftovers(const Disk& disk, const std::string& run) {
  const auto id = disk.at(run + "/" + format::kCheckpointsDirectory);
  for (const auto& [name, node] : disk.find(*id)->entries)
    if (!format::parse_step_directory(name)) return "left behind: " + name;
  return {};
}

// What was found, where that breaks the promise.
std::string problem_of_step(const std::optional<Resumed>& resumed, const Promise& promise,
                            const CountedTraining& training) {
  const std::int64_t step = resumed ? resumed->step : -1;
  if (resumed && step < promise.forked_at) return "a step before the run's first was found";
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
  return problem_of_leftovers(fs.disk(), checkpoints.path());
}

Options options_of(const Plan& plan, const std::shared_ptr<MemoryFileSystem>& fs) {
  Options options = counted_options(fs);
  options.max_failures = plan.max_failures;
  options.after_failures = Options::AfterFailures::kOlder;
  return options;
}

std::string problem_of_resume(const std::shared_ptr<MemoryFileSystem>& fs, const Promise& promise,
                              bool go_on) {
  CountedTraining training;
  Options options = options_of(promise.plan, fs);
  std::string problem;
  options.on_event = [&](const Event& event) {
    if (event.name == "quarantine" && promise.damaged >= 0) return;
    if (event.name == "quarantine" || event.name == "journal_altered") problem = event.name;
  };
  Checkpointer checkpoints(promise.plan.run, options);
  auto resumed = checkpoints.restore_latest(training.state());
  if (!problem.empty()) return problem;
  problem = problem_of_step(resumed, promise, training);
  if (!problem.empty()) return problem;
  if (!resumed && promise.forked_at >= 0) {
    resumed = checkpoints.restore(promise.plan.from, training.state());
    problem = problem_of_step(resumed, promise, training);
  }
  if (!problem.empty()) return problem;
  checkpoints.journal(kJournalName);
  const std::string journal_path = promise.plan.run + "/" + kJournalName;
  const std::int64_t before = std::max<std::int64_t>(promise.forked_at, 0);
  if (content(fs->disk(), journal_path) != journal_of(before, training.steps()))
    return "the journal is not that of step " + std::to_string(training.steps());
  return go_on ? problem_of_going_on(checkpoints, training, *fs) : "";
}

}  // namespace

CountedTraining::CountedTraining()
    : weights_(net_.register_parameter("weights", torch::zeros({1700}))),
      embedding_(net_.register_parameter("embedding", torch::zeros({40, 32}, torch::kFloat64))),
      counts_(net_.register_buffer("counts", torch::zeros({5}, torch::kInt64))) {
  state_.model("net", net_).scalar("step", steps_);
  counters_ = {{"steps", {}}, {"squares", {}}};
  state_.add("engine", engine_).add("counters", counters_);
}

void CountedTraining::step() {
  const torch::NoGradGuard no_grad;
  ++steps_;
  const auto number = static_cast<double>(steps_);
  weights_.copy_(torch::arange(1700, torch::kFloat32) + number * 10000);
  embedding_.copy_(torch::arange(1280, torch::kFloat64).reshape({40, 32}) * number);
  counts_.fill_(steps_);
  engine_.seed(static_cast<unsigned>(steps_));
  counters_ = {{"steps", {steps_, -steps_}}, {"squares", {steps_ * steps_, 0}}};
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
  if (engine_ != expected.engine_) return "the engine is not that of the step";
  if (counters_ != expected.counters_) return "the counters are not those of the step";
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

std::string checkpoint_path(const std::string& run, std::int64_t step) {
  return run + "/" + format::kCheckpointsDirectory + "/" + format::step_directory_name(step);
}

void train(const std::shared_ptr<MemoryFileSystem>& fs, const Plan& plan) {
  CountedTraining training;
  Options options = options_of(plan, fs);
  options.on_event = [fs](const Event& event) {
    if (event.name != "save") return;
    for (const auto& [name, value] : event.fields)
      if (name == "step") fs->mark(std::get<std::int64_t>(value));
  };
  bool failed = false;
  options.on_error = [&](const Error&) { failed = true; };  // the next save is another try
  Checkpointer checkpoints(plan.run, options);
  if (plan.from.empty()) {
    checkpoints.restore_latest(training.state());
  } else {
    checkpoints.restore(plan.from, training.state());
  }
  Journal& journal = checkpoints.journal(kJournalName);
  std::int64_t rows = training.steps();
  std::int64_t fsyncs_until_row = 0;
  // By the thread that saves, while this one waits. Not after a failure: the journal may be locked,
  // to be written anew.
  fs->before_fsync([&] {
    if (--fsyncs_until_row == 0 && rows < plan.end && !failed) journal.append(row_of(++rows));
  });
  while (training.steps() < plan.end) {
    training.step();
    if (rows < training.steps()) journal.append(row_of(++rows));
    fsyncs_until_row = fsync_of_next_row(training.steps());
    checkpoints.save(training.steps(), training.state());
    checkpoints.wait();
  }
  fs->before_fsync({});
}

void fail(const std::shared_ptr<MemoryFileSystem>& fs) {
  CountedTraining training;
  Checkpointer checkpoints(kRunPath, counted_options(fs));
  checkpoints.restore_latest(training.state());
  checkpoints.count_failure("it does not train");
}

std::string problem_after_crash(const Disk& disk, const Promise& promise, bool go_on) {
  try {
    const auto fs = std::make_shared<MemoryFileSystem>(disk);
    const std::string problem = problem_of_all_checkpoints(fs, promise);
    return problem.empty() ? problem_of_resume(fs, promise, go_on) : problem;
  } catch (const std::exception& error) {
    return std::string("refused: ") + error.what();
  }
}

}  // namespace holdfast::testing
