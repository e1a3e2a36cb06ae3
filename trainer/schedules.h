// Learning-rate schedules. What one remembers is explicit, and saved; the rate of a parameter group
// is its base rate times a factor, so that groups keep the ratio of their rates.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <torch/optim/optimizer.h>

#include <holdfast/checkpoint/state/stateful.h>
#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

// The length of a run, in optimizer steps. A run of N epochs has N * steps_per_epoch, wherever
// train.max_steps may cut it; one without epochs has max_steps.
struct RunLength {
  std::int64_t total_steps = 0;
  std::int64_t steps_per_epoch = 0;
};

// The factors as functions of the number of completed steps. The warm-up of W steps rises through
// 1 / (W + 1), 2 / (W + 1), … to 1 at step W.
double warmup_factor(std::int64_t step, std::int64_t warmup_steps);
// factor^floor(step / every_steps).
double step_factor(std::int64_t step, std::int64_t every_steps, double factor);
// Half a cosine from 1 at step 0 down to min_factor at step total_steps, which it keeps.
double cosine_factor(std::int64_t step, std::int64_t total_steps, double min_factor);

// Drives the rates of one optimizer, which must outlive it. Base rates are those that the groups
// have when the schedule is made: make it before the optimizer is restored. load() sets the rates
// too.
class Schedule : public Stateful {
 public:
  explicit Schedule(torch::optim::Optimizer& optimizer);

  virtual void step() = 0;                  // an optimizer step has been completed
  virtual void observe(double metric) = 0;  // an evaluation measured the schedule's metric

  void apply() { set_factor(current_factor_); }  // again, after the options were set anew

 protected:
  void set_factor(double factor);

 private:
  torch::optim::Optimizer& optimizer_;
  std::vector<double> base_rates_;  // by group
  double current_factor_ = 1;
};

// A factor that is a function of the step alone. Its state is the step.
class StepSchedule final : public Schedule {
 public:
  // The config is of any type but kPlateau.
  StepSchedule(const ScheduleConfig& config, torch::optim::Optimizer& optimizer,
               const RunLength& length);

  void step() override;
  void observe(double) override {}
  void save(StateWriter& writer) const override;
  void load(const StateReader& reader) override;

  double factor_at(std::int64_t step) const;

 private:
  ScheduleConfig config_;
  RunLength length_;
  std::int64_t step_ = 0;
};

// Multiplies the factor by config.factor when more than `patience` evaluations in a row were no
// improvement, then waits `cooldown` evaluations before it counts again. A metric that
// is not finite is never an improvement.
class PlateauSchedule final : public Schedule {
 public:
  PlateauSchedule(const ScheduleConfig& config, torch::optim::Optimizer& optimizer);

  void step() override {}
  void observe(double metric) override;
  void save(StateWriter& writer) const override;
  void load(const StateReader& reader) override;

  double factor() const { return factor_; }

 private:
  bool improves(double metric) const;

  ScheduleConfig config_;
  double factor_ = 1;
  std::optional<double> best_;
  std::int64_t bad_evaluations_ = 0;
  std::int64_t cooldown_left_ = 0;
};

std::unique_ptr<Schedule> build_schedule(const ScheduleConfig& config,
                                         torch::optim::Optimizer& optimizer,
                                         const RunLength& length);

}  // namespace holdfast::trainer
