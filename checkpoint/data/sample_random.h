// Random numbers for one sample, such as for its augmentation.
#pragma once

#include <cstdint>
#include <random>

#include <ATen/core/Generator.h>

namespace holdfast {

// A generator that depends on its arguments alone: whichever worker gets the sample, in
// whatever order, and after a resume, it draws the same numbers. `index` is that of the sample in
// its data set. The engine's numbers are the same everywhere; those of LibTorch's generator are for
// one version of LibTorch. `stream` tells several generators for one sample apart.
std::mt19937_64 sample_engine(std::uint64_t seed, std::int64_t epoch, std::int64_t index,
                              std::uint32_t stream = 0);
at::Generator sample_generator(std::uint64_t seed, std::int64_t epoch, std::int64_t index,
                               std::uint32_t stream = 0);

}  // namespace holdfast
