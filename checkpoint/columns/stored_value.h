// A value of the program's own that is saved as columns.
#pragma once

#include <cstring>
#include <string>

#include <holdfast/checkpoint/columns/columns.h>

namespace holdfast {

// A registered value, whatever its type. Errors name the column.
class StoredValue {
 public:
  virtual ~StoredValue() = default;
  // Writes the columns of the value under `name`; one of kind "none" if it has none. Their bytes
  // stay valid until the next call, and as long as the value does not change.
  virtual void save(ColumnWriter& to, const std::string& name) = 0;
  // Error(kMismatch) if the columns are not those of the type. Looks at no bytes, and changes
  // nothing.
  virtual void check(const ColumnReader& from, const std::string& name) = 0;
  // Puts the columns into the value, after check() of the same ones. Error(kMismatch) if they
  // contradict one another: then the value may hold anything.
  virtual void load() = 0;
};

// A value whose type has Columns<T>. Keeps a reference to it, and the memory of its columns from
// save to save.
template <typename T>
class ColumnsOf final : public StoredValue {
 public:
  explicit ColumnsOf(T& value) : value_(value) {}

  void save(ColumnWriter& to, const std::string& name) override {
    columns_.clear();
    columns_.sample(&value_);
    columns_.put(value_);
    columns_.write(to, name, {});
    if (columns_.is_void()) to.column(name, Kind::kNone, DType::kUInt8, {}, {});
  }
  void check(const ColumnReader& from, const std::string& name) override {
    columns_.clear();
    columns_.sample(&value_);
    columns_.open(from, name, 0);
    if (columns_.is_void()) from.find(name);
  }
  void load() override {
    columns_.begin();
    columns_.get(value_);
  }

 private:
  T& value_;
  columns::Columns<T> columns_;
};

// Memory of a known size. Keeps the pointer.
template <typename T>
class MemoryOf final : public StoredValue {
  static_assert(columns::Number<T>::value,
                "Holdfast stores memory of numbers: integers, float, double, std::complex");

 public:
  MemoryOf(T* memory, Shape shape)
      : memory_(memory),
        bytes_(bytes_of(columns::Number<T>::kDType, shape)),
        shape_(std::move(shape)) {}

  void save(ColumnWriter& to, const std::string& name) override {
    to.column(name, Kind::kTensor, columns::Number<T>::kDType, shape_, {memory_, bytes_});
  }
  void check(const ColumnReader& from, const std::string& name) override {
    column_ = &require_column(from, name, Kind::kTensor, columns::Number<T>::kDType, 0);
    if (column_->shape != shape_) refuse_shape(name, *column_, to_string(shape_));
  }
  void load() override {
    if (bytes_ != 0) std::memcpy(memory_, column_->bytes.data, bytes_);
  }

 private:
  T* memory_;
  std::size_t bytes_;
  Shape shape_;
  const StoredColumn* column_ = nullptr;
};

}  // namespace holdfast
