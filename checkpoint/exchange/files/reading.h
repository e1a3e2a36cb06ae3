// Reading a file that anybody may have written, with errors as its user should see them. Internal
// to exchange/.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// Opens a regular file at any path; links are followed. Error(kNotFound) if there is none,
// kUnsupported if it is a directory, a FIFO or the like.
File open_file(std::shared_ptr<FileSystem> fs, const std::string& path);

// The `count` bytes at the offset, or fewer where the file ends.
std::string bytes_at(const File& file, std::uint64_t offset, std::size_t count);

// Runs `action`, which reads the file. An Error without a path gets the file's. A kInvalidArgument
// becomes kUnsupported, since the file is wrong here and not the caller. Running out of memory
// becomes an Error(kIo).
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
