// What a C++ value becomes in a checkpoint: columns, each an array of numbers under a name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/kind.h>
#include <holdfast/checkpoint/item/shape.h>

namespace holdfast {

// Takes the columns of a value that is saved.
class ColumnWriter {
 public:
  virtual ~ColumnWriter() = default;
  // `name` is that of an entry (format::join). The bytes are row-major and little-endian; the
  // caller keeps them as they are until the save has copied them.
  virtual void column(const std::string& name, Kind kind, DType dtype, const Shape& shape,
                      ByteView bytes) = 0;
};

// A column that a checkpoint has. Kind, dtype and shape are known from the start. The bytes are
// there once the load has read them; `bytes.size` is known before.
struct StoredColumn {
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  ByteView bytes;
};

// Gives the columns of a value that is loaded.
class ColumnReader {
 public:
  virtual ~ColumnReader() = default;
  virtual const StoredColumn* find(const std::string& name) const = 0;  // null: there is none
  virtual bool has_below(const std::string& name) const = 0;  // a column `name` or `name`/…
};

// The column of that name. Error(kMismatch) if there is none, or if it is not of `kind`, `dtype`
// and at least `dimensions` dimensions. A scalar may stand for a tensor of one element.
const StoredColumn& require_column(const ColumnReader& from, const std::string& name, Kind kind,
                                   DType dtype, std::size_t dimensions);

// Error(kMismatch): the shape of the column does not fit. `wanted` says what does.
[[noreturn]] void refuse_shape(const std::string& name, const StoredColumn& column,
                               const std::string& wanted);

// Error(kMismatch): an array of a fixed size has another one in the checkpoint.
[[noreturn]] void refuse_size(const std::string& name, std::int64_t wanted, std::int64_t found);

// Error(kMismatch) if both are there and differ: how many values two parts of a value have.
void require_same_leading(const std::string& name, const std::optional<Shape>& first,
                          const std::optional<Shape>& second);
// Error(kMismatch) unless there are as many values as are needed; nothing says how many if `there`
// is empty.
void require_count(const std::string& name, std::uint64_t needed,
                   const std::optional<Shape>& there);
// Error(kMismatch) unless the index is of one of `count` alternatives.
void require_alternative(const std::string& name, std::int64_t index, std::size_t count);

}  // namespace holdfast
