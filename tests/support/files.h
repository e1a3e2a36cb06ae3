// Reads and writes whole files without the library.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace holdfast::testing {

// Empty if there is no such file.
inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  if (!(std::ofstream(path, std::ios::binary) << bytes))
    throw std::runtime_error("cannot write " + path);
}

}  // namespace holdfast::testing
