// How a subcommand says that it cannot do what it was asked to.
#pragma once

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/utf8.h>

#include <exception>
#include <iostream>
#include <new>
#include <string>

namespace holdfast::tool {

// Writes a line to the standard error. `text` must be printable, as the message of an Error is.
inline void complain(const std::string& text) {
  std::cerr << "holdfast: " << text << "\n";
}

// What the exception says, made printable, whether or not it is an Error.
inline std::string reason_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "there is not enough memory; is it limited (ulimit -v)?";
  return dynamic_cast<const Error*>(&error) != nullptr ? error.what() : printable(error.what());
}

}  // namespace holdfast::tool
