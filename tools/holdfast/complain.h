// What a subcommand says when it cannot do what it was asked to.
#pragma once

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/utf8.h>

#include <exception>
#include <iostream>
#include <new>
#include <string>

namespace holdfast::tool {

// On the standard error. `text` is printable, as the message of an Error is.
inline void complain(const std::string& text) {
  std::cerr << "holdfast: " << text << "\n";
}

// Printable. Of what is not an Error, too.
inline std::string reason_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "there is not enough memory; is it limited (ulimit -v)?";
  return dynamic_cast<const Error*>(&error) != nullptr ? error.what() : printable(error.what());
}

}  // namespace holdfast::tool
