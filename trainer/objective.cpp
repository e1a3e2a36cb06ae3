#include <holdfast/trainer/objective.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include <c10/core/GradMode.h>
#include <torch/nn/functional/loss.h>

namespace holdfast::trainer {
namespace {

namespace F = torch::nn::functional;

at::Tensor distillation_loss(const ObjectiveConfig& objective, Models& models, const Batch& batch) {
  at::Tensor teacher;
  {
    const at::NoGradGuard no_grad;
    teacher = models.at(objective.teacher)->forward(batch.inputs);
  }
  const at::Tensor student = models.at(objective.student)->forward(batch.inputs);
  const double temperature = objective.temperature;
  const at::Tensor divergence =
      F::kl_div((student / temperature).log_softmax(1), (teacher / temperature).softmax(1),
                F::KLDivFuncOptions().reduction(torch::kBatchMean));
  return divergence * (objective.alpha * temperature * temperature) +
         F::cross_entropy(student, batch.targets) * (1 - objective.alpha);
}

}  // namespace

at::Tensor loss_of(const ObjectiveConfig& objective, Models& models, const Batch& batch) {
  if (objective.type == ObjectiveType::kDistill) return distillation_loss(objective, models, batch);
  at::Tensor loss;
  for (const std::string& name : objective.models) {
    const at::Tensor one = F::cross_entropy(models.at(name)->forward(batch.inputs), batch.targets);
    loss = loss.defined() ? loss + one : one;
  }
  return loss;
}

Evaluation evaluate(Mlp& model, const IdxDataset& data, std::int64_t batch_size) {
  const at::NoGradGuard no_grad;
  const bool was_training = model->is_training();
  model->eval();
  double loss = 0;
  std::int64_t correct = 0;
  std::vector<std::int64_t> indices;
  for (std::int64_t first = 0; first < data.size(); first += batch_size) {
    indices.resize(static_cast<std::size_t>(std::min(batch_size, data.size() - first)));
    std::iota(indices.begin(), indices.end(), first);
    const Batch batch = data.batch(indices);
    const at::Tensor logits = model->forward(batch.inputs);
    loss +=
        F::cross_entropy(logits, batch.targets, F::CrossEntropyFuncOptions().reduction(torch::kSum))
            .item<double>();
    correct += logits.argmax(1).eq(batch.targets).sum().item<std::int64_t>();
  }
  model->train(was_training);
  const auto count = static_cast<double>(data.size());
  return {loss / count, static_cast<double>(correct) / count};
}

}  // namespace holdfast::trainer
