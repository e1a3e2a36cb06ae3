// Learning-rate schedules. A schedule computes a factor. The learning rate of a parameter group is
// its base rate times that factor, so that the groups keep the ratio of their rates.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <torch/optim/optimizer.h>

#include <holdfast/checkpoint/state/stateful.h>
#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

// The length of a run in optimizer steps, as schedules see it. With train.epochs, total_steps is
// epochs * steps_per_epoch, even if train.max_steps ends the run earlier; without, it is max_steps.
struct RunLength {
  std::int64_t total_steps = 0;
  std::int64_t steps_per_epoch = 0;
};

// The factors are functions of the number of completed steps. A warm-up of W steps has the factors
// 1 / (W + 1), 2 / (W + 1), …, and 1 from step W on.
double warmup_factor(std::int64_t step, std::int64_t warmup_steps);
// factor^floor(step / every_steps).
double step_factor(std::int64_t step, std::int64_t every_steps, double factor);
// Half a cosine: 1 at step 0, falling to min_factor at step total_steps, and min_factor after that.
double cosine_factor(std::int64_t step, std::int64_t total_steps, double min_factor);

// Sets the learning rates of one optimizer, which must outlive the schedule. The base rates are
// those that the groups have when the schedule is made, so make it before the optimizer is
// restored. All that a schedule remembers is saved. load() also sets the learning rates.
class Schedule : public Stateful {
 public:
  explicit Schedule(torch::optim::Optimizer& optimizer);

  virtual void step() = 0;                  // call it after each optimizer step
  virtual void observe(double metric) = 0;  // call it when the schedule's metric was measured

  void apply() { set_factor(current_factor_); }  // sets the rates again, after others set options

 protected:
  void set_factor(double factor);

 private:
  torch::optim::Optimizer& optimizer_;
  std::vector<double> base_rates_;  // one for each group
  double current_factor_ = 1;
};

// A schedule whose factor is a function of the step alone. Its state is the step.
class StepSchedule final : public Schedule {
 public:
  // `config` may be of any type but kPlateau.
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

// Multiplies the factor by config.factor after more than `patience` evaluations in a row without an
// improvement. The next `cooldown` evaluations are then not counted. A metric that is not finite is
// never an improvement.
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
