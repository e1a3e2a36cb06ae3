// Plain files, without a format: the limits of the disk.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>
#include <cstdint>
#include <string>

namespace holdfast::bench {

enum class Transfer {
  kDirect,        // past the page cache
  kPreallocated,  // the same, into a file whose room was asked for first
  kBuffered,
};

// Makes a new file of `bytes` bytes, in positioned writes of 8 MiB by so many threads, from
// `from` over and over, and makes it and its name durable. `from` is aligned to 4096 and a multiple
// of it long. Throws Error; kExists, too.
void write_plain(const std::string& path, std::uint64_t bytes, ByteView from, int threads,
                 Transfer transfer);

// Reads all of it in positioned reads of 8 MiB by so many threads, each piece into the place in
// `to` that it has in the file, modulo the size of `to`, which is 8 MiB or more, aligned to 4096.
// Throws Error.
void read_plain(const std::string& path, ByteSpan to, int threads, Transfer transfer);

}  // namespace holdfast::bench
