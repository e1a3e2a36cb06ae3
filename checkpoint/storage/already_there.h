// What is said where something would have to be replaced.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// The Error(kExists) that says that something is at `path` already.
inline Error already_there(const std::string& path) {
  return Error(ErrorKind::kExists, "there is something already, which is not replaced")
      .at(path)
      .remedy("remove it, or choose another name");
}

}  // namespace holdfast
