// Writes a zip archive whose entries are not compressed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

struct ZipEntry {
  std::string name;  // UTF-8
  std::string head;  // its first bytes
  Item body;  // the bytes behind the head: dtype, shape and source count. None without a source
};

// The same entries give the same bytes: times are constant. If a head's size is a multiple of 64,
// its body begins at a multiple of 64 in the file. Does not commit the file.
void write_zip(PendingFile& file, const std::vector<ZipEntry>& entries);

}  // namespace holdfast::exchange
