#include <holdfast/checkpoint/state/tensor_columns.h>

#include <cstring>

#include <torch/types.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/library_mode.h>

namespace holdfast::columns {
namespace {

// The stored tensor, in new memory on the CPU.
at::Tensor loaded(const std::string& name, const StoredColumn& column) {
  const LibraryMode mode;
  at::Tensor tensor =
      at::empty(column.shape, at::TensorOptions(scalar_type_of(column.dtype, name)));
  if (column.bytes.size != 0) std::memcpy(tensor.data_ptr(), column.bytes.data, column.bytes.size);
  return tensor;
}

}  // namespace

void TensorColumns::clear() {
  tensors_.clear();
  defined_.clear();
}

// The writer of a save takes tensors as it takes those of models: it copies them from any device,
// finds ties, and lets go of them once they are copied.
void TensorColumns::write(ColumnWriter& to, const std::string& name, const Shape& leading) {
  auto& capture = dynamic_cast<Capture&>(to);
  const bool is_root = leading.empty();
  std::size_t number = 0;
  for (const at::Tensor& tensor : tensors_) {
    defined_.push_back(tensor.defined() ? 1 : 0);
    const std::string own = is_root ? name : name + "/" + std::to_string(number);
    number += tensor.defined() ? 1 : 0;
    if (tensor.defined() || is_root) capture.volatile_tensor(own, tensor);
  }
  tensors_.clear();
  if (!is_root)
    to.column(name + "/defined", Kind::kTensor, DType::kBool, leading,
              {defined_.data(), defined_.size()});
}

void TensorColumns::open(const ColumnReader& from, const std::string& name, std::size_t leading) {
  name_ = name;
  stored_.clear();
  next_ = next_stored_ = 0;
  marks_ = nullptr;
  leading_.clear();
  const auto require_tensor = [](const std::string& own, const StoredColumn& column) {
    if (column.kind != Kind::kTensor && column.kind != Kind::kUndefined)
      throw Error(ErrorKind::kMismatch, "the value is of another kind")
          .at(own)
          .expected("a tensor")
          .found("a " + std::string(to_string(column.kind)));
    if (column.kind == Kind::kTensor)
      scalar_type_of(column.dtype, own);  // throws for what is not there
  };
  if (leading == 0) {
    const StoredColumn* const column = from.find(name);
    if (column == nullptr)
      throw Error(ErrorKind::kMismatch, "the checkpoint has no such value")
          .at(name)
          .expected("a tensor");
    require_tensor(name, *column);
    stored_.push_back({name, column});
    return;
  }
  marks_ = &require_column(from, name + "/defined", Kind::kTensor, DType::kBool, leading);
  leading_ = marks_->shape;
  for (std::uint64_t i = 0, count = count_of(leading_); i < count; ++i) {
    const std::string own = name + "/" + std::to_string(i);
    const StoredColumn* const column = from.find(own);
    if (column == nullptr) continue;
    require_tensor(own, *column);
    stored_.push_back({own, column});
  }
}

void TensorColumns::begin() {
  if (marks_ == nullptr) return;
  std::size_t there = 0;
  for (std::size_t i = 0; i < marks_->bytes.size; ++i)
    there += marks_->bytes.data[i] != std::byte(0) ? 1 : 0;
  require_count(name_, there, Shape{static_cast<std::int64_t>(stored_.size())});
}

void TensorColumns::get(at::Tensor& value) {
  const bool is_defined = marks_ == nullptr ? stored_.front().column->kind == Kind::kTensor
                                            : marks_->bytes.data[next_++] != std::byte(0);
  if (!is_defined) {
    value.reset();
    return;
  }
  const Stored& stored = stored_[next_stored_++];
  const at::Tensor tensor = loaded(stored.name, *stored.column);
  const bool fits = value.defined() && value.sizes() == tensor.sizes() &&
                    value.scalar_type() == tensor.scalar_type();
  if (fits) {
    const LibraryMode mode(value.is_inference());
    value.copy_(tensor);
  } else {
    value = value.defined() ? tensor.to(value.device()) : tensor;
  }
}

}  // namespace holdfast::columns
