// Errors of a file that is read, as its user is to see them. Internal to exchange/.
#pragma once

#include <new>
#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::exchange {

// Runs `action`, which reads the file. An Error that it throws gets the path, where it names none;
// what the library calls a wrong argument is the file's fault here, and becomes kUnsupported; that
// there is no memory becomes an Error(kIo).
template <typename Action>
auto while_reading(const std::string& path, const Action& action) {
  try {
    return action();
  } catch (Error& error) {
    if (error.kind() == ErrorKind::kInvalidArgument) {
      Error refused(ErrorKind::kUnsupported, error.what());
      throw refused.at(path);
    }
    if (error.path().empty()) error.at(path);
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::kIo, "there is not enough memory to read the file").at(path);
  }
}

}  // namespace holdfast::exchange
