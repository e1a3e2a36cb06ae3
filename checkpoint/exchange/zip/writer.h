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
  std::string head;  // the first bytes of the content, such as the header of a .npy file
  Item body;         // the rest of it: dtype, shape and source count. Nothing without a source
};

// The same entries give the same bytes: times are constant. If the size of an entry's head is a multiple of 64,
// its body begins at a multiple of 64 in the file. Does not commit the file.
void write_zip(PendingFile& file, const std::vector<ZipEntry>& entries);

}  // namespace holdfast::exchange
