// The states that the bench saves.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "result.h"

namespace holdfast::bench {

// The shape of each of `tensors` float32 tensors that have `bytes` bytes together, as nearly as
// equal tensors of whole rows of 1,024 numbers can: matrices, or vectors where they are small.
std::vector<std::int64_t> shape_of_each(std::uint64_t bytes, std::int64_t tensors);

// A model of such parameters, "tensor_000000" and so on, of random numbers.
std::shared_ptr<torch::nn::Module> make_model(std::uint64_t bytes, std::int64_t tensors);

std::uint64_t bytes_of(const torch::nn::Module& model);  // of its parameters

// What an optimizer's step does to memory: reads and writes every parameter, in place.
void take_step(const torch::nn::Module& model);

}  // namespace holdfast::bench
