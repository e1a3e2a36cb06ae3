// The states that the bench saves.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "result.h"

namespace holdfast::bench {

// The one shape of so many float32 tensors (`tensors`) that they have about `bytes` bytes together:
// matrices with rows of 1,024 numbers, or vectors if each has fewer than 2,048 numbers.
std::vector<std::int64_t> shape_of_each(std::uint64_t bytes, std::int64_t tensors);

// A model with parameters of that shape, "tensor_000000" and so on, filled with random numbers.
std::shared_ptr<torch::nn::Module> make_model(std::uint64_t bytes, std::int64_t tensors);

std::uint64_t bytes_of(const torch::nn::Module& model);  // bytes of its parameters

// Does to memory what a step of an optimizer does: reads and writes every parameter in place.
void take_step(const torch::nn::Module& model);

}  // namespace holdfast::bench
