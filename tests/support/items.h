// Makes and reads items without LibTorch.
#pragma once

#include <cstring>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/sink.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast::testing {

template <typename T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline Item item(std::string name, DType dtype, Shape shape, std::vector<std::byte> bytes) {
  Item item;
  item.name = std::move(name);
  item.dtype = dtype;
  item.shape = std::move(shape);
  if (!bytes.empty()) item.source = std::make_shared<OwnedBytes>(std::move(bytes));
  return item;
}

// float32 values first, first + 1, first + 2, …
inline Item floats(std::string name, Shape shape, float first = 0) {
  std::vector<float> values(bytes_of(DType::kFloat32, shape) / sizeof(float));
  std::iota(values.begin(), values.end(), first);
  return item(std::move(name), DType::kFloat32, std::move(shape), bytes_of(values));
}

inline Item integer(std::string name, std::int64_t value) {
  Item scalar =
      item(std::move(name), DType::kInt64, {}, bytes_of(std::vector<std::int64_t>{value}));
  scalar.kind = Kind::kScalar;
  return scalar;
}

inline Item real(std::string name, double value) {
  Item scalar = item(std::move(name), DType::kFloat64, {}, bytes_of(std::vector<double>{value}));
  scalar.kind = Kind::kScalar;
  return scalar;
}

inline Item text(std::string name, const std::string& value) {
  Item words = item(std::move(name), DType::kUInt8, {static_cast<std::int64_t>(value.size())},
                    bytes_of(std::vector<char>(value.begin(), value.end())));
  words.kind = Kind::kText;
  return words;
}

inline Item none(std::string name) {
  Item nothing = item(std::move(name), DType::kUInt8, {}, {});
  nothing.kind = Kind::kNone;
  return nothing;
}

inline Item alias(std::string name, const Item& target) {
  Item tied = target;
  tied.name = std::move(name);
  tied.alias_of = target.name;
  tied.source = nullptr;
  return tied;
}

class MemorySink : public Sink {
 public:
  explicit MemorySink(std::size_t size) : bytes(size) {}
  ByteSpan memory() override { return bytes; }
  void write(std::uint64_t offset, ByteView from) override {
    std::memcpy(bytes.data() + offset, from.data, from.size);
  }
  std::vector<std::byte> bytes;
};

// Reads and verifies the bytes of one entry.
inline std::vector<std::byte> read_entry(const CheckpointFiles& files, const std::string& name) {
  const format::Entry* entry = files.find(name);
  if (entry == nullptr) throw std::runtime_error("no entry " + name);
  MemorySink sink(format::bytes_of(*entry));
  files.read({{entry, &sink}}, 2);
  return sink.bytes;
}

inline std::vector<float> read_floats(const CheckpointFiles& files, const std::string& name) {
  const std::vector<std::byte> bytes = read_entry(files, name);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace holdfast::testing
