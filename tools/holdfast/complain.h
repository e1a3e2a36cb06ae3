// What a subcommand says when it cannot do what it was asked to.
#pragma once

#include <holdfast/checkpoint/format/utf8.h>

#include <iostream>
#include <string>

namespace holdfast::tool {

// One line on the standard error, whatever is in the names that it tells of.
inline void complain(const std::string& text) {
  std::cerr << "holdfast: " << format::printable(text) << "\n";
}

}  // namespace holdfast::tool
