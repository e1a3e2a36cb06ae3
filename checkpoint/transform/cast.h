// Items whose numbers are converted while they are saved.
#pragma once

#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// The item with its elements converted to a floating-point dtype as they are asked for, with some
// MiB of memory for each thread that asks. As encode() says (item/element.h): rounded once, to
// the nearest and to the even one of two, and what is too large becomes infinity, or NaN in a
// float8 type that has none; NaNs stay NaNs. An alias gets the dtype that its original does.
// Whatever is no floating-point tensor (integers, bool and complex numbers, scalars, text) stays as
// it is. Error(kInvalidArgument) for a dtype that is not floating-point, or has no sign
// (float8_e8m0fnu).
Item cast(Item item, DType to);

}  // namespace holdfast
