// Two tensors are tied if they are the same memory seen in the same way: same storage, offset,
// sizes, strides, type, and lazy conjugation and negation.
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

// Maps a strided, non-empty tensor, and all that are tied to it, to the place where it was first
// seen. Keeps the tensors alive: otherwise a new storage could get the address of one that is gone.
template <typename Place>
using TiedTensors = ska::flat_hash_map<at::Tensor, Place, TiedHash, Tied>;

}  // namespace holdfast
