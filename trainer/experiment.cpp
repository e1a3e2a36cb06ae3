#include <holdfast/trainer/experiment.h>

#include <algorithm>
#include <cmath>

#include <ATen/Context.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/reader.h>
#include <holdfast/trainer/models.h>
#include <holdfast/trainer/optimizers.h>

namespace holdfast::trainer {
namespace {

IdxDataset read_data(const DataConfig& data, Split split) {
  IdxOptions options;
  options.limit = split == Split::kTrain ? data.train_limit : data.test_limit;
  options.mean = data.mean;
  options.stddev = data.stddev;
  return IdxDataset(data.root, split, options);
}

Sampler make_sampler(const Config& config, std::int64_t size) {
  SamplerOptions options;
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.shuffle = config.data.shuffle;
  options.drop_last = config.data.drop_last;
  return Sampler(size, options);
}

RunLength length_of(const Config& config, const Sampler& sampler) {
  RunLength length;
  length.steps_per_epoch = sampler.batches_per_epoch(config.data.batch_size);
  length.total_steps = config.train.epochs > 0 ? config.train.epochs * length.steps_per_epoch
                                               : config.train.max_steps;
  return length;
}

// Refuses a model whose first layer does not fit the samples, or whose last layer has fewer outputs
// than there are classes.
void check_sizes(const Config& config, const IdxDataset& data) {
  for (const ModelConfig& model : config.models) {
    if (model.type != ModelType::kMlp) continue;
    const std::int64_t in = model.layers.front(), out = model.layers.back();
    if (in == data.features() && out >= data.classes()) continue;
    throw Error(ErrorKind::kInvalidArgument,
                "models." + model.name + ".layers does not fit the data in " + config.data.root)
        .expected(std::to_string(data.features()) + " inputs and at least " +
                  std::to_string(data.classes()) + " outputs")
        .found(std::to_string(in) + " and " + std::to_string(out))
        .remedy("set models." + model.name + ".layers");
  }
}

}  // namespace

Experiment::Experiment(const Config& config)
    : config_(config),
      train_data_(read_data(config.data, Split::kTrain)),
      test_data_(read_data(config.data, Split::kTest)),
      sampler_(make_sampler(config, train_data_.size())),
      length_(length_of(config, sampler_)) {
  check_sizes(config_, train_data_);
  at::manual_seed(static_cast<std::uint64_t>(config_.seed));
  models_ = build_models(config_);
  for (const OptimizerConfig& optimizer : config_.optimizers)
    optimizers_[optimizer.name] = build_optimizer(optimizer, models_);
  for (const ScheduleConfig& schedule : config_.schedules)
    schedules_[schedule.name] =
        build_schedule(schedule, *optimizers_.at(schedule.optimizer), length_);
  register_state();
}

void Experiment::register_state() {
  for (const ModelConfig& model : config_.models) state_.model(model.name, models_.at(model.name));
  for (auto& [name, optimizer] : optimizers_) state_.optimizer(name, *optimizer);
  for (auto& [name, schedule] : schedules_) state_.scheduler(name, *schedule);
  state_.sampler("train", sampler_).rng();
  state_.scalar("step", counters.step)
      .scalar("epoch", counters.epoch)
      .scalar("samples", counters.samples)
      .scalar("loss_sum", counters.loss_sum)
      .scalar("loss_count", counters.loss_count)
      .scalar("best_metric", counters.best_metric)
      .scalar("best_step", counters.best_step);
}

void Experiment::load_initial_weights() {
  for (const ModelConfig& model : config_.models)
    if (!model.from.empty())
      Reader(model.from).load_model(model.from_model, *models_.at(model.name));
  for (const ModelConfig& model : config_.models)
    if (model.type == ModelType::kAverage)
      copy_weights(*models_.at(model.name), *models_.at(model.average_of));
}

void Experiment::apply_optimizer_options() {
  for (const OptimizerConfig& optimizer : config_.optimizers)
    set_options(*optimizers_.at(optimizer.name), optimizer);
  for (auto& [name, schedule] : schedules_) schedule->apply();
}

void Experiment::apply_frozen() {
  for (const ModelConfig& model : config_.models)
    if (model.type == ModelType::kMlp) set_frozen(*models_.at(model.name), model.frozen);
}

double Experiment::compute_gradients(const Batch& batch) {
  for (auto& [name, optimizer] : optimizers_) optimizer->zero_grad();
  const at::Tensor loss = loss_of(config_.train.objective, models_, batch);
  loss.backward();
  return loss.item<double>();
}

void Experiment::update(const Batch& batch) {
  for (auto& [name, optimizer] : optimizers_) optimizer->step();
  counters.step += 1;
  counters.epoch = sampler_.epoch();
  counters.samples += batch.targets.size(0);
  for (const ModelConfig& model : config_.models)
    if (model.type == ModelType::kAverage)
      update_average(*models_.at(model.name), *models_.at(model.average_of), model.decay);
  for (auto& [name, schedule] : schedules_) schedule->step();
}

std::map<std::string, double> Experiment::evaluate() {
  std::map<std::string, double> metrics;
  for (const std::string& name : config_.train.evaluate) {
    const Evaluation result =
        trainer::evaluate(models_.at(name), test_data_, config_.data.eval_batch_size);
    metrics[name + "/test_loss"] = result.loss;
    metrics[name + "/test_accuracy"] = result.accuracy;
  }
  return metrics;
}

bool Experiment::observe(const std::map<std::string, double>& metrics) {
  for (const ScheduleConfig& schedule : config_.schedules)
    if (const auto found = metrics.find(schedule.metric); found != metrics.end())
      schedules_.at(schedule.name)->observe(found->second);
  const auto found = metrics.find(config_.checkpoint.metric);
  if (found == metrics.end() || !std::isfinite(found->second)) return false;
  // An older version may have saved an infinity as the best.
  const bool first = counters.best_step == 0 || !std::isfinite(counters.best_metric);
  const bool better = config_.checkpoint.direction == Direction::kMax
                          ? found->second > counters.best_metric
                          : found->second < counters.best_metric;
  if (!first && !better) return false;
  counters.best_metric = found->second;
  counters.best_step = counters.step;
  return true;
}

std::map<std::string, std::string> Experiment::description() const {
  std::map<std::string, std::string> description = flatten(config_);
  description["data.train"] = train_data_.identity();
  description["data.test"] = test_data_.identity();
  return description;
}

std::map<std::string, double> Experiment::learning_rates() const {
  std::map<std::string, double> rates;
  for (const auto& [name, optimizer] : optimizers_)
    rates[name] = optimizer->param_groups().front().options().get_lr();
  return rates;
}

std::int64_t Experiment::last_step() const {
  const std::int64_t by_epochs =
      config_.train.epochs > 0 ? config_.train.epochs * length_.steps_per_epoch : 0;
  const std::int64_t by_steps = config_.train.max_steps;
  if (by_epochs == 0) return by_steps;
  return by_steps == 0 ? by_epochs : std::min(by_epochs, by_steps);
}

}  // namespace holdfast::trainer
