// Measures how much the elements of an entry differ between two states. Pure functions.
#pragma once

#include <cstdint>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// The differences between elements a of a first state and elements b of a second.
struct Change {
  std::uint64_t differing = 0;        // elements that differ in any bit
  std::uint64_t first_differing = 0;  // the index of the first of them, if there is one
  // The largest |b - a|; the modulus for complex numbers. 64-bit integers are subtracted exactly
  // and rounded afterwards, so that different ones are never 0 apart. 0 and -0 differ in bits but
  // are 0 apart. Pairs with a NaN are left out.
  double largest_absolute = 0;
  // The largest |b - a| / max(|a|, |b|). From 0 to 2, or infinite if |b - a| is.
  double largest_relative = 0;
  std::uint64_t new_nans = 0;   // elements that are NaN only in the second state
  std::uint64_t gone_nans = 0;  // elements that are NaN only in the first state
  std::uint64_t bits_only = 0;  // elements that differ only in bits: 0 and -0, or NaN in both

  bool operator==(const Change& other) const;
};

// Compares the elements in `a` with those in `b`. Both must have the same size, a multiple of the
// dtype's. Elements of bool and the bytes of texts count as numbers.
Change change_between(DType dtype, ByteView a, ByteView b);

// Adds the change of a part of an entry to the change of another part. `part` begins at element
// `index` of the entry.
void add(Change& change, const Change& part, std::uint64_t index);

}  // namespace holdfast
