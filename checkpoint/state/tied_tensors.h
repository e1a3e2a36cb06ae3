// When two tensors are one: same storage, offset, sizes, strides, type and lazy conjugation.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/flat_hash_map.h>

namespace holdfast {

struct TiedHash {
  std::size_t operator()(const at::Tensor& tensor) const {
    const auto storage = reinterpret_cast<std::size_t>(tensor.storage().unsafeGetStorageImpl());
    const auto offset = static_cast<std::size_t>(tensor.storage_offset());
    return (storage >> 4) * 31 + offset * 7 + static_cast<std::size_t>(tensor.numel());
  }
};

struct Tied {
  bool operator()(const at::Tensor& a, const at::Tensor& b) const {
    return a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl() &&
           a.storage_offset() == b.storage_offset() && a.sizes() == b.sizes() &&
           a.strides() == b.strides() && a.scalar_type() == b.scalar_type() &&
           a.is_conj() == b.is_conj() && a.is_neg() == b.is_neg();
  }
};

// Strided, non-empty tensors and where each was first seen. Keeps the tensors, so that no storage
// goes and another takes its address.
template <typename Place>
using TiedTensors = ska::flat_hash_map<at::Tensor, Place, TiedHash, Tied>;

}  // namespace holdfast
