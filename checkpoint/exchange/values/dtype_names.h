// Tables of what a format calls the dtypes. Internal to exchange/.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast::exchange {

struct DTypeName {
  DType dtype;
  std::string_view name;
};

template <std::size_t kCount>
using DTypeNames = std::array<DTypeName, kCount>;

// Empty for a dtype that the format does not have.
template <std::size_t kCount>
std::string_view name_in(const DTypeNames<kCount>& names, DType dtype) {
  for (const DTypeName& known : names)
    if (known.dtype == dtype) return known.name;
  return {};
}

// Empty for a name that the format does not have.
template <std::size_t kCount>
std::optional<DType> dtype_in(const DTypeNames<kCount>& names, std::string_view name) {
  for (const DTypeName& known : names)
    if (known.name == name) return known.dtype;
  return std::nullopt;
}

}  // namespace holdfast::exchange
