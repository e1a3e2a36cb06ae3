#include <holdfast/checkpoint/state/gradient.h>

#include <torch/types.h>

#include <holdfast/checkpoint/state/library_mode.h>

namespace holdfast {
namespace {

// Makes an uninitialized gradient with the strides that a backward pass would give it.
at::Tensor new_gradient(const at::Tensor& parameter, at::ScalarType dtype) {
  const auto options = at::TensorOptions().dtype(dtype).device(parameter.device());
  return parameter.is_non_overlapping_and_dense()
             ? at::empty_strided(parameter.sizes(), parameter.strides(), options)
             : at::empty(parameter.sizes(), options);
}

// True if the gradient is in no autograd graph, and later passes can write to it: an inference
// tensor could only be written to in inference mode.
bool can_be_written(const at::Tensor& gradient) {
  return gradient.defined() && !gradient.is_inference() && gradient.is_leaf() &&
         !gradient.requires_grad();
}

bool takes(const at::Tensor& gradient, const at::Tensor& value) {
  return can_be_written(gradient) && gradient.layout() == at::kStrided &&
         gradient.sizes().equals(value.sizes()) && gradient.scalar_type() == value.scalar_type();
}

// True if a backward pass would put this parameter's gradient into contiguous CPU memory. (For a
// parameter that is not dense, it makes a contiguous gradient: see new_gradient.)
bool has_plain_gradient(const at::Tensor& parameter) {
  return parameter.device().is_cpu() &&
         (parameter.is_contiguous() || !parameter.is_non_overlapping_and_dense());
}

}  // namespace

const at::Tensor& gradient_of(const at::Tensor& parameter) {
  return parameter.unsafeGetTensorImpl()->grad();
}

const char* why_no_gradient(const at::Tensor& parameter) {
  if (parameter.is_inference()) return "an inference tensor has no gradient";
  return nullptr;
}

void zero_gradient(const at::Tensor& parameter) {
  const LibraryMode mode;
  at::Tensor& gradient = parameter.mutable_grad();
  if (!can_be_written(gradient)) gradient = new_gradient(parameter, parameter.scalar_type());
  gradient.zero_();
}

void set_gradient(const at::Tensor& parameter, const at::Tensor& value) {
  const LibraryMode mode;
  at::Tensor& gradient = parameter.mutable_grad();
  if (!takes(gradient, value)) {
    if (has_plain_gradient(parameter)) {
      gradient = value;
      return;
    }
    gradient = new_gradient(parameter, value.scalar_type());
  }
  gradient.copy_(value);
}

void clear_gradient(const at::Tensor& parameter) {
  parameter.mutable_grad().reset();
}

}  // namespace holdfast
