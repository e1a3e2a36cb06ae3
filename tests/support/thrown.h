// Returns the holdfast::Error that a call throws.
#pragma once

#include <stdexcept>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::testing {

template <typename Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("the call was expected to throw a holdfast::Error");
}

}  // namespace holdfast::testing
