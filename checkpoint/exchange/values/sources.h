// Sources that read from a file, and views: tensors that are spread over a storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// The bytes of a file from an offset on. Keeps the file open until release().
class FileSource final : public Source {
 public:
  FileSource(std::shared_ptr<const File> file, std::uint64_t offset)
      : file_(std::move(file)), offset_(offset) {}
  void copy(std::uint64_t offset, ByteSpan to) const override {
    file_->read_exactly(offset_ + offset, to);
  }
  void release() noexcept override { file_.reset(); }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t offset_;
};

// Where the elements of a tensor lie in a storage: element [i, j, …] is at `offset` + i ·
// strides[0]
// + j · strides[1] + …. All are counted in elements.
struct View {
  std::uint64_t offset = 0;
  Shape shape;
  std::vector<std::uint64_t> strides;  // one for each dimension
};

std::vector<std::uint64_t> row_major_strides(const Shape& shape);
std::vector<std::uint64_t> column_major_strides(const Shape& shape);

// The number of elements that a storage must have for the view. Empty if it does not fit into 63
// bits.
std::optional<std::uint64_t> extent_of(const View& view);

// The elements of the view in row-major order. Each has `element_bytes` bytes. They are gathered
// when they are asked for, with some MiB of memory at a time; large requests are fast.
// Precondition: the storage has all of the view, and the view is not empty.
std::shared_ptr<Source> view_of(std::shared_ptr<Source> storage, std::size_t element_bytes,
                                View view);

}  // namespace holdfast::exchange
