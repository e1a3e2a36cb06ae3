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

inline void complain(const std::exception& error) {
  const bool is_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  complain(is_memory
               ? std::string("there is not enough memory for it; is there a limit (ulimit -v)?")
               : error.what());
}

}  // namespace holdfast::tool
