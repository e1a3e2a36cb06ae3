// Views that share elements: what a checkpoint, whose tensors are equal or apart, cannot hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/exchange/values/sources.h>

namespace holdfast::exchange {

// Whether each dimension steps over all of the dimensions with smaller strides, so that no two
// elements have one place. Whatever slices, steps, transpositions and diagonals make of a dense
// tensor does; an expanded tensor does not, nor do windows that overlap. Each of the view's
// strides, and their sum over the shape, fits into 63 bits (extent_of).
bool has_separate_elements(const View& view);

// A view of a storage that others view, too, maybe as another dtype.
struct TypedView {
  View view;  // with separate elements, and within the storage
  std::size_t element_bytes = 1;
};

// Two views of one storage that have a byte in common, by their indices, the smaller one first;
// empty if none have. Takes some 8 MiB, and time for the parts of them that lie between one
// another.
std::optional<std::pair<std::size_t, std::size_t>> find_overlap(
    const std::vector<TypedView>& views);

}  // namespace holdfast::exchange
