#include "temporary.h"

#include <holdfast/checkpoint/base/error.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace holdfast::tool {

std::string temporary_directory() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::temp_directory_path(error);
  if (!error) return path.string();
  const char* const named = std::getenv("TMPDIR");
  throw Error(ErrorKind::kNotFound, "there is no directory for temporary files")
      .at(named == nullptr ? "/tmp" : "TMPDIR=" + std::string(named))
      .expected("a directory that can be written to")
      .remedy("make it, or set TMPDIR to one that is there");
}

}  // namespace holdfast::tool
