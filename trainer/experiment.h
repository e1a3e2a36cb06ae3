// Everything that a run trains. It is built from the configuration, and saved and restored as one
// state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/optim/optimizer.h>

#include <holdfast/checkpoint/data/sampler.h>
#include <holdfast/checkpoint/state/state.h>
#include <holdfast/trainer/config.h>
#include <holdfast/trainer/idx_dataset.h>
#include <holdfast/trainer/objective.h>
#include <holdfast/trainer/schedules.h>

namespace holdfast::trainer {

// The counters of a run. All of them are in the checkpoint.
struct Counters {
  std::int64_t step = 0;     // completed optimizer steps
  std::int64_t epoch = 0;    // the epoch of the last step, counted from 0
  std::int64_t samples = 0;  // samples trained on
  double loss_sum = 0;       // of the steps since the last row of metrics.csv
  std::int64_t loss_count = 0;
  double best_metric = 0;      // the best value of checkpoint.metric; valid if best_step is not 0
  std::int64_t best_step = 0;  // the step at which it was measured; 0: not yet
};

// Not movable: the state refers to the members.
class Experiment {
 public:
  // Seeds the default generator, reads the data and builds the rest. Throws what these parts throw.
  explicit Experiment(const Config& config);
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  // Call it when a run begins: loads the weights of each model that has a `from`.
  void load_initial_weights();

  // Call it after a restore if the configuration has other optimizer options than the checkpoint.
  void apply_optimizer_options();

  // Call it after a restore if the configuration freezes other models than the checkpoint.
  void apply_frozen();

  // Takes one optimizer step on one batch, and returns the loss. Calls before_update() after the
  // backward pass: until then only gradients, buffers and generators change.
  template <typename BeforeUpdate>
  double train_step(const Batch& batch, const BeforeUpdate& before_update) {
    const double loss = compute_gradients(batch);
    before_update();
    update(batch);
    return loss;
  }

  // Measures the models in train.evaluate. The keys are metric_names().
  std::map<std::string, double> evaluate();

  // Passes what was measured to the plateau schedules, and updates best_metric. Returns true if
  // this is the best value so far.
  bool observe(const std::map<std::string, double>& metrics);

  // The effective configuration and the identity of the data, for the manifest.
  std::map<std::string, std::string> description() const;
  // By name of the optimizer: the learning rate of its first group.
  std::map<std::string, double> learning_rates() const;

  const IdxDataset& train_data() const { return train_data_; }
  Sampler& sampler() { return sampler_; }
  const RunLength& length() const { return length_; }
  std::int64_t last_step() const;  // the step after which the run is done

  State& state() { return state_; }
  Counters counters;

 private:
  double compute_gradients(const Batch& batch);
  void update(const Batch& batch);
  void register_state();

  Config config_;
  IdxDataset train_data_, test_data_;
  Sampler sampler_;
  RunLength length_;
  Models models_;
  std::map<std::string, std::unique_ptr<torch::optim::Optimizer>> optimizers_;
  std::map<std::string, std::unique_ptr<Schedule>> schedules_;
  State state_;
};

}  // namespace holdfast::trainer
