// Files of other systems in a directory of a test's own, and what is in them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>

#include "support/expect_error.h"
#include "support/files.h"
#include "support/items.h"
#include "support/python.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

using exchange::Dict;
using exchange::FileFormat;
using exchange::hdf5_format;
using exchange::List;
using exchange::numpy_format;
using exchange::safetensors_format;
using exchange::Tensor;
using exchange::torch_format;
using exchange::Tuple;
using exchange::Value;

// Bytes that differ from one another, and are no special numbers: each below 0x60 or so.
inline std::vector<std::byte> some_bytes(std::size_t count, unsigned seed = 0) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>((seed * 31 + i * 7 + 1) % 0x5F);
  return bytes;
}

// A tensor of the dtype with values of its own, [2, 3].
inline Item tensor_of(DType dtype, std::string name = "") {
  if (name.empty()) name = "of." + std::string(name_of(dtype));
  std::vector<std::byte> bytes = some_bytes(6 * size_of(dtype), static_cast<unsigned>(dtype));
  if (dtype == DType::kBool)
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte(i % 2);
  return item(std::move(name), dtype, {2, 3}, std::move(bytes));
}

// One of each dtype that the format carries; an empty one and one without dimensions.
inline std::vector<Item> tensors_for(const FileFormat& format) {
  std::vector<Item> items;
  for (const DType dtype : all_dtypes())
    if (format.carries(dtype)) items.push_back(tensor_of(dtype));
  items.push_back(item("empty", DType::kFloat32, {0, 4}, {}));
  items.push_back(item("point", DType::kInt64, {}, some_bytes(8)));
  return items;
}

inline Item boolean(std::string name, bool value) {
  Item one = item(std::move(name), DType::kBool, {}, {std::byte(value ? 1 : 0)});
  one.kind = Kind::kScalar;
  return one;
}

// Empty for an alias.
inline std::vector<std::byte> read_item(const Item& item) {
  if (item.source == nullptr) return {};
  std::vector<std::byte> bytes(bytes_of(item.dtype, item.shape));
  copy_bytes(item, 0, bytes);
  return bytes;
}

inline const Item& find_item(const std::vector<Item>& items, const std::string& name) {
  for (const Item& item : items)
    if (item.name == name) return item;
  throw std::runtime_error("no item " + name);
}

// The same names, in any order, with the same values and ties.
inline void expect_same(const std::vector<Item>& expected, const std::vector<Item>& found) {
  EXPECT_EQ(expected.size(), found.size());
  for (const Item& item : expected) {
    SCOPED_TRACE(item.name);
    const Item& other = find_item(found, item.name);
    EXPECT_EQ(to_string(item.kind), to_string(other.kind));
    EXPECT_EQ(name_of(item.dtype), name_of(other.dtype));
    EXPECT_EQ(item.shape, other.shape);
    EXPECT_EQ(item.alias_of, other.alias_of);
    if (!item.alias_of.empty() || !other.alias_of.empty()) continue;
    EXPECT_EQ(read_item(item), read_item(other));
  }
}

class ExchangeTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_ / name; }

  void write(const std::string& name, const FileFormat& format, const std::vector<Item>& items,
             const exchange::WriteOptions& options = {}) const {
    exchange::write_file(posix_file_system(), path(name), format, items, options);
  }

  Value read_value(const std::string& name, const FileFormat& format) const {
    return exchange::read_value(posix_file_system(), path(name), format);
  }
  std::vector<Item> read(const std::string& name, const FileFormat& format) const {
    return exchange::items_of(read_value(name, format));
  }
  // All the values, too.
  void read_all(const std::string& name, const FileFormat& format) const {
    for (const Item& item : read(name, format)) read_item(item);
  }

  void put(const std::string& name, const std::string& bytes) const {
    write_file(path(name), bytes);
  }
  std::string get(const std::string& name) const { return read_file(path(name)); }

  // Runs the script in the directory.
  std::string python(const std::string& script) const {
    return run_python("import os\nos.chdir('" + directory_.path().string() + "')\n" + script);
  }

  std::size_t files_in_directory() const {
    using Iterator = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Iterator(directory_.path()), Iterator()));
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace holdfast::testing
