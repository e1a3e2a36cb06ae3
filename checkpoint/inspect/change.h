// How much the numbers of an entry differ. Pure functions.
#pragma once

#include <cstdint>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// From the elements of a first state to those of a second.
struct Change {
  std::uint64_t differing = 0;        // elements that differ in any bit
  std::uint64_t first_differing = 0;  // index of the first of them, if there is one
  // |b - a|, of complex numbers the modulus; of 64-bit integers exact before it is rounded, so that
  // different ones are never 0 apart. 0 where only the bits differ (0 and -0). Pairs with a NaN
  // have none.
  double largest_absolute = 0;
  // |b - a| / max(|a|, |b|): 0 to 2; infinite where |b - a| is.
  double largest_relative = 0;
  std::uint64_t new_nans = 0;   // elements that are NaN in the second and not in the first
  std::uint64_t gone_nans = 0;  // in the first and not in the second
  std::uint64_t bits_only = 0;  // differing ones that are as large: 0 and -0, or NaN in both

  bool operator==(const Change& other) const;
};

// Of as many whole elements in `a` and `b`. bool and text count as numbers, too.
Change change_between(DType dtype, ByteView a, ByteView b);

// What is known of two parts of an entry, `part` beginning at its element `index`.
void add(Change& change, const Change& part, std::uint64_t index);

}  // namespace holdfast
