// Everything that a run trains: built from the configuration, saved and restored as one state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/optim/optimizer.h>

#include <holdfast/checkpoint/state/state.h>
#include <holdfast/trainer/config.h>
#include <holdfast/trainer/idx_dataset.h>
#include <holdfast/trainer/objective.h>
#include <holdfast/trainer/sampler.h>
#include <holdfast/trainer/schedules.h>

namespace holdfast::trainer {

// The counters of a run. All of them are in the checkpoint.
struct Counters {
  std::int64_t step = 0;     // completed optimizer steps
  std::int64_t epoch = 0;    // the epoch of the last step, counted from 0
  std::int64_t samples = 0;  // trained on
  double loss_sum = 0;       // of the steps since the last row of metrics.csv
  std::int64_t loss_count = 0;
  double best_metric = 0;      // of the checkpoint policy's metric; meaningless while
  std::int64_t best_step = 0;  // this is 0
};

// Not movable: the state refers to the members.
class Experiment {
 public:
  // Seeds the default generator, reads the data and builds the rest. Errors as the parts have them.
  explicit Experiment(const Config& config);
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  // For a run that begins: takes the weights of models with a `from` from there.
  void load_initial_weights();

  // For a run that goes on with other optimizer options than it was saved with.
  void apply_optimizer_options();

  // For a run that goes on with other models frozen than it was saved with.
  void apply_frozen();

  // One optimizer step on one batch. Calls before_update() when the gradients are there and before
  // anything of the state but buffers and generators changes. Returns the loss.
  template <typename BeforeUpdate>
  double train_step(const Batch& batch, const BeforeUpdate& before_update) {
    const double loss = compute_gradients(batch);
    before_update();
    update(batch);
    return loss;
  }

  // Measures the models that the configuration names: metric_names().
  std::map<std::string, double> evaluate();

  // Shows a measurement to the plateau schedules and to best_metric. True: it is the best so far.
  bool observe(const std::map<std::string, double>& metrics);

  // The effective configuration, and what the data are: for the manifest.
  std::map<std::string, std::string> description() const;
  std::map<std::string, double> learning_rates() const;  // by optimizer, of its first group

  const IdxDataset& train_data() const { return train_data_; }
  Sampler& sampler() { return sampler_; }
  const RunLength& length() const { return length_; }
  std::int64_t last_step() const;  // where the configuration ends the run

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
