// Finds views that share elements. A checkpoint cannot hold them: its tensors are tied or apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/exchange/values/sources.h>

namespace holdfast::exchange {

// Whether each dimension steps over all dimensions with smaller strides, so that no two elements
// have the same place. True for what slices, steps, transpositions and diagonals make of a dense
// tensor; false for an expanded tensor and for windows that overlap. Precondition: extent_of() of
// the view is not empty.
bool has_separate_elements(const View& view);

// One of several views of a storage. They may have different dtypes.
struct TypedView {
  View view;  // has separate elements, and lies within the storage
  std::size_t element_bytes = 1;
};

// The indices of two views of one storage that have a byte in common, the smaller index first.
// Empty if all are apart. Takes about 8 MiB of memory, and time in proportion to the bytes of views
// whose ranges intersect.
std::optional<std::pair<std::size_t, std::size_t>> find_overlap(
    const std::vector<TypedView>& views);

}  // namespace holdfast::exchange
