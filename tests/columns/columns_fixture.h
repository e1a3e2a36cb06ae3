// Columns in memory, in place of a checkpoint.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/columns/stored_columns.h>
#include <holdfast/checkpoint/columns/stored_value.h>

namespace holdfast::testing {

class Columns final : public ColumnWriter {
 public:
  void column(const std::string& name, Kind kind, DType dtype, const Shape& shape,
              ByteView bytes) override {
    EXPECT_EQ(bytes.size, has_bytes(kind) ? bytes_of(dtype, shape) : 0) << name;
    const ByteSpan to = stored_.add(name, kind, dtype, shape);
    if (bytes.size != 0) std::memcpy(to.data, bytes.data, bytes.size);
    names_.push_back(name + " " + std::string(kind == Kind::kTensor ? "" : to_string(kind)) +
                     (kind == Kind::kTensor ? std::string(name_of(dtype)) : "") +
                     (kind == Kind::kText ? "" : to_string(shape)));
  }
  StoredColumns& stored() { return stored_; }
  // "x/length uint64[]", in the order in which they were written.
  const std::vector<std::string>& names() const { return names_; }

 private:
  StoredColumns stored_;
  std::vector<std::string> names_;
};

template <typename T>
Columns columns_of(T& value) {
  Columns columns;
  ColumnsOf<T>(value).save(columns, "x");
  return columns;
}

template <typename T>
void load(const ColumnReader& columns, T& value) {
  ColumnsOf<T> loaded(value);
  loaded.check(columns, "x");
  loaded.load();
}

// What comes back of a value, into an object that holds something else.
template <typename T>
T back(T value, T into = T()) {
  Columns columns = columns_of(value);
  load(columns.stored(), into);
  EXPECT_THAT(columns.stored().left(), ::testing::IsEmpty());
  return into;
}

// True if the value comes back, and its columns are these.
template <typename T>
void expect_stored_as(T value, const std::vector<std::string>& names) {
  Columns columns = columns_of(value);
  EXPECT_THAT(columns.names(), ::testing::ElementsAreArray(names));
  T loaded{};
  load(columns.stored(), loaded);
  EXPECT_EQ(loaded, value);
  EXPECT_THAT(columns.stored().left(), ::testing::IsEmpty());
}

}  // namespace holdfast::testing
