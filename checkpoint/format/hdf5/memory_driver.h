// A virtual file driver for libhdf5. With it libhdf5 builds files in memory, and puts each dataset
// where we say. Internal to format/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/format/hdf5/handles.h>

namespace holdfast::format {

// The metadata of an HDF5 file that is being built: its bytes [0, metadata_bytes()). The payload of
// the datasets lies behind them, at offsets that the caller chooses. It is not kept in memory, so a
// file of any size takes only the memory of its metadata.
class FileImage {
 public:
  // If the metadata would grow beyond `metadata_limit` bytes, the HDF5 call that needs more fails.
  // `file_bytes` is the length of the whole file, which HDF5 writes into the superblock. 0 means
  // that the file is as long as its metadata.
  explicit FileImage(std::uint64_t metadata_limit, std::uint64_t file_bytes = 0)
      : metadata_limit_(metadata_limit), file_bytes_(file_bytes) {}

  // Sets the offset of the payload of the next dataset, which must be created with early
  // allocation.
  void place_next(std::uint64_t offset) { next_payload_ = offset; }

  std::uint64_t metadata_bytes() const { return metadata_end_; }
  // Moves the metadata out, with zeros appended up to a length of `bytes`.
  std::vector<std::byte> take(std::uint64_t bytes);

  // The operations that HDF5 asks of a driver. An empty result or false means failure. HDF5 asks
  // for space for global heaps as raw data too: only the request behind place_next() is taken for
  // payload.
  std::optional<std::uint64_t> allocate(bool raw, std::uint64_t bytes);
  bool read(std::uint64_t offset, void* to, std::size_t count) const;
  bool write(std::uint64_t offset, const void* from, std::size_t count);
  void set_end(std::uint64_t end) { metadata_end_ = end > metadata_end_ ? end : metadata_end_; }
  // 0 before the first allocation. Otherwise HDF5 would open the file instead of creating it.
  std::uint64_t end() const;

 private:
  std::uint64_t metadata_limit_;
  std::uint64_t file_bytes_;
  std::uint64_t metadata_end_ = 0;
  std::optional<std::uint64_t> next_payload_;
  std::vector<std::byte> bytes_;
};

// Creates an HDF5 file in the image, which must outlive it. The format bounds are V18 to V110; no
// time stamps are written.
DrivenFile create_file(FileImage& image);

}  // namespace holdfast::format
