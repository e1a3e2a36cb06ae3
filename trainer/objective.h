// The loss that a run minimises, and the measure of a model on a test set.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include <holdfast/trainer/config.h>
#include <holdfast/trainer/idx_dataset.h>
#include <holdfast/trainer/mlp.h>

namespace holdfast::trainer {

using Models = std::map<std::string, Mlp>;

// The loss of a batch, a float32 tensor of shape [] to call backward() on.
// kClassify: the sum of the cross entropies of the models.
// kDistill: alpha * T² * KL(teacher || student, both at temperature T) + (1 - alpha) * cross
// entropy of the student (Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network,
// 2015).
at::Tensor loss_of(const ObjectiveConfig& objective, Models& models, const Batch& batch);

struct Evaluation {
  double loss = 0;      // mean cross entropy
  double accuracy = 0;  // 0 … 1
};

// Measures the model on the whole data set, in evaluation mode, and puts it back into the mode it
// was in. Draws no random numbers and records nothing for autograd.
Evaluation evaluate(Mlp& model, const IdxDataset& data, std::int64_t batch_size);

}  // namespace holdfast::trainer
