// The configuration of the trainer as plain values. configs/mlp.yaml explains every key.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

struct RunConfig {
  std::string dir;  // holds the checkpoints, metrics.csv and events.jsonl
};

enum class DataType { kIdx };

struct DataConfig {
  DataType type = DataType::kIdx;
  std::string root;
  std::int64_t batch_size = 128;  // samples in one optimizer step
  std::int64_t eval_batch_size = 1000;
  bool shuffle = true;
  bool drop_last = false;
  double mean = 0;  // a pixel x in 0 … 255 becomes (x / 255 - mean) / stddev
  double stddev = 1;
  std::int64_t train_limit = 0;  // use the first N samples; 0: all
  std::int64_t test_limit = 0;
};

enum class ObjectiveType { kClassify, kDistill };

struct ObjectiveConfig {
  ObjectiveType type = ObjectiveType::kClassify;
  std::vector<std::string> models;  // kClassify: the loss is the sum of their cross entropies
  std::string teacher, student;     // kDistill
  double temperature = 4;           // kDistill: softens both distributions
  double alpha = 0.9;  // kDistill: the teacher's answer has this weight, the label 1 - alpha
};

enum class OnNonfiniteLoss { kStop, kRollBack, kIgnore };

struct TrainConfig {
  std::int64_t epochs = 0;     // 0: no limit by epochs, only by max_steps
  std::int64_t max_steps = 0;  // stop after this many optimizer steps; 0: after the epochs
  std::int64_t threads = 0;    // threads of LibTorch's operators; 0: LibTorch decides
  std::int64_t log_every_steps = 50;
  std::int64_t evaluate_every_steps = 0;   // 0: not by steps
  std::int64_t evaluate_every_epochs = 1;  // 0: not by epochs
  std::vector<std::string> evaluate;       // models; if empty, load_config puts in all not frozen
  OnNonfiniteLoss on_nonfinite_loss = OnNonfiniteLoss::kStop;
  ObjectiveConfig objective;
};

enum class AfterFailures { kStop, kOlder };
enum class OnError { kStop, kContinue };
enum class WhenBusy { kWait, kSkip };

struct CheckpointConfig {
  std::int64_t every_steps = 0;  // 0: not by steps
  double every_minutes = 0;      // 0: not by time
  bool at_epoch_end = true;
  std::int64_t keep_last = 3;  // 0: all
  std::int64_t keep_best = 0;  // this many more, the best by `metric`
  std::string metric;  // if empty, load_config puts in the test accuracy of the first of `evaluate`
  Direction direction = Direction::kMax;
  bool async = true;
  bool overlap = true;  // copy the state during the next forward and backward pass
  std::int64_t shards = 1;
  std::int64_t max_staging_mib = 0;  // 0: as much as the state needs
  WhenBusy when_busy = WhenBusy::kWait;
  OnError on_error = OnError::kStop;
};

struct ResumeConfig {
  std::string from = "auto";      // "auto", "never", or a checkpoint directory
  std::int64_t max_failures = 3;  // after a resume from the same checkpoint; 0: no limit
  AfterFailures after_failures = AfterFailures::kStop;
  std::vector<std::string> allow_changes;  // globs on dotted keys: config_changes.h
};

struct Config {
  RunConfig run;
  std::int64_t seed = 0;
  DataConfig data;
  std::vector<ModelConfig> models;  // in the order of the file
  std::vector<OptimizerConfig> optimizers;
  std::vector<ScheduleConfig> schedules;
  TrainConfig train;
  CheckpointConfig checkpoint;
  ResumeConfig resume;
};

// Reads a YAML file. `overrides` are texts "dotted.key=value", where the value is YAML. They are
// applied in their order before anything is checked. A mistake is an Error(kInvalidArgument) that
// names the file and line (or the override), the key, what was expected and what was found. If the
// file cannot be read, the kind is kNotFound, kPermission or kIo. Anchors, aliases and tags of YAML
// are not allowed.
Config load_config(const std::string& path, const std::vector<std::string>& overrides = {});

// The effective configuration, defaults included, as dotted key -> text. A list becomes
// "[784, 256, 10]", a number the shortest text that reads back as the same number.
std::map<std::string, std::string> flatten(const Config& config);

// The names of what an evaluation measures: "<model>/test_loss" and "<model>/test_accuracy" for
// each model in train.evaluate.
std::vector<std::string> metric_names(const Config& config);

// The model of that name, or nullptr.
const ModelConfig* find_model(const Config& config, const std::string& name);

}  // namespace holdfast::trainer
