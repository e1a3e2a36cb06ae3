#include "show/sound_reading.h"

#include <holdfast/checkpoint/base/error.h>

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace holdfast::tool {
namespace {

using Entries = std::vector<ShownEntry*>;

// Where the first piece of an entry lies.
struct Position {
  int shard = 0;
  std::uint64_t offset = 0, end = 0;
  bool is_whole = true;  // the entry has no other piece

  bool operator<(const Position& other) const {
    return std::tie(shard, offset) < std::tie(other.shard, other.offset);
  }
};

class SoundReading {
 public:
  SoundReading(const CheckpointFiles& files, const std::function<void(const Entries&)>& read)
      : files_(files), read_(read) {}

  // Splits the entries into halves until each call either succeeds or is about a single block. The
  // entries must be in the order of their places, so that those in one block are neighbours. The
  // entries of one block are all sound or all damaged.
  void read(const Entries& entries) {
    if (entries.empty() || succeeds(entries)) return;
    if (entries.size() == 1 || are_in_one_block(entries)) {
      for (ShownEntry* const one : entries) one->is_damaged = true;
      return;
    }
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    read(Entries(entries.begin(), middle));
    read(Entries(middle, entries.end()));
  }

  Position position_of(const ShownEntry& shown) const {
    const std::vector<format::Piece>& pieces = files_.original(*shown.entry).pieces;
    if (pieces.empty()) return {};
    const format::Piece& first = pieces.front();
    return {first.shard, first.offset, first.offset + first.bytes, pieces.size() == 1};
  }

  const std::string& damage() const { return damage_; }

 private:
  bool succeeds(const Entries& entries) {
    try {
      read_(entries);
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      if (damage_.empty()) damage_ = error.what();
      return false;
    }
  }

  // The entries must be sorted by their places, and have bytes.
  bool are_in_one_block(const Entries& entries) const {
    const Position first = position_of(*entries.front());
    const std::uint64_t block = first.offset / format::kBlockBytes;
    return std::all_of(entries.begin(), entries.end(), [&](const ShownEntry* one) {
      const Position position = position_of(*one);
      return position.is_whole && position.shard == first.shard &&
             (position.end - 1) / format::kBlockBytes == block;
    });
  }

  const CheckpointFiles& files_;
  const std::function<void(const Entries&)>& read_;
  std::string damage_;
};

}  // namespace

std::string read_what_is_sound(const CheckpointFiles& files, Entries entries,
                               const std::function<void(const Entries&)>& read) {
  SoundReading reading(files, read);
  const auto with_bytes = std::stable_partition(
      entries.begin(), entries.end(),
      [](const ShownEntry* one) { return format::bytes_of(*one->entry) == 0; });
  std::stable_sort(with_bytes, entries.end(), [&](const ShownEntry* a, const ShownEntry* b) {
    return reading.position_of(*a) < reading.position_of(*b);
  });
  reading.read(Entries(entries.begin(), with_bytes));
  reading.read(Entries(with_bytes, entries.end()));
  return reading.damage();
}

}  // namespace holdfast::tool
