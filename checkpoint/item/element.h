// What the bits of an element stand for: numbers, and the way back.
#pragma once

#include <cstddef>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// Numbers in an element: 2 for the complex types (real part, imaginary part), 1 for the others.
std::size_t numbers_in(DType dtype);

// The numbers of whole elements, in order: numbers_in(dtype) of them for each. Exact, but for int64
// and uint64 beyond 2^53, which become the nearest double. bool is 0 or 1, whatever its byte.
// NaNs stay NaNs, without their payload.
//
// The float8 types are those of PyTorch: e5m2 has infinities as IEEE 754 has them; e4m3fn has none,
// and its NaNs are 0x7F and 0xFF; e4m3fnuz and e5m2fnuz have none and no negative zero, and 0x80 is
// their NaN; e8m0fnu has the powers of two from 2^-127 to 2^127 without a sign, and 0xFF is its
// NaN.
void decode(DType dtype, ByteView elements, double* numbers);

// The inverse: as many numbers as the elements that `elements` has room for. Rounds once, to the
// nearest, and to the even one of two that are as near. What this makes larger than the largest
// number of the type becomes
//   - infinity with its sign, in float64, float32, float16, bfloat16, float8_e5m2 and complex
//   types;
//   - NaN in the other float8 types, and so do infinities: as PyTorch casts;
//   - the largest or smallest integer; and NaN becomes 0.
// A NaN keeps its sign where the type has one for it. bool: whether it is not 0. float8_e8m0fnu, as
// PyTorch casts: the sign is dropped, halfway goes up, and what is smaller than 2^-127 becomes
// that.
void encode(DType dtype, const double* numbers, ByteSpan elements);

}  // namespace holdfast
