#include <holdfast/trainer/config_visitor.h>

#include <cmath>

#include <holdfast/checkpoint/base/number_text.h>

namespace holdfast::trainer {
namespace {

constexpr auto kOptional = Presence::kOptional;
constexpr auto kRequired = Presence::kRequired;
constexpr IntegerRange kCount{0};  // 0 stands for "none", "off" or "all"
constexpr IntegerRange kPositive{1, 1'000'000'000};
constexpr IntegerRange kEpochs{0, 1'000'000'000};  // so that epochs * steps per epoch fit 64 bits
constexpr IntegerRange kSteps{0, 1'000'000'000'000};
constexpr RealRange kAnyReal{};
constexpr RealRange kNotNegative{0};
constexpr RealRange kAboveZero{0, RealRange{}.max, true};
constexpr RealRange kBelowOne{0, 1, false, true};
constexpr RealRange kFraction{0, 1};

void visit_fields(ConfigVisitor& v, RunConfig& config);
void visit_fields(ConfigVisitor& v, DataConfig& config);
void visit_fields(ConfigVisitor& v, ModelConfig& config);
void visit_fields(ConfigVisitor& v, OptimizerConfig& config);
void visit_fields(ConfigVisitor& v, ScheduleConfig& config);
void visit_fields(ConfigVisitor& v, ObjectiveConfig& config);
void visit_fields(ConfigVisitor& v, TrainConfig& config);
void visit_fields(ConfigVisitor& v, CheckpointConfig& config);
void visit_fields(ConfigVisitor& v, ResumeConfig& config);

template <typename Enum>
void choice(ConfigVisitor& v, const std::string& key, Enum& value,
            const std::vector<std::string_view>& names, Presence presence = kOptional) {
  auto index = static_cast<std::size_t>(value);
  v.choice(key, index, names, presence);
  value = static_cast<Enum>(index);
}

template <typename T>
void section(ConfigVisitor& v, const std::string& key, T& config) {
  v.enter(key, Section::kFixed);
  visit_fields(v, config);
  v.leave();
}

template <typename T>
void named(ConfigVisitor& v, const std::string& key, std::vector<T>& items) {
  v.enter(key, Section::kNamed);
  std::vector<std::string> present;
  for (const T& item : items) present.push_back(item.name);
  const auto names = v.keys(present);
  items.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    items[i].name = names[i];
    section(v, names[i], items[i]);
  }
  v.leave();
}

// The options that this type of optimizer has. `group`: leaves out those that a group cannot set,
// since they hold for the whole optimizer.
void visit_options(ConfigVisitor& v, OptimizerType type, OptimizerOptions& options, bool group) {
  const bool adam = type == OptimizerType::kAdam || type == OptimizerType::kAdamW;
  v.real("lr", options.lr, kNotNegative);
  v.real("weight_decay", options.weight_decay, kNotNegative);
  if (type == OptimizerType::kSgd || type == OptimizerType::kRmsprop)
    v.real("momentum", options.momentum, kNotNegative);
  if (type == OptimizerType::kSgd) {
    v.real("dampening", options.dampening, kAnyReal);
    v.boolean("nesterov", options.nesterov);
  } else {
    v.real("eps", options.eps, kNotNegative);
  }
  if (adam) {
    v.real("beta1", options.beta1, kBelowOne);
    v.real("beta2", options.beta2, kBelowOne);
    v.boolean("amsgrad", options.amsgrad);
  }
  if (type == OptimizerType::kRmsprop) {
    v.real("alpha", options.alpha, kFraction);
    v.boolean("centered", options.centered);
  }
  if (type == OptimizerType::kAdagrad) {
    v.real("lr_decay", options.lr_decay, kNotNegative);
    if (!group)
      v.real("initial_accumulator_value", options.initial_accumulator_value, kNotNegative);
  }
}

void visit_groups(ConfigVisitor& v, OptimizerConfig& config) {
  v.enter("groups", Section::kList);
  std::vector<std::string> present;
  for (std::size_t i = 0; i < config.groups.size(); ++i) present.push_back(std::to_string(i));
  const auto indices = v.keys(present);
  config.groups.resize(indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    ParameterGroup& group = config.groups[i];
    if (v.fills()) group.options = config.options;
    v.enter(indices[i], Section::kFixed);
    v.text("match", group.match, kRequired);
    visit_options(v, config.type, group.options, true);
    v.leave();
  }
  v.leave();
}

void visit_fields(ConfigVisitor& v, RunConfig& config) {
  v.text("dir", config.dir, kRequired);
}

void visit_fields(ConfigVisitor& v, DataConfig& config) {
  choice(v, "type", config.type, {"idx"});
  v.text("root", config.root, kRequired);
  v.integer("batch_size", config.batch_size, kPositive);
  v.integer("eval_batch_size", config.eval_batch_size, kPositive);
  v.boolean("shuffle", config.shuffle);
  v.boolean("drop_last", config.drop_last);
  v.real("mean", config.mean, kAnyReal);
  v.real("stddev", config.stddev, kAboveZero);
  v.integer("train_limit", config.train_limit, kCount);
  v.integer("test_limit", config.test_limit, kCount);
}

void visit_fields(ConfigVisitor& v, ModelConfig& config) {
  choice(v, "type", config.type, {"mlp", "average"}, kRequired);
  if (config.type == ModelType::kAverage) {
    v.text("average_of", config.average_of, kRequired);
    v.real("decay", config.decay, kBelowOne);
    return;
  }
  v.integers("layers", config.layers, {1, 1 << 20}, kRequired);
  choice(v, "activation", config.activation,
         {"relu", "leaky_relu", "gelu", "silu", "tanh", "sigmoid"});
  v.real("dropout", config.dropout, kBelowOne);
  v.boolean("batch_norm", config.batch_norm);
  v.boolean("frozen", config.frozen);
  v.text("from", config.from, kOptional);
  v.text("from_model", config.from_model, kOptional);
}

void visit_fields(ConfigVisitor& v, OptimizerConfig& config) {
  choice(v, "type", config.type, {"sgd", "adam", "adamw", "rmsprop", "adagrad"}, kRequired);
  if (v.fills()) config.options = default_options(config.type);
  v.texts("models", config.models, kRequired);
  visit_options(v, config.type, config.options, false);
  visit_groups(v, config);
}

void visit_plateau(ConfigVisitor& v, ScheduleConfig& config) {
  v.text("metric", config.metric, kRequired);
  choice(v, "direction", config.direction, {"min", "max"}, kRequired);
  v.real("factor", config.factor, {0, 1, true, true});
  v.integer("patience", config.patience, kCount);
  v.real("threshold", config.threshold, kBelowOne);
  v.integer("cooldown", config.cooldown, kCount);
  v.real("min_factor", config.min_factor, kFraction);
}

void visit_fields(ConfigVisitor& v, ScheduleConfig& config) {
  choice(v, "type", config.type, {"constant", "step", "cosine", "plateau"}, kRequired);
  v.text("optimizer", config.optimizer, kRequired);
  if (config.type == ScheduleType::kPlateau) return visit_plateau(v, config);
  v.integer("warmup_steps", config.warmup_steps, kSteps);
  if (config.type == ScheduleType::kStep) {
    v.integer("step_size", config.step_size, kPositive);
    choice(v, "interval", config.interval, {"step", "epoch"});
    v.real("factor", config.factor, kAboveZero);
  }
  if (config.type == ScheduleType::kCosine) {
    v.integer("total_steps", config.total_steps, kSteps);
    v.real("min_factor", config.min_factor, kFraction);
  }
}

void visit_fields(ConfigVisitor& v, ObjectiveConfig& config) {
  choice(v, "type", config.type, {"classify", "distill"}, kRequired);
  if (config.type == ObjectiveType::kClassify) return v.texts("models", config.models, kRequired);
  v.text("teacher", config.teacher, kRequired);
  v.text("student", config.student, kRequired);
  v.real("temperature", config.temperature, kAboveZero);
  v.real("alpha", config.alpha, kFraction);
}

void visit_fields(ConfigVisitor& v, TrainConfig& config) {
  v.integer("epochs", config.epochs, kEpochs);
  v.integer("max_steps", config.max_steps, kSteps);
  v.integer("threads", config.threads, {0, 1024});
  v.integer("log_every_steps", config.log_every_steps, kPositive);
  v.integer("evaluate_every_steps", config.evaluate_every_steps, kSteps);
  v.integer("evaluate_every_epochs", config.evaluate_every_epochs, kEpochs);
  v.texts("evaluate", config.evaluate, kOptional);
  choice(v, "on_nonfinite_loss", config.on_nonfinite_loss, {"stop", "roll_back", "ignore"});
  section(v, "objective", config.objective);
}

void visit_fields(ConfigVisitor& v, CheckpointConfig& config) {
  v.integer("every_steps", config.every_steps, kSteps);
  v.real("every_minutes", config.every_minutes, kNotNegative);
  v.boolean("at_epoch_end", config.at_epoch_end);
  v.integer("keep_last", config.keep_last, {0, 1'000'000});
  v.integer("keep_best", config.keep_best, {0, 1'000'000});
  v.text("metric", config.metric, kOptional);
  choice(v, "direction", config.direction, {"min", "max"});
  v.boolean("async", config.async);
  v.boolean("overlap", config.overlap);
  v.integer("shards", config.shards, {1, 1024});
  v.integer("max_staging_mib", config.max_staging_mib, {0, 1 << 30});
  choice(v, "when_busy", config.when_busy, {"wait", "skip"});
  choice(v, "on_error", config.on_error, {"stop", "continue"});
}

void visit_fields(ConfigVisitor& v, ResumeConfig& config) {
  v.text("from", config.from, kOptional);
  v.integer("max_failures", config.max_failures, {0, 1'000'000});
  choice(v, "after_failures", config.after_failures, {"stop", "older"});
  v.texts("allow_changes", config.allow_changes, kOptional);
}

}  // namespace

std::string IntegerRange::text() const {
  if (max == IntegerRange{}.max) return "an integer of " + std::to_string(min) + " or more";
  return "an integer from " + std::to_string(min) + " to " + std::to_string(max);
}

bool RealRange::contains(double value) const {
  const bool above = min_open ? value > min : value >= min;
  return std::isfinite(value) && above && (max_open ? value < max : value <= max);
}

std::string RealRange::text() const {
  const bool has_min = min != RealRange{}.min, has_max = max != RealRange{}.max;
  if (!has_min && !has_max) return "a number";
  if (!has_max)
    return "a number " + std::string(min_open ? "above " : "not below ") + number_text(min);
  return "a number in " + std::string(min_open ? "(" : "[") + number_text(min) + ", " +
         number_text(max) + (max_open ? ")" : "]");
}

void visit(ConfigVisitor& v, Config& config) {
  section(v, "run", config.run);
  v.integer("seed", config.seed, kCount);
  section(v, "data", config.data);
  named(v, "models", config.models);
  named(v, "optimizers", config.optimizers);
  named(v, "schedules", config.schedules);
  section(v, "train", config.train);
  section(v, "checkpoint", config.checkpoint);
  section(v, "resume", config.resume);
}

}  // namespace holdfast::trainer
