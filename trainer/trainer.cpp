#include <holdfast/trainer/trainer.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include <holdfast/checkpoint/log/typed_events.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/state/environment.h>
#include <holdfast/text/units.h>
#include <holdfast/trainer/checkpoint_options.h>
#include <holdfast/trainer/config_changes.h>
#include <holdfast/trainer/experiment.h>
#include <holdfast/trainer/fatal_signals.h>
#include <holdfast/trainer/glob.h>
#include <holdfast/trainer/metrics_table.h>
#include <holdfast/trainer/roll_backs.h>
#include <holdfast/trainer/stop_signals.h>
#include <holdfast/trainer/threads.h>

namespace holdfast::trainer {
namespace {

using Clock = std::chrono::steady_clock;
using Metrics = std::map<std::string, double>;

constexpr const char* kMetricsFile = "metrics.csv";

bool every(std::int64_t count, std::int64_t interval) {
  return interval > 0 && count % interval == 0;
}

// Of the fields that a notice has.
std::string value_text(events::Unit unit, const EventValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  const auto* const number = std::get_if<std::int64_t>(&value);
  const std::string count = number == nullptr ? "?" : text::format_count(*number);
  return unit == events::Unit::kStep ? "step " + count : count;
}

std::vector<std::string> columns_of(const Config& config) {
  std::vector<std::string> columns = {"step", "epoch", "train_loss"};
  for (const OptimizerConfig& optimizer : config.optimizers)
    columns.push_back(optimizer.name + "/lr");
  for (const std::string& metric : metric_names(config)) columns.push_back(metric);
  return columns;
}

// The differences to the environment in which the checkpoint was saved: settings that cannot be
// restored, and that may change the rounding. The name of the host is not one of them.
std::vector<std::string> environment_changes(const std::map<std::string, std::string>& saved) {
  std::vector<std::string> lines;
  for (const auto& [key, now] : environment()) {
    const auto before = saved.find(key);
    if (key == "host" || before == saved.end() || before->second == now) continue;
    lines.push_back(key + " was " + before->second + ", is " + now);
  }
  return lines;
}

// One call of run().
class Run {
 public:
  Run(const Config& config, std::ostream& out, const ProgressOptions& progress)
      : config_(config),
        progress_(out, progress),
        experiment_(config),
        description_(experiment_.description()),
        checkpoints_(config.run.dir, options()),
        fatal_(checkpoints_),
        metrics_(
            columns_of(config),
            [this](std::string_view line) { checkpoints_.journal(kMetricsFile).append(line); }),
        roll_backs_(config.resume.max_failures) {}

  RunResult train() {
    const auto start = Clock::now();
    resume_or_begin();
    const std::int64_t first = experiment_.counters.step;
    progress_.start(status());
    while (experiment_.counters.step < experiment_.last_step() && !stop_.requested()) step();
    const bool done = experiment_.counters.step == experiment_.last_step();
    if (!done) save_before_stopping();
    checkpoints_.wait();
    progress_.finish();
    check_step_is_saved();

    RunResult result;
    result.steps = experiment_.counters.step;
    result.steps_here = result.steps - first;
    result.stopped_by = done ? 0 : stop_.signal();
    if (done) result.metrics = measured_now() ? measured_ : experiment_.evaluate();
    result.saves = checkpoints_.statistics();
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }

 private:
  Options options() {
    const std::string& from = config_.resume.from;
    // Look at the checkpoint before the run directory is made, so that a mistyped path leaves no
    // empty run behind.
    if (from != "auto" && from != "never" && !std::filesystem::exists(config_.run.dir))
      open_checkpoint(posix_file_system(), from);
    Options options = checkpoint_options(config_);
    options.configuration = description_;
    options.before_restore = [this](const CheckpointInfo& found) { check_compatible(found); };
    options.accepts = [this](const Resumed& found) { return found.step != refused_step_; };
    options.on_event = [this](const Event& event) { show(event); };
    if (config_.checkpoint.on_error == OnError::kContinue)
      options.on_error = [this](const Error& error) {
        progress_.message(std::string("a save has failed, training goes on: ") + error.what());
      };
    return options;
  }

  void check_compatible(const CheckpointInfo& found) {
    const auto refused =
        incompatible_changes(found.configuration, description_, config_.resume.allow_changes);
    if (!refused.empty()) throw incompatible_error(found.path, refused);
  }

  void resume_or_begin() {
    const std::optional<Resumed> resumed = restore();
    if (checkpoints_.journal(kMetricsFile).empty()) metrics_.write_header();
    if (resumed) {
      continue_from(*resumed);
    } else {
      experiment_.load_initial_weights();
      progress_.message("starting a new run in " + config_.run.dir);
    }
  }

  std::optional<Resumed> restore() {
    if (config_.resume.from == "auto") return checkpoints_.restore_latest(experiment_.state());
    if (config_.resume.from != "never") return restore_named();
    if (const auto steps = checkpoints_.steps(); !steps.empty())
      throw Error(ErrorKind::kExists, "the run has checkpoints, and resume.from is 'never'")
          .at(config_.run.dir)
          .expected("an empty run directory")
          .found("checkpoints up to step " + std::to_string(steps.back()))
          .remedy("resume it (--resume auto), or choose another run.dir");
    return checkpoints_.restore_latest(experiment_.state());
  }

  Resumed restore_named() {
    const Resumed resumed = checkpoints_.restore(config_.resume.from, experiment_.state());
    if (resumed.had_gone_back)
      progress_.message("this job has gone back to " + config_.resume.from +
                        " before, and now resumes from its own newest checkpoint");
    return resumed;
  }

  void continue_from(const Resumed& resumed) {
    progress_.message("resuming from step " + std::to_string(resumed.step) + " (" + resumed.path +
                      ")");
    for (const ModeChange& change : resumed.mode_changes)
      if (change.mode != ModeChange::Mode::kGradient)  // each step makes its gradients anew
        progress_.message(to_string(change));
    bool optimizer_changed = false, frozen_changed = false;
    for (const ConfigChange& change : changes(resumed.configuration, description_)) {
      if (change.effect == ChangeEffect::kNone) continue;
      progress_.message("configuration changed: " + to_string(change));
      optimizer_changed |= change.key.rfind("optimizers.", 0) == 0;
      frozen_changed |= glob_matches("models.*.frozen", change.key);
    }
    if (frozen_changed) experiment_.apply_frozen();
    if (optimizer_changed) experiment_.apply_optimizer_options();
    for (const std::string& line : environment_changes(resumed.environment))
      progress_.message("the resume may not be exact to the bit: " + line);
  }

  void step() {
    Sampler& sampler = experiment_.sampler();
    std::vector<std::int64_t> indices = sampler.next_batch(config_.data.batch_size);
    if (indices.empty()) {
      sampler.start_epoch(sampler.epoch() + 1);
      indices = sampler.next_batch(config_.data.batch_size);
    }
    const Batch batch = experiment_.train_data().batch(indices);
    const double loss = experiment_.train_step(batch, [this] { checkpoints_.before_step(); });
    if (!std::isfinite(loss) && config_.train.on_nonfinite_loss != OnNonfiniteLoss::kIgnore)
      return recover_from(loss);
    experiment_.counters.loss_sum += loss;
    experiment_.counters.loss_count += 1;
    last_loss_ = loss;
    evaluate_if_due();
    log_if_due();
    checkpoints_.completed(experiment_.counters.step);
    save_if_due();
    progress_.update(status());
  }

  // Goes back to the newest checkpoint, but not back in the data: the same batches would lead to
  // the same loss. Training continues with the batch after the one that failed.
  void recover_from(double loss) {
    const std::int64_t step = experiment_.counters.step;
    const std::string what =
        "the loss of step " + std::to_string(step) + " is " + text::format_loss(loss);
    if (config_.train.on_nonfinite_loss != OnNonfiniteLoss::kRollBack)
      end_diverged(what, "try a lower learning rate, or train.on_nonfinite_loss: roll_back");
    if (!roll_backs_.allows(step))
      end_diverged(what, "the run rolls back again and again: try a lower learning rate");
    const std::int64_t epoch = experiment_.sampler().epoch();
    const std::int64_t consumed = experiment_.sampler().consumed();
    const auto resumed = roll_back();
    if (!resumed)
      end_diverged(what, "there is no checkpoint yet to go back to; try a lower learning rate");
    experiment_.sampler().seek(epoch, consumed);
    if (checkpoints_.journal(kMetricsFile).empty()) metrics_.write_header();
    measured_at_ = -1;
    progress_.message(what + ": back to step " + std::to_string(resumed->step) +
                      ", and on past the batches since then");
    progress_.start(status());
  }

  std::optional<Resumed> roll_back() {
    if (checkpoints_.steps().empty()) return std::nullopt;
    refused_step_ = roll_backs_.bad_checkpoint(experiment_.counters.step);
    const auto resumed = checkpoints_.restore_latest(experiment_.state());
    refused_step_ = -1;
    if (resumed) roll_backs_.went_back_to(resumed->step);
    return resumed;
  }

  // This counts as a failure of the run (resume.max_failures). A roll-back does not.
  [[noreturn]] void end_diverged(const std::string& what, const std::string& remedy) {
    checkpoints_.count_failure(what);
    throw Error(ErrorKind::kDiverged, what)
        .at(config_.run.dir)
        .expected("a finite number")
        .remedy(remedy);
  }

  bool at_epoch_end(std::int64_t epochs) const {
    return epochs > 0 &&
           every(experiment_.counters.step, experiment_.length().steps_per_epoch * epochs);
  }

  void evaluate_if_due() {
    if (!every(experiment_.counters.step, config_.train.evaluate_every_steps) &&
        !at_epoch_end(config_.train.evaluate_every_epochs))
      return;
    measured_ = experiment_.evaluate();
    measured_at_ = experiment_.counters.step;
    experiment_.observe(measured_);
  }

  bool measured_now() const { return measured_at_ == experiment_.counters.step; }

  void log_if_due() {
    Counters& counters = experiment_.counters;
    if (!every(counters.step, config_.train.log_every_steps) && !measured_now()) return;
    MetricRow row = {{"step", counters.step},
                     {"epoch", counters.epoch},
                     {"train_loss", counters.loss_sum / static_cast<double>(counters.loss_count)}};
    for (const auto& [name, rate] : experiment_.learning_rates())
      row.push_back({name + "/lr", rate});
    if (measured_now())
      for (const auto& [name, value] : measured_) row.push_back({name, value});
    metrics_.write_row(row);
    counters.loss_sum = 0;
    counters.loss_count = 0;
  }

  void save_if_due() {
    const std::int64_t step = experiment_.counters.step;
    const CheckpointConfig& policy = config_.checkpoint;
    const bool last = step == experiment_.last_step();
    const bool has_policy = policy.every_steps > 0 || policy.every_minutes > 0;
    const bool by_policy = has_policy && checkpoints_.due(step);
    if (!last && !by_policy && !(policy.at_epoch_end && at_epoch_end(1))) return;
    if (last) checkpoints_.wait();  // else when_busy: skip could leave the last step unsaved
    save();
  }

  void save() {
    const std::int64_t step = experiment_.counters.step;
    if (checkpoints_.save(step, experiment_.state(), measured_now() ? measured_ : Metrics{}))
      progress_.save_started(step);
  }

  void save_before_stopping() {
    progress_.message(signal_name(stop_.signal()) + ": stopping after step " +
                      std::to_string(experiment_.counters.step) +
                      ", when it is saved (a second signal ends the process at once)");
    try {
      checkpoints_.wait();
    } catch (const Error& error) {
      progress_.message(std::string("a save has failed, and is tried once more: ") + error.what());
    }
    save();
  }

  // With checkpoint.on_error: continue, failed saves do not end the training. But it must not end
  // as if all were well if the last one has failed.
  void check_step_is_saved() const {
    const std::int64_t step = experiment_.counters.step;
    const std::vector<std::int64_t> saved = checkpoints_.steps();
    if (!saved.empty() && saved.back() == step) return;
    throw Error(ErrorKind::kIo, "the training has ended, and its last step is not saved")
        .at(config_.run.dir)
        .expected("a checkpoint of step " + std::to_string(step))
        .found(saved.empty() ? "none" : "step " + std::to_string(saved.back()) + " as the newest")
        .remedy(
            "remove the cause of the failed save, which is shown above, and run the same command "
            "again: it resumes from the newest checkpoint");
  }

  // Shows an event to the user, in the words of the table of events. The thread that writes a save
  // calls this, too.
  void show(const Event& event) {
    const events::Entry* const entry = events::find_entry(event.name);
    if (const auto save = events::from_event<events::Save>(event)) {
      progress_.save_finished(save->step.value_or(0), save->durable_seconds.value_or(0));
    } else if (const auto failed = events::from_event<events::SaveFailed>(event)) {
      progress_.save_failed(failed->step.value_or(0));
    } else if (entry != nullptr && (entry->words.weight == events::Weight::kNotice ||
                                    entry->words.weight == events::Weight::kProblem)) {
      show_lines(events::sentence_of(event, value_text));
    }
  }

  // Shows the first lines of a text: a reason may have many, as lists of names do.
  void show_lines(const std::string& text) {
    constexpr int kMostLines = 20;
    std::istringstream lines(text);
    std::string line;
    for (int n = 0; n < kMostLines && std::getline(lines, line); ++n) progress_.message(line);
  }

  TrainingStatus status() const {
    TrainingStatus status;
    status.step = experiment_.counters.step;
    status.total_steps = experiment_.last_step();
    status.epoch = experiment_.counters.epoch;
    status.epochs = config_.train.epochs;
    status.samples = experiment_.counters.samples;
    status.loss = last_loss_;
    return status;
  }

  StopSignals stop_;
  Config config_;
  Progress progress_;
  Experiment experiment_;
  std::map<std::string, std::string> description_;
  Checkpointer checkpoints_;
  FatalSignals fatal_;
  MetricsTable metrics_;
  std::optional<double> last_loss_;
  Metrics measured_;
  std::int64_t measured_at_ = -1;  // the step at which measured_ was measured
  RollBacks roll_backs_;
  std::int64_t refused_step_ =
      -1;  // during a roll-back: the checkpoint not to go back to; -1: none
};

}  // namespace

RunResult run(const Config& config, std::ostream& out, const ProgressOptions& progress) {
  set_threads(static_cast<int>(config.train.threads));
  return Run(config, out, progress).train();
}

}  // namespace holdfast::trainer
