// From the bits of elements to numbers, and back.
#pragma once

#include <cstddef>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// Numbers in an element: 2 for the complex types (real part, imaginary part), 1 for the others.
std::size_t numbers_in(DType dtype);

// Decodes whole elements, in order, to numbers_in(dtype) numbers each. Exact, except that int64 and
// uint64 beyond 2^53 become the nearest double. bool is 0 or 1, whatever its byte. NaNs stay NaNs
// and lose their payload.
//
// The float8 types are those of PyTorch: e5m2 has infinities as IEEE 754 has them; e4m3fn has none,
// and its NaNs are 0x7F and 0xFF; e4m3fnuz and e5m2fnuz have none and no negative zero, and 0x80 is
// their NaN; e8m0fnu has the powers of two from 2^-127 to 2^127 without a sign, and 0xFF is its
// NaN.
void decode(DType dtype, ByteView elements, double* numbers);

// The inverse of decode(): fills `elements` from as many numbers as it has room for. Rounds once,
// to the nearest value of the type; of two that are as near, to the even one. A number that is then
// beyond the largest of the type becomes
//   - in float64, float32, float16, bfloat16, float8_e5m2 and the complex types, infinity with its
//     sign;
//   - in the other float8 types NaN, as PyTorch casts it; infinities become NaN there too;
//   - in integer types the largest or smallest integer; NaN becomes 0 there.
// A NaN keeps its sign where the type has one. bool becomes true unless the number is 0.
// float8_e8m0fnu is as PyTorch casts: the sign is dropped, halves round up, and what is smaller
// than 2^-127 becomes 2^-127.
void encode(DType dtype, const double* numbers, ByteSpan elements);

}  // namespace holdfast
