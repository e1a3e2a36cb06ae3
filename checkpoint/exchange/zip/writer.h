// Writing a zip archive whose entries are stored as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/files/file_writer.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

struct ZipEntry {
  std::string name;  // UTF-8
  std::string head;  // its first bytes
  Item body;         // those behind them: of dtype, shape and source; none without a source
};

// The bytes of the archive depend on nothing but the entries: their times are constant. Behind a
// head of no bytes, or one of a multiple of 64, the body begins at a multiple of 64 of the file.
// The file is not committed.
void write_zip(PendingFile& file, const std::vector<ZipEntry>& entries);

}  // namespace holdfast::exchange
