// A virtual file driver for libhdf5, so that it builds files without touching a disk, and lays them
// out where we say. Internal to format/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/format/hdf5/handles.h>

namespace holdfast::format {

// The metadata of an HDF5 file that is being built: bytes [0, metadata_bytes()). The payload of its
// datasets lies behind them, at offsets that the caller chooses, and is never held: a file of any
// size takes the memory of its metadata.
class FileImage {
 public:
  // Metadata that would grow beyond `metadata_limit` is an error of the HDF5 call that needs it.
  // `file_bytes` is the length of the whole file that HDF5 writes into the superblock, or 0: as
  // long as its metadata.
  explicit FileImage(std::uint64_t metadata_limit, std::uint64_t file_bytes = 0)
      : metadata_limit_(metadata_limit), file_bytes_(file_bytes) {}

  // Where the payload of the next dataset goes; it is created with early allocation.
  void place_next(std::uint64_t offset) { next_payload_ = offset; }

  std::uint64_t metadata_bytes() const { return metadata_end_; }
  // The metadata, zeros appended up to `bytes`.
  std::vector<std::byte> take(std::uint64_t bytes);

  // What HDF5 asks of a driver. An empty result or false is a failure. Global heaps, too, are asked
  // for as raw data; without place_next() before it a request is for metadata.
  std::optional<std::uint64_t> allocate(bool raw, std::uint64_t bytes);
  bool read(std::uint64_t offset, void* to, std::size_t count) const;
  bool write(std::uint64_t offset, const void* from, std::size_t count);
  void set_end(std::uint64_t end) { metadata_end_ = end > metadata_end_ ? end : metadata_end_; }
  std::uint64_t end() const;  // 0 before the first allocation: HDF5 opens instead of creates else

 private:
  std::uint64_t metadata_limit_;
  std::uint64_t file_bytes_;
  std::uint64_t metadata_end_ = 0;
  std::optional<std::uint64_t> next_payload_;
  std::vector<std::byte> bytes_;
};

// Creates an HDF5 file in the image, which must outlive it. Format bounds V110, no time stamps.
DrivenFile create_file(FileImage& image);

}  // namespace holdfast::format
