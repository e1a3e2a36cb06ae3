#include <holdfast/trainer/models.h>

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

// Saves the state of the default generator, and its destructor puts that back.
class KeepGenerator {
 public:
  KeepGenerator() : generator_(at::detail::getDefaultCPUGenerator()) {
    const std::lock_guard<std::mutex> lock(generator_.mutex());
    state_ = generator_.get_state();
  }
  ~KeepGenerator() {
    const std::lock_guard<std::mutex> lock(generator_.mutex());
    generator_.set_state(state_);
  }
  KeepGenerator(const KeepGenerator&) = delete;
  KeepGenerator& operator=(const KeepGenerator&) = delete;

 private:
  at::Generator generator_;
  at::Tensor state_;
};

Mlp build_average(const ModelConfig& averaged, const Mlp& original) {
  const KeepGenerator keep;
  Mlp average = build_model(averaged);
  copy_weights(*average, *original);
  set_frozen(*average, true);
  return average;
}

using NamedTensors = torch::OrderedDict<std::string, at::Tensor>;

void require_same_names(const NamedTensors& a, const NamedTensors& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i)
    same = a[i].key() == b[i].key() && a[i].value().sizes() == b[i].value().sizes();
  if (!same)
    throw Error(ErrorKind::kInvalidArgument, "two models differ in their parameters or buffers")
        .expected("the same names and shapes");
}

// Calls merge(to, from) for each parameter, and copies the buffers.
template <typename Merge>
void merge_models(torch::nn::Module& to, const torch::nn::Module& from, Merge merge) {
  const at::NoGradGuard no_grad;
  NamedTensors to_parameters = to.named_parameters(), to_buffers = to.named_buffers();
  const NamedTensors parameters = from.named_parameters(), buffers = from.named_buffers();
  require_same_names(to_parameters, parameters);
  require_same_names(to_buffers, buffers);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    merge(to_parameters[i].value(), parameters[i].value());
  for (std::size_t i = 0; i < buffers.size(); ++i) to_buffers[i].value().copy_(buffers[i].value());
}

}  // namespace

Mlp build_model(const ModelConfig& config) {
  Mlp model(config);
  if (config.frozen) set_frozen(*model, true);
  return model;
}

std::map<std::string, Mlp> build_models(const Config& config) {
  std::map<std::string, Mlp> models;
  for (const ModelConfig& model : config.models)
    if (model.type == ModelType::kMlp) models.emplace(model.name, build_model(model));
  for (const ModelConfig& model : config.models)
    if (model.type == ModelType::kAverage)
      models.emplace(model.name, build_average(*find_model(config, model.average_of),
                                               models.at(model.average_of)));
  return models;
}

void set_frozen(torch::nn::Module& model, bool frozen) {
  for (at::Tensor& parameter : model.parameters()) parameter.requires_grad_(!frozen);
  model.train(!frozen);
}

void copy_weights(torch::nn::Module& to, const torch::nn::Module& from) {
  merge_models(to, from, [](at::Tensor& a, const at::Tensor& b) { a.copy_(b); });
}

void update_average(torch::nn::Module& average, const torch::nn::Module& model, double decay) {
  merge_models(average, model,
               [decay](at::Tensor& a, const at::Tensor& b) { a.mul_(decay).add_(b, 1 - decay); });
}

}  // namespace holdfast::trainer
