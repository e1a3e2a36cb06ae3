// What a subcommand says when it cannot do what it was asked to.
#pragma once

#include <holdfast/checkpoint/format/utf8.h>

#include <exception>
#include <iostream>
#include <new>
#include <string>

namespace holdfast::tool {

// One line on the standard error, whatever is in the names that it tells of.
inline void complain(const std::string& text) {
  std::cerr << "holdfast: " << format::printable(text) << "\n";
}

// Of what is not an Error, too.
inline std::string reason_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) == nullptr) return error.what();
  return "there is not enough memory; is it limited (ulimit -v)?";
}

}  // namespace holdfast::tool
