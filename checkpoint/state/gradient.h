// The gradient of a parameter, read and set without the graph, and without the warnings that
// Tensor::grad() prints.
#pragma once

#include <ATen/core/Tensor.h>

namespace holdfast {

// The parameter's own handle; undefined: it has none.
const at::Tensor& gradient_of(const at::Tensor& parameter);

// Null: the parameter can have a gradient. Else why not, in words.
const char* why_no_gradient(const at::Tensor& parameter);

// Each leaves a gradient that is there in its place, where what it is to hold fits into it.
void zero_gradient(const at::Tensor& parameter);
// `value`: of the parameter's shape, in contiguous CPU memory that nobody else uses.
void set_gradient(const at::Tensor& parameter, const at::Tensor& value);
void clear_gradient(const at::Tensor& parameter);  // undefined from now on

}  // namespace holdfast
