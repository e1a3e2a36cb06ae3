#include <holdfast/trainer/optimizers.h>

#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/trainer/glob.h>

namespace holdfast::trainer {
namespace {

namespace optim = torch::optim;

struct NamedParameter {
  std::string model, name;
  at::Tensor value;
};

std::vector<NamedParameter> parameters_of(const OptimizerConfig& config,
                                          const std::map<std::string, Mlp>& models) {
  std::vector<NamedParameter> parameters;
  std::unordered_set<const void*> seen;
  for (const std::string& name : config.models) {
    const auto model = models.find(name);
    if (model == models.end())
      throw Error(ErrorKind::kInvalidArgument, "optimizer '" + config.name + "': no such model")
          .found("'" + name + "'");
    for (const auto& item : model->second->named_parameters())
      if (seen.insert(item.value().unsafeGetTensorImpl()).second)
        parameters.push_back({name, item.key(), item.value()});
  }
  return parameters;
}

// Returns config.groups.size() for the group of the remaining parameters.
std::size_t group_of(const NamedParameter& parameter, const OptimizerConfig& config) {
  for (std::size_t i = 0; i < config.groups.size(); ++i) {
    const std::string& pattern = config.groups[i].match;
    if (glob_matches(pattern, parameter.name) ||
        glob_matches(pattern, parameter.model + "/" + parameter.name))
      return i;
  }
  return config.groups.size();
}

Error nothing_matches(const OptimizerConfig& config, std::size_t group,
                      const std::vector<NamedParameter>& parameters) {
  std::string names;
  for (const NamedParameter& parameter : parameters)
    names += (names.empty() ? "" : ", ") + parameter.model + "/" + parameter.name;
  return Error(ErrorKind::kInvalidArgument, "'optimizers." + config.name + ".groups." +
                                                std::to_string(group) +
                                                ".match' takes no parameter")
      .expected("a pattern for some of " + names)
      .found("'" + config.groups[group].match + "'")
      .remedy("a parameter belongs to the first group that matches it");
}

std::vector<std::vector<at::Tensor>> split(const OptimizerConfig& config,
                                           const std::vector<NamedParameter>& parameters) {
  std::vector<std::vector<at::Tensor>> groups(config.groups.size() + 1);
  for (const NamedParameter& parameter : parameters)
    groups[group_of(parameter, config)].push_back(parameter.value);
  for (std::size_t i = 0; i < config.groups.size(); ++i)
    if (groups[i].empty()) throw nothing_matches(config, i, parameters);
  if (groups.back().empty()) groups.pop_back();
  return groups;
}

optim::SGDOptions sgd(const OptimizerOptions& o) {
  return optim::SGDOptions(o.lr)
      .momentum(o.momentum)
      .dampening(o.dampening)
      .weight_decay(o.weight_decay)
      .nesterov(o.nesterov);
}

template <typename Options>  // AdamOptions, AdamWOptions
Options adam(const OptimizerOptions& o) {
  return Options(o.lr)
      .betas(std::make_tuple(o.beta1, o.beta2))
      .eps(o.eps)
      .weight_decay(o.weight_decay)
      .amsgrad(o.amsgrad);
}

optim::RMSpropOptions rmsprop(const OptimizerOptions& o) {
  return optim::RMSpropOptions(o.lr)
      .alpha(o.alpha)
      .eps(o.eps)
      .weight_decay(o.weight_decay)
      .momentum(o.momentum)
      .centered(o.centered);
}

optim::AdagradOptions adagrad(const OptimizerOptions& o) {
  return optim::AdagradOptions(o.lr)
      .lr_decay(o.lr_decay)
      .weight_decay(o.weight_decay)
      .initial_accumulator_value(o.initial_accumulator_value)
      .eps(o.eps);
}

std::unique_ptr<optim::OptimizerOptions> options_of(OptimizerType type, const OptimizerOptions& o) {
  switch (type) {
    case OptimizerType::kSgd:
      return std::make_unique<optim::SGDOptions>(sgd(o));
    case OptimizerType::kAdamW:
      return std::make_unique<optim::AdamWOptions>(adam<optim::AdamWOptions>(o));
    case OptimizerType::kRmsprop:
      return std::make_unique<optim::RMSpropOptions>(rmsprop(o));
    case OptimizerType::kAdagrad:
      return std::make_unique<optim::AdagradOptions>(adagrad(o));
    case OptimizerType::kAdam:
      break;
  }
  return std::make_unique<optim::AdamOptions>(adam<optim::AdamOptions>(o));
}

const OptimizerOptions& options_of_group(const OptimizerConfig& config, std::size_t group) {
  return group < config.groups.size() ? config.groups[group].options : config.options;
}

std::unique_ptr<optim::Optimizer> make(const OptimizerConfig& config,
                                       std::vector<optim::OptimizerParamGroup> groups) {
  const OptimizerOptions& options = config.options;
  switch (config.type) {
    case OptimizerType::kSgd:
      return std::make_unique<optim::SGD>(std::move(groups), sgd(options));
    case OptimizerType::kAdamW:
      return std::make_unique<optim::AdamW>(std::move(groups), adam<optim::AdamWOptions>(options));
    case OptimizerType::kRmsprop:
      return std::make_unique<optim::RMSprop>(std::move(groups), rmsprop(options));
    case OptimizerType::kAdagrad:
      return std::make_unique<optim::Adagrad>(std::move(groups), adagrad(options));
    case OptimizerType::kAdam:
      break;
  }
  return std::make_unique<optim::Adam>(std::move(groups), adam<optim::AdamOptions>(options));
}

}  // namespace

std::unique_ptr<torch::optim::Optimizer> build_optimizer(const OptimizerConfig& config,
                                                         const std::map<std::string, Mlp>& models) {
  std::vector<optim::OptimizerParamGroup> groups;
  for (std::vector<at::Tensor>& parameters : split(config, parameters_of(config, models)))
    groups.emplace_back(std::move(parameters),
                        options_of(config.type, options_of_group(config, groups.size())));
  auto optimizer = make(config, std::move(groups));
  // Set the options once more. Newer versions of LibTorch take an option of a group that equals the
  // default of its class for one that was not given, and have replaced it by the optimizer's.
  set_options(*optimizer, config);
  return optimizer;
}

void set_options(torch::optim::Optimizer& optimizer, const OptimizerConfig& config) {
  std::size_t index = 0;
  for (optim::OptimizerParamGroup& group : optimizer.param_groups())
    group.set_options(options_of(config.type, options_of_group(config, index++)));
}

}  // namespace holdfast::trainer
