// Sources of items that lie in somebody's file.
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

// The bytes of a file from an offset on. Keeps the file open until it is released.
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

// Where the elements of a tensor lie in a storage: element [i, j, …] at `offset` + i · strides[0] +
// j · strides[1] + …, all counted in elements.
struct View {
  std::uint64_t offset = 0;
  Shape shape;
  std::vector<std::uint64_t> strides;  // one for each dimension
};

std::vector<std::uint64_t> row_major_strides(const Shape& shape);
std::vector<std::uint64_t> column_major_strides(const Shape& shape);

// How many elements a storage must have for the view; empty if that does not fit into 63 bits.
std::optional<std::uint64_t> extent_of(const View& view);

// The elements of the view in row-major order, gathered as they are asked for, with some MiB of
// memory at a time. Each has `element_bytes` bytes. Precondition: the storage has all of the view,
// and that is not empty. Fast where large parts are asked for.
std::shared_ptr<Source> view_of(std::shared_ptr<Source> storage, std::size_t element_bytes,
                                View view);

}  // namespace holdfast::exchange
