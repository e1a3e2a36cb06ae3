#include <holdfast/trainer/schedules.h>

#include <algorithm>
#include <cmath>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Reads a counter from a saved state. Refuses one below 0.
std::int64_t count_from(const StateReader& reader, const char* name) {
  const std::int64_t value = reader.integer(name);
  if (value < 0)
    throw Error(ErrorKind::kMismatch, std::string("the schedule's '") + name + "' cannot be")
        .expected("0 or more")
        .found(std::to_string(value));
  return value;
}

}  // namespace

double warmup_factor(std::int64_t step, std::int64_t warmup_steps) {
  if (step >= warmup_steps) return 1;
  return static_cast<double>(step + 1) / static_cast<double>(warmup_steps + 1);
}

double step_factor(std::int64_t step, std::int64_t every_steps, double factor) {
  return std::pow(factor, static_cast<double>(step / every_steps));
}

double cosine_factor(std::int64_t step, std::int64_t total_steps, double min_factor) {
  if (step >= total_steps) return min_factor;
  const double progress = static_cast<double>(step) / static_cast<double>(total_steps);
  return min_factor + (1 - min_factor) * (1 + std::cos(kPi * progress)) / 2;
}

Schedule::Schedule(torch::optim::Optimizer& optimizer) : optimizer_(optimizer) {
  for (const auto& group : optimizer.param_groups())
    base_rates_.push_back(group.options().get_lr());
}

void Schedule::set_factor(double factor) {
  current_factor_ = factor;
  auto& groups = optimizer_.param_groups();
  for (std::size_t i = 0; i < base_rates_.size(); ++i)
    groups[i].options().set_lr(base_rates_[i] * factor);
}

StepSchedule::StepSchedule(const ScheduleConfig& config, torch::optim::Optimizer& optimizer,
                           const RunLength& length)
    : Schedule(optimizer), config_(config), length_(length) {
  set_factor(factor_at(step_));
}

double StepSchedule::factor_at(std::int64_t step) const {
  const std::int64_t warmup = config_.warmup_steps;
  if (step < warmup) return warmup_factor(step, warmup);
  switch (config_.type) {
    case ScheduleType::kStep: {
      const std::int64_t unit = config_.interval == Interval::kEpoch ? length_.steps_per_epoch : 1;
      return step_factor(step, config_.step_size * unit, config_.factor);
    }
    case ScheduleType::kCosine: {
      const std::int64_t total =
          config_.total_steps > 0 ? config_.total_steps : length_.total_steps;
      return cosine_factor(step - warmup, total - warmup, config_.min_factor);
    }
    default:
      return 1;
  }
}

void StepSchedule::step() {
  set_factor(factor_at(++step_));
}

void StepSchedule::save(StateWriter& writer) const {
  writer.integer("step", step_);
}

void StepSchedule::load(const StateReader& reader) {
  step_ = count_from(reader, "step");
  set_factor(factor_at(step_));
}

PlateauSchedule::PlateauSchedule(const ScheduleConfig& config, torch::optim::Optimizer& optimizer)
    : Schedule(optimizer), config_(config) {}

bool PlateauSchedule::improves(double metric) const {
  if (!std::isfinite(metric)) return false;
  if (!best_ || !std::isfinite(*best_)) return true;  // an older version may have saved an infinity
  const double margin = config_.threshold * std::abs(*best_);
  return config_.direction == Direction::kMax ? metric > *best_ + margin : metric < *best_ - margin;
}

void PlateauSchedule::observe(double metric) {
  const bool better = improves(metric);
  if (better) best_ = metric;
  bad_evaluations_ = better ? 0 : bad_evaluations_ + 1;
  if (cooldown_left_ > 0) {
    --cooldown_left_;
    bad_evaluations_ = 0;
  }
  if (bad_evaluations_ <= config_.patience) return;
  factor_ = std::max(factor_ * config_.factor, config_.min_factor);
  cooldown_left_ = config_.cooldown;
  bad_evaluations_ = 0;
  set_factor(factor_);
}

void PlateauSchedule::save(StateWriter& writer) const {
  writer.real("factor", factor_);
  writer.boolean("has_best", best_.has_value());
  writer.real("best", best_.value_or(0));
  writer.integer("bad_evaluations", bad_evaluations_);
  writer.integer("cooldown_left", cooldown_left_);
}

void PlateauSchedule::load(const StateReader& reader) {
  const double factor = reader.real("factor");
  const double best = reader.real("best");
  const bool has_best = reader.boolean("has_best");
  const std::int64_t bad_evaluations = count_from(reader, "bad_evaluations");
  cooldown_left_ = count_from(reader, "cooldown_left");
  bad_evaluations_ = bad_evaluations;
  best_ = has_best ? std::optional<double>(best) : std::nullopt;
  factor_ = factor;
  set_factor(factor_);
}

std::unique_ptr<Schedule> build_schedule(const ScheduleConfig& config,
                                         torch::optim::Optimizer& optimizer,
                                         const RunLength& length) {
  const std::int64_t total = config.total_steps > 0 ? config.total_steps : length.total_steps;
  if (config.interval == Interval::kEpoch && length.steps_per_epoch < 1)
    throw Error(ErrorKind::kInvalidArgument, "an epoch has no steps")
        .found(std::to_string(length.steps_per_epoch) + " steps per epoch");
  if (config.type == ScheduleType::kPlateau)
    return std::make_unique<PlateauSchedule>(config, optimizer);
  if (config.type == ScheduleType::kCosine && total <= config.warmup_steps)
    throw Error(ErrorKind::kInvalidArgument,
                "'schedules." + config.name + ".warmup_steps' leaves no step for the cosine")
        .expected("fewer than the run's " + std::to_string(total) + " steps")
        .found(std::to_string(config.warmup_steps));
  return std::make_unique<StepSchedule>(config, optimizer, length);
}

}  // namespace holdfast::trainer
