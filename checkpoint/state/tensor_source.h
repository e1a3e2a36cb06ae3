// Tensors as sources of a save and as sinks of a load.
#pragma once

#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/item/sink.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// Throws Error(kUnsupported), which names the entry, for what has no dense bytes: sparse,
// quantized, nested, opaque and meta tensors.
void require_storable(const std::string& name, const at::Tensor& tensor);

// Puts a source of the tensor there, into the object that is there where that can be had again.
// Reads a storable tensor when it is copied, not now, and keeps it and its memory alive until it is
// released: a tensor that gets other memory meanwhile (set_data) is copied as it was. Contiguous
// CPU memory is copied from where it lies; of anything else the bytes that are asked for are first
// gathered on the CPU. A tensor that is written to between now and the end of a copy fails that
// copy with Error(kInvalidArgument), as far as LibTorch counts its writes (those through data_ptr
// or .data() it does not).
void set_source(std::shared_ptr<Source>& source, const at::Tensor& tensor);
// Row-major CPU memory that holds the tensor's values as they are.
bool is_plain(const at::Tensor& tensor);

// Writes into a live tensor: straight into contiguous CPU memory, else into memory of its own that
// finish() copies over, so that strides, device and identity of the tensor stay.
class TensorSink final : public Sink {
 public:
  TensorSink(std::string name, at::Tensor to);

  ByteSpan memory() override;
  void write(std::uint64_t offset, ByteView bytes) override;
  // After the last write. Error(kMismatch) if the tensor repeats one value along a dimension
  // (stride 0) where several were read.
  void finish();

 private:
  std::string name_;
  at::Tensor to_;
  at::Tensor memory_;  // to_ itself where that is contiguous CPU memory
};

}  // namespace holdfast
