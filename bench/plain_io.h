// Writes and reads plain files, without a format: nothing can be faster on this disk.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>
#include <cstdint>
#include <string>

namespace holdfast::bench {

enum class Transfer {
  kDirect,        // past the page cache
  kPreallocated,  // past the page cache, into a file whose blocks were allocated first
  kBuffered,
};

// Makes a new file of `bytes` bytes, by positioned writes of 8 MiB on that many threads, and makes
// the file and its name durable. Writes `from` again and again until the file is full; its address
// and its size are multiples of 4096. Throws Error; kExists if there is such a file.
void write_plain(const std::string& path, std::uint64_t bytes, ByteView from, int threads,
                 Transfer transfer);

// Reads the whole file, by positioned reads of 8 MiB on that many threads. The piece at offset x
// goes to offset x modulo the size of `to`, which has 8 MiB or more and is aligned to 4096. Throws
// Error.
void read_plain(const std::string& path, ByteSpan to, int threads, Transfer transfer);

}  // namespace holdfast::bench
