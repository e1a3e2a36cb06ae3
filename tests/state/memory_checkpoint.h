// A checkpoint in memory: takes the items of a state, and restores a state from them.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <holdfast/checkpoint/state/capture.h>
#include <holdfast/checkpoint/state/restore.h>

namespace holdfast::testing {

class MemoryCheckpoint {
 public:
  explicit MemoryCheckpoint(const State& state) : MemoryCheckpoint(capture(state)) {}

  explicit MemoryCheckpoint(const std::vector<Item>& items) {
    for (const Item& item : items) {
      format::Entry entry;
      entry.name = item.name;
      entry.kind = item.kind;
      entry.dtype = item.dtype;
      entry.shape = item.shape;
      entry.alias_of = item.alias_of;
      catalog_.entries.push_back(entry);
      if (item.source != nullptr) bytes_[item.name] = copy(item);
    }
  }

  LoadReport restore(State& state, const RestoreOptions& options = {}) const {
    const auto read = [&](const std::vector<ReadRequest>& requests) {
      for (const ReadRequest& request : requests) fill(request);
    };
    return holdfast::restore(catalog_, read, state, options, "a-checkpoint");
  }

  bool operator==(const MemoryCheckpoint& other) const {
    return catalog_.entries == other.catalog_.entries && bytes_ == other.bytes_;
  }

  // The names of entries whose bytes differ, or that only one of the two checkpoints has.
  std::vector<std::string> differences(const MemoryCheckpoint& other) const {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : bytes_) {
      const auto found = other.bytes_.find(name);
      if (found == other.bytes_.end() || found->second != bytes) names.push_back(name);
    }
    for (const auto& [name, bytes] : other.bytes_) {
      if (bytes_.count(name) == 0) names.push_back(name);
    }
    return names;
  }

  const format::Entry* find(const std::string& name) const {
    for (const format::Entry& entry : catalog_.entries) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  const std::vector<std::byte>& bytes(const std::string& name) const { return bytes_.at(name); }

  std::string text(const std::string& name) const {
    const std::vector<std::byte>& bytes = bytes_.at(name);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  // Copies in two parts, the second first: a source must give any range, in any order.
  static std::vector<std::byte> copy(const Item& item) {
    std::vector<std::byte> bytes(bytes_of(item.dtype, item.shape));
    const std::size_t half = bytes.size() / 2;
    item.source->copy(half, ByteSpan(bytes).slice(half, bytes.size() - half));
    item.source->copy(0, ByteSpan(bytes).slice(0, half));
    return bytes;
  }

  void fill(const ReadRequest& request) const {
    const format::Entry& entry = *request.entry;
    const ByteView bytes(bytes_.at(entry.alias_of.empty() ? entry.name : entry.alias_of));
    constexpr std::size_t kPart = 100;
    for (std::size_t offset = 0; offset < bytes.size; offset += kPart) {
      request.sink->write(offset, bytes.slice(offset, std::min(kPart, bytes.size - offset)));
    }
  }

  format::Catalog catalog_;
  std::map<std::string, std::vector<std::byte>> bytes_;
};

}  // namespace holdfast::testing
