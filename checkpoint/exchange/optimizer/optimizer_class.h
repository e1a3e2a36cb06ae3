// The optimizers whose state is known both to LibTorch and to Python.
#pragma once

#include <string_view>

namespace holdfast::exchange {

enum class OptimizerClass { kSgd, kAdam, kAdamW };

std::string_view name_of(OptimizerClass type);  // "SGD", "Adam", "AdamW"

}  // namespace holdfast::exchange
