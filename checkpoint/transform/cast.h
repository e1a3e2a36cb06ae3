// Converts the numbers of items while the items are saved.
#pragma once

#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// Returns the item with another floating-point dtype. Its elements are converted when they are
// read, which takes some MiB of memory for each reading thread. Each element is rounded once, to
// the nearest value or to the even one of two (see encode() in item/element.h). A value that is too
// large becomes infinity, or NaN in a float8 type that has no infinity; a NaN stays a NaN. An alias
// gets the same dtype as its original. Any item that is not a floating-point tensor (integers,
// bools, complex numbers, scalars, text) is returned unchanged. Error(kInvalidArgument) if `to` is
// not a floating-point dtype, or has no sign (float8_e8m0fnu).
Item cast(Item item, DType to);

}  // namespace holdfast
