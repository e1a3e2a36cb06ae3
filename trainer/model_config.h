// The models, optimizers and schedules of a configuration, as plain values.
// configs/mlp.yaml explains every key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::trainer {

enum class ModelType { kMlp, kAverage };
enum class Activation { kRelu, kLeakyRelu, kGelu, kSilu, kTanh, kSigmoid };

struct ModelConfig {
  std::string name;
  ModelType type = ModelType::kMlp;
  // kMlp
  std::vector<std::int64_t> layers;  // sizes from input to output: [784, 256, 10]
  Activation activation = Activation::kRelu;
  double dropout = 0;  // probability
  bool batch_norm = false;
  bool frozen = false;     // not trained: no gradients, evaluation mode
  std::string from;        // if not empty: the run or checkpoint directory to load weights from
  std::string from_model;  // the model's name there; if empty, load_config puts in `name`
  // kAverage: an exponential moving average of another model, with the architecture of that model
  std::string average_of;
  double decay = 0.999;
};

enum class OptimizerType { kSgd, kAdam, kAdamW, kRmsprop, kAdagrad };

// The options of all types of optimizers. Each type uses some of them.
struct OptimizerOptions {
  double lr = 1e-3;
  double weight_decay = 0;
  double momentum = 0;    // sgd, rmsprop
  double dampening = 0;   // sgd
  bool nesterov = false;  // sgd
  double beta1 = 0.9;     // adam, adamw
  double beta2 = 0.999;
  bool amsgrad = false;
  double eps = 1e-8;                     // all but sgd
  double alpha = 0.99;                   // rmsprop
  bool centered = false;                 // rmsprop
  double lr_decay = 0;                   // adagrad
  double initial_accumulator_value = 0;  // adagrad; the same in every group
};

OptimizerOptions default_options(OptimizerType type);  // LibTorch's; for sgd with lr 0.01

struct ParameterGroup {
  std::string match;  // glob on "<dotted.name>" or "<model>/<dotted.name>"
  OptimizerOptions options;
};

struct OptimizerConfig {
  std::string name;
  OptimizerType type = OptimizerType::kAdam;
  std::vector<std::string> models;     // the models whose parameters it trains
  OptimizerOptions options;            // for parameters that no group matches
  std::vector<ParameterGroup> groups;  // a parameter belongs to the first group that matches it
};

enum class ScheduleType { kConstant, kStep, kCosine, kPlateau };
enum class Interval { kStep, kEpoch };
enum class Direction { kMin, kMax };

struct ScheduleConfig {
  std::string name;
  ScheduleType type = ScheduleType::kConstant;
  std::string optimizer;
  std::int64_t warmup_steps = 0;  // all but kPlateau: steps over which the rate rises linearly
  // kStep: the rate is multiplied by `factor` every `step_size` intervals
  std::int64_t step_size = 1;
  Interval interval = Interval::kEpoch;
  double factor = 0.1;  // kStep, kPlateau
  // kCosine
  std::int64_t total_steps = 0;  // warm-up included; 0: the length of the run
  double min_factor = 0;  // kCosine, kPlateau: the lowest rate, as a fraction of the base rate
  // kPlateau: counts evaluations
  std::string metric;  // one of metric_names()
  Direction direction = Direction::kMax;
  std::int64_t patience = 3;
  double threshold = 1e-4;  // the smallest relative change that counts as an improvement
  std::int64_t cooldown = 0;
};

}  // namespace holdfast::trainer
