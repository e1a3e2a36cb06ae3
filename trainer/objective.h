// What is minimised, and how well a model does on a test set.
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

// The loss of a batch: float32 [], to be differentiated. kClassify: the sum of the cross entropies
// of the models. kDistill: alpha * T² * KL(teacher at temperature T || student at T) + (1 - alpha)
// * cross entropy (Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015).
at::Tensor loss_of(const ObjectiveConfig& objective, Models& models, const Batch& batch);

struct Evaluation {
  double loss = 0;      // mean cross entropy
  double accuracy = 0;  // 0 … 1
};

// Of the whole data set, in evaluation mode; puts the model back into the mode it was in. Draws no
// random numbers and records no gradients.
Evaluation evaluate(Mlp& model, const IdxDataset& data, std::int64_t batch_size);

}  // namespace holdfast::trainer
