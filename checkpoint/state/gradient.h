// Reads and sets the gradient of a parameter. Records nothing in the autograd graph, and prints
// none of the warnings that Tensor::grad() prints.
#pragma once

#include <ATen/core/Tensor.h>

namespace holdfast {

// The handle that the parameter itself keeps; undefined if the parameter has no gradient.
const at::Tensor& gradient_of(const at::Tensor& parameter);

// Says in words why the parameter cannot have a gradient; null if it can.
const char* why_no_gradient(const at::Tensor& parameter);

// These two write into the gradient that is there, if it can take the values; else they make a new
// tensor. So views that the program has of the gradient stay valid where possible.
void zero_gradient(const at::Tensor& parameter);
// `value` has the parameter's shape, and is in contiguous CPU memory that nobody else uses: it may
// become the gradient itself.
void set_gradient(const at::Tensor& parameter, const at::Tensor& value);

void clear_gradient(const at::Tensor& parameter);  // makes it undefined

}  // namespace holdfast
