#include <holdfast/trainer/config_check.h>

#include <algorithm>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/trainer/nearest.h>

namespace holdfast::trainer {
namespace {

template <typename T>
std::vector<std::string> names_of(const std::vector<T>& items) {
  std::vector<std::string> names;
  for (const T& item : items) names.push_back(item.name);
  return names;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

std::vector<std::string> trained_by_objective(const ObjectiveConfig& objective) {
  return objective.type == ObjectiveType::kClassify ? objective.models
                                                    : std::vector<std::string>{objective.student};
}

class Checker {
 public:
  Checker(const Config& config, const ConfigPlaces& places)
      : config_(config),
        places_(places),
        models_(names_of(config.models)),
        optimizers_(names_of(config.optimizers)),
        metrics_(metric_names(config)) {}

  void run() const {
    require(!config_.models.empty(), "models", "no model", "at least one");
    for (const ModelConfig& model : config_.models) check(model);
    check(config_.train.objective);
    for (const OptimizerConfig& optimizer : config_.optimizers) check(optimizer);
    for (const ScheduleConfig& schedule : config_.schedules) check(schedule);
    check_one_optimizer_a_model();
    check_one_schedule_an_optimizer();
    check(config_.train);
    check(config_.checkpoint);
  }

 private:
  Error problem(const std::string& key, const std::string& text) const {
    return Error(ErrorKind::kInvalidArgument, "'" + key + "': " + text).at(places_.of(key));
  }

  void require(bool condition, const std::string& key, const std::string& text,
               const std::string& expected) const {
    if (!condition) throw problem(key, text).expected(expected);
  }

  void require_known(const std::string& key, const std::string& kind, const std::string& name,
                     const std::vector<std::string>& known) const {
    if (contains(known, name)) return;
    const std::string near = nearest(name, known);
    throw problem(key, "no such " + kind)
        .expected("one of " + join(known))
        .found("'" + name + "'")
        .remedy(near.empty() ? "" : "did you mean '" + near + "'?");
  }

  const ModelConfig& mlp(const std::string& key, const std::string& name) const {
    require_known(key, "model", name, models_);
    const ModelConfig& model = *find_model(config_, name);
    require(model.type == ModelType::kMlp, key, "'" + name + "' is a moving average",
            "a model with layers of its own");
    return model;
  }

  const ModelConfig& trainable(const std::string& key, const std::string& name) const {
    const ModelConfig& model = mlp(key, name);
    require(!model.frozen, key, "'" + name + "' is frozen", "a model that learns");
    return model;
  }

  void require_distinct(const std::string& key, std::vector<std::string> names) const {
    require(!names.empty(), key, "an empty list", "at least one model");
    std::sort(names.begin(), names.end());
    const auto twin = std::adjacent_find(names.begin(), names.end());
    require(twin == names.end(), key, "a model is listed twice", "each once");
  }

  void check(const ModelConfig& model) const {
    const std::string key = "models." + model.name;
    if (model.type == ModelType::kAverage) {
      trainable(key + ".average_of", model.average_of);
      return;
    }
    require(model.layers.size() >= 2, key + ".layers", "too few sizes",
            "at least two, from input to output: [784, 256, 10]");
    require(!model.from.empty() || model.from_model.empty() || model.from_model == model.name,
            key + ".from_model", "nothing to load it from", "'" + key + ".from' beside it");
    require(!model.batch_norm || model.frozen || config_.data.batch_size >= 2, "data.batch_size",
            "too small for the batch norm of '" + model.name + "'", "2 or more");
  }

  void check(const OptimizerConfig& optimizer) const {
    const std::string key = "optimizers." + optimizer.name;
    require_distinct(key + ".models", optimizer.models);
    for (const std::string& name : optimizer.models) {
      trainable(key + ".models", name);
      require(contains(trained_by_objective(config_.train.objective), name), key + ".models",
              "the objective does not train '" + name + "'", "models of 'train.objective'");
    }
    check_nesterov(key, optimizer.options);
    for (std::size_t i = 0; i < optimizer.groups.size(); ++i)
      check_nesterov(key + ".groups." + std::to_string(i), optimizer.groups[i].options);
  }

  void check_nesterov(const std::string& key, const OptimizerOptions& options) const {
    require(!options.nesterov || (options.momentum > 0 && options.dampening == 0),
            key + ".nesterov", "needs momentum without dampening", "momentum above 0, dampening 0");
  }

  void check_one_optimizer_a_model() const {
    std::vector<std::string> trained;
    for (const OptimizerConfig& optimizer : config_.optimizers) {
      for (const std::string& name : optimizer.models) {
        require(!contains(trained, name), "optimizers." + optimizer.name + ".models",
                "'" + name + "' has an optimizer already", "one optimizer a model");
        trained.push_back(name);
      }
    }
    for (const std::string& name : trained_by_objective(config_.train.objective))
      require(contains(trained, name), "optimizers", "nothing trains '" + name + "'",
              "an optimizer with '" + name + "' among its models");
  }

  void check(const ScheduleConfig& schedule) const {
    const std::string key = "schedules." + schedule.name;
    require_known(key + ".optimizer", "optimizer", schedule.optimizer, optimizers_);
    if (schedule.type == ScheduleType::kPlateau) {
      require_known(key + ".metric", "metric", schedule.metric, metrics_);
      require_evaluation(key);
    }
    require(schedule.total_steps == 0 || schedule.total_steps > schedule.warmup_steps,
            key + ".total_steps", "no step is left after the warm-up",
            "more than " + std::to_string(schedule.warmup_steps) + ", or 0");
  }

  void require_evaluation(const std::string& key) const {
    const TrainConfig& train = config_.train;
    require(train.evaluate_every_steps > 0 || train.evaluate_every_epochs > 0, key,
            "waits for evaluations, and there are none",
            "'train.evaluate_every_steps' or 'train.evaluate_every_epochs' above 0");
  }

  void check_one_schedule_an_optimizer() const {
    std::vector<std::string> driven;
    for (const ScheduleConfig& schedule : config_.schedules) {
      require(!contains(driven, schedule.optimizer), "schedules." + schedule.name + ".optimizer",
              "'" + schedule.optimizer + "' has a schedule already", "one schedule an optimizer");
      driven.push_back(schedule.optimizer);
    }
  }

  void check(const TrainConfig& train) const {
    require(train.epochs > 0 || train.max_steps > 0, "train.epochs", "the run has no length",
            "'train.epochs' or 'train.max_steps' above 0");
    require_distinct("train.evaluate", train.evaluate);
    for (const std::string& name : train.evaluate)
      require_known("train.evaluate", "model", name, models_);
  }

  void check(const ObjectiveConfig& objective) const {
    const std::string key = "train.objective.";
    if (objective.type == ObjectiveType::kClassify) {
      require_distinct(key + "models", objective.models);
      for (const std::string& name : objective.models) trainable(key + "models", name);
      return;
    }
    const ModelConfig& student = trainable(key + "student", objective.student);
    const ModelConfig& teacher = mlp(key + "teacher", objective.teacher);
    require(teacher.frozen, key + "teacher", "'" + teacher.name + "' learns",
            "a model with 'frozen: true'");
    require(teacher.layers.front() == student.layers.front() &&
                teacher.layers.back() == student.layers.back(),
            key + "teacher", "teacher and student differ in their first or last layer",
            "equal sizes");
  }

  void check(const CheckpointConfig& checkpoint) const {
    if (checkpoint.keep_best > 0) require_evaluation("checkpoint.keep_best");
    require_known("checkpoint.metric", "metric", checkpoint.metric, metrics_);
  }

  const Config& config_;
  const ConfigPlaces& places_;
  const std::vector<std::string> models_, optimizers_, metrics_;
};

}  // namespace

void complete(Config& config) {
  for (ModelConfig& model : config.models)
    if (!model.from.empty() && model.from_model.empty()) model.from_model = model.name;
  if (config.train.evaluate.empty())
    for (const ModelConfig& model : config.models)
      if (!model.frozen) config.train.evaluate.push_back(model.name);
  if (config.checkpoint.metric.empty() && !config.train.evaluate.empty())
    config.checkpoint.metric = config.train.evaluate.front() + "/test_accuracy";
}

void check(const Config& config, const ConfigPlaces& places) {
  Checker(config, places).run();
}

}  // namespace holdfast::trainer
