// Writes IDX files, valid and invalid ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/files.h"

namespace holdfast::testing {

inline std::string idx_header(const std::vector<std::uint32_t>& shape, char type = 0x08) {
  std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
  for (const std::uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xFF);
  }
  return bytes;
}

inline std::string idx_file(const std::vector<std::uint32_t>& shape,
                            const std::vector<std::uint8_t>& elements) {
  return idx_header(shape) + std::string(elements.begin(), elements.end());
}

// The bytes first, first + 1, … modulo 256.
inline std::vector<std::uint8_t> counting(std::size_t count, int first = 0) {
  std::vector<std::uint8_t> values(count);
  std::iota(values.begin(), values.end(), static_cast<std::uint8_t>(first));
  return values;
}

inline void write_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  const int written = gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  if (gzclose(file) != Z_OK || written != static_cast<int>(bytes.size())) {
    throw std::runtime_error("cannot write " + path);
  }
}

}  // namespace holdfast::testing
