// Makes a tensor the source of a save, or the sink of a load.
#pragma once

#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/item/sink.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// Throws Error(kUnsupported), which names the entry, if the tensor has no dense bytes: sparse,
// quantized, nested, opaque and meta tensors.
void require_storable(const std::string& name, const at::Tensor& tensor);

// Makes `source` read this tensor, which must be storable. Uses the Source object that is there, if
// nobody else has it, and makes a new one otherwise.
//
// The tensor is read when the source is copied, not now. Until release(), the source keeps the
// tensor and its memory alive; if the tensor gets other memory meanwhile (set_data), the old memory
// is copied. Contiguous CPU memory is copied directly; of other tensors, the bytes that a copy asks
// for are gathered on the CPU first.
//
// A copy throws Error(kInvalidArgument) if the tensor was written to since this call. Only writes
// that LibTorch counts are noticed; it does not count those through data_ptr() or .data().
void set_source(std::shared_ptr<Source>& source, const at::Tensor& tensor);
// True if the tensor is contiguous CPU memory that holds its values as they are (no lazy
// conjugation or negation).
bool is_plain(const at::Tensor& tensor);

// Writes into a live tensor, whose strides, device and identity stay as they are. Writes straight
// into contiguous CPU memory; for other tensors into memory of its own, from which finish() copies.
class TensorSink final : public Sink {
 public:
  TensorSink(std::string name, at::Tensor to);

  ByteSpan memory() override;
  void write(std::uint64_t offset, ByteView bytes) override;
  // Call it after the last write. Error(kMismatch) if the tensor has only one element in memory
  // along a dimension (stride 0), and the values read differ along it.
  void finish();

 private:
  std::string name_;
  at::Tensor to_;
  at::Tensor memory_;  // to_ itself if that is contiguous CPU memory
};

}  // namespace holdfast
