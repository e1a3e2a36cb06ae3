#include <holdfast/checkpoint/state/tensor_source.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <mutex>

#include <c10/core/Storage.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <holdfast/checkpoint/base/copy.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/library_mode.h>

namespace holdfast {
namespace {

std::byte* bytes_of(const at::Tensor& tensor) {
  return static_cast<std::byte*>(tensor.data_ptr());
}

const char* why_not_storable(const at::Tensor& tensor) {
  if (tensor.is_quantized()) return "a quantized tensor";
  if (tensor.is_nested()) return "a nested tensor";
  if (tensor.is_sparse() || tensor.is_sparse_csr()) return "a sparse tensor";
  if (tensor.layout() != at::kStrided) return "a tensor of an opaque layout";
  if (tensor.is_meta()) return "a meta tensor, which has no values";
  if (!tensor.has_storage() || tensor._is_zerotensor()) return "a tensor without memory";
  return nullptr;
}

// Notices writes to a tensor, by LibTorch's version counter. Inference tensors have none.
class WriteCount {
 public:
  explicit WriteCount(const at::Tensor& tensor) : tensor_(tensor), before_(count()) {}

  void release() { tensor_.reset(); }

  void require_unchanged() const {
    if (count() == before_) return;
    throw Error(ErrorKind::kInvalidArgument, "the tensor was written to while it was saved")
        .remedy(
            "change it only after save() has returned, or with overlap after before_step() has");
  }

 private:
  std::int64_t count() const { return tensor_.is_inference() ? 0 : tensor_._version(); }

  at::Tensor tensor_;
  std::int64_t before_;
};

// Keeps the storage and not only the tensor, since the tensor may be given other memory before the
// copy (set_data, module.to()).
class PlainTensor final : public Source {
 public:
  explicit PlainTensor(const at::Tensor& tensor)
      : writes_(tensor), storage_(tensor.storage()), data_(bytes_of(tensor)) {}

  void release() noexcept override {
    writes_.release();
    storage_ = c10::Storage();
  }

  void copy(std::uint64_t offset, ByteSpan to) const override {
    if (to.size != 0) copy_past_cache(to.data, data_ + offset, to.size);
    writes_.require_unchanged();
  }

 private:
  WriteCount writes_;
  c10::Storage storage_;
  const std::byte* data_;
};

at::Tensor plain(const at::Tensor& tensor) {
  return tensor.resolve_conj().resolve_neg().to(at::kCPU).contiguous();
}

// Copies bytes [offset, offset + to.size) of the tensor's row-major values. Goes along the first
// dimension: whole rows are copied at once, straight to their place; of a row that is needed in
// part, the same is done one dimension further in. Takes no more extra memory than it fills.
void gather(const at::Tensor& tensor, std::uint64_t offset, ByteSpan to) {
  if (tensor.dim() == 0) {
    std::memcpy(to.data, bytes_of(plain(tensor)) + offset, to.size);
    return;
  }
  const std::uint64_t row_bytes = tensor.nbytes() / static_cast<std::uint64_t>(tensor.size(0));
  while (to.size > 0) {
    const auto row = static_cast<std::int64_t>(offset / row_bytes);
    const std::uint64_t in_row = offset % row_bytes;
    const std::uint64_t rows = in_row == 0 ? to.size / row_bytes : 0;
    const std::uint64_t bytes =
        rows > 0 ? rows * row_bytes : std::min<std::uint64_t>(row_bytes - in_row, to.size);
    if (rows > 0) {
      const at::Tensor from = tensor.narrow(0, row, static_cast<std::int64_t>(rows));
      if (reinterpret_cast<std::uintptr_t>(to.data) % from.element_size() == 0) {
        const auto cpu = at::TensorOptions().dtype(from.scalar_type()).device(at::kCPU);
        at::from_blob(to.data, from.sizes(), cpu).copy_(from);
      } else {  // the place is not aligned for the type, so that no tensor can be made over it
        const at::Tensor values = plain(from);
        std::memcpy(to.data, bytes_of(values), bytes);
      }
    } else {
      gather(tensor.select(0, row), in_row, to.slice(0, bytes));
    }
    offset += bytes;
    to = to.slice(bytes, to.size - bytes);
  }
}

class GatheredTensor final : public Source {
 public:
  explicit GatheredTensor(const at::Tensor& tensor) : writes_(tensor) {
    const LibraryMode mode(tensor.is_inference());
    tensor_ = tensor.detach();
  }

  void release() noexcept override {
    writes_.release();
    tensor_.reset();
  }

  // One copy at a time: LibTorch may use threads of its own for each.
  void copy(std::uint64_t offset, ByteSpan to) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const LibraryMode mode(tensor_.is_inference());
    gather(tensor_, offset, to);
    writes_.require_unchanged();
  }

 private:
  WriteCount writes_;
  at::Tensor tensor_;
  mutable std::mutex mutex_;
};

// Cuts each dimension with stride 0 to length 1: all its elements are the same memory.
at::Tensor without_repeats(at::Tensor tensor, at::IntArrayRef strides) {
  for (std::int64_t dim = 0; dim < tensor.dim(); ++dim) {
    if (strides[dim] == 0 && tensor.size(dim) > 1) tensor = tensor.narrow(dim, 0, 1);
  }
  return tensor;
}

bool same_bytes(const at::Tensor& plain, const at::Tensor& other) {
  const at::Tensor copy = other.contiguous();
  return std::memcmp(bytes_of(plain), bytes_of(copy), plain.nbytes()) == 0;
}

}  // namespace

bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.is_contiguous() && !tensor.is_conj() &&
         !tensor.is_neg();
}

void require_storable(const std::string& name, const at::Tensor& tensor) {
  const char* problem = why_not_storable(tensor);
  if (problem == nullptr) return;
  throw Error(ErrorKind::kUnsupported, "a checkpoint cannot hold this tensor")
      .at(name)
      .expected("a dense tensor")
      .found(problem)
      .remedy("save a dense form of it, or keep it out of the state");
}

void set_source(std::shared_ptr<Source>& source, const at::Tensor& tensor) {
  if (!is_plain(tensor)) {
    source = std::make_shared<GatheredTensor>(tensor);
  } else if (auto* const used = reusable<PlainTensor>(source)) {
    *used = PlainTensor(tensor);
  } else {
    source = std::make_shared<PlainTensor>(tensor);
  }
}

TensorSink::TensorSink(std::string name, at::Tensor to)
    : name_(std::move(name)), to_(std::move(to)) {
  const LibraryMode mode(to_.is_inference());
  const auto plain = at::TensorOptions().dtype(to_.scalar_type()).device(at::kCPU);
  memory_ = is_plain(to_) ? to_ : at::empty(to_.sizes(), plain);
}

ByteSpan TensorSink::memory() {
  return {bytes_of(memory_), memory_.nbytes()};
}

void TensorSink::write(std::uint64_t offset, ByteView bytes) {
  if (bytes.size != 0) std::memcpy(bytes_of(memory_) + offset, bytes.data, bytes.size);
}

void TensorSink::finish() {
  if (memory_.is_same(to_)) {
    if (!to_.is_inference()) to_.unsafeGetTensorImpl()->bump_version();
    return;
  }
  const LibraryMode mode(to_.is_inference());
  const at::Tensor single = without_repeats(memory_, to_.strides());
  if (!single.sizes().equals(memory_.sizes()) && !same_bytes(memory_, single.expand_as(memory_))) {
    throw Error(ErrorKind::kMismatch,
                "the tensor repeats one value along a dimension where the checkpoint holds several")
        .at(name_)
        .remedy("give it memory of its own (contiguous()) before the restore");
  }
  without_repeats(to_, to_.strides()).copy_(single);
}

}  // namespace holdfast
