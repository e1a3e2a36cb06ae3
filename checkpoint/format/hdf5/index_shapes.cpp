// This file reads five parts of the HDF5 file format (version 3.0 of its specification): object
// headers of version 2, dataspaces of version 2, virtual layouts of version 4, collections of the
// global heap, and hyperslabs of version 1. libhdf5 writes these versions because we set its format
// bounds (hdf5/memory_driver.h). Whatever looks different is left alone.
#include <holdfast/checkpoint/format/hdf5/index_shapes.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace holdfast::format {
namespace {

std::uint32_t rotated(std::uint32_t value, int bits) {
  return (value << bits) | (value >> (32 - bits));
}

// Bob Jenkins' lookup3, which HDF5 uses for the checksums of its metadata.
std::uint32_t checksum_of(ByteView bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data);
  std::size_t left = bytes.size;
  std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(left), b = a, c = a;
  // Adds `count` bytes, 12 at most, to the state; missing ones count as 0.
  const auto add = [&](std::size_t count) {
    std::uint32_t word[3] = {0, 0, 0};
    for (std::size_t i = 0; i < count; ++i) word[i / 4] += std::uint32_t{at[i]} << (8 * (i % 4));
    a += word[0];
    b += word[1];
    c += word[2];
  };
  for (; left > 12; left -= 12, at += 12) {
    add(12);
    a = (a - c) ^ rotated(c, 4), c += b;
    b = (b - a) ^ rotated(a, 6), a += c;
    c = (c - b) ^ rotated(b, 8), b += a;
    a = (a - c) ^ rotated(c, 16), c += b;
    b = (b - a) ^ rotated(a, 19), a += c;
    c = (c - b) ^ rotated(b, 4), b += a;
  }
  if (left == 0) return c;
  add(left);
  c = (c ^ b) - rotated(b, 14);
  a = (a ^ c) - rotated(c, 11);
  b = (b ^ a) - rotated(a, 25);
  c = (c ^ b) - rotated(b, 16);
  a = (a ^ c) - rotated(c, 4);
  b = (b ^ a) - rotated(a, 14);
  c = (c ^ b) - rotated(b, 24);
  return c;
}

void store(ByteSpan to, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    to.data[at + i] = static_cast<std::byte>(value >> (8 * i));
}

// Reads values one after the other. Reading past the end gives 0 or an empty text, and good() is
// false from then on.
class Cursor {
 public:
  Cursor(ByteView bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  bool good() const { return good_; }
  std::size_t at() const { return at_; }

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    if (!has(bytes)) return 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value |= std::to_integer<std::uint64_t>(bytes_.data[at_ + i]) << (8 * i);
    at_ += bytes;
    return value;
  }
  // True if these bytes come next; passes over them.
  bool is(std::string_view text) {
    if (!has(text.size()) || std::memcmp(bytes_.data + at_, text.data(), text.size()) != 0)
      return false;
    at_ += text.size();
    return true;
  }
  std::string_view text() {  // the bytes up to the next NUL; passes over the NUL too
    const auto* begin = reinterpret_cast<const char*>(bytes_.data) + at_;
    const void* const end = has(1) ? std::memchr(begin, 0, bytes_.size - at_) : nullptr;
    if (end == nullptr) {
      good_ = false;
      return {};
    }
    const std::string_view text(begin,
                                static_cast<std::size_t>(static_cast<const char*>(end) - begin));
    at_ += text.size() + 1;
    return text;
  }
  void skip(std::uint64_t bytes) {
    if (has(bytes)) at_ += bytes;
  }

 private:
  bool has(std::uint64_t bytes) {
    good_ = good_ && at_ <= bytes_.size && bytes <= bytes_.size - at_;
    return good_;
  }

  ByteView bytes_;
  std::size_t at_;
  bool good_ = true;
};

constexpr std::uint64_t kDataspace = 1, kLayout = 8;  // types of messages
constexpr std::uint64_t kVirtual = 3;                 // class of a layout
constexpr std::uint64_t kAll = 3, kHyperslab = 2;     // types of selections

}  // namespace

class IndexShapes::Search {
 public:
  explicit Search(ByteView index) : index_(index) {}

  // The dataset whose object header begins at this offset, and the name of the dataset that it is
  // mapped to. The name is empty if this is not such a dataset.
  std::pair<std::string_view, Found> dataset_at(std::size_t begin) const {
    Cursor header(index_, begin);
    Found found;
    found.header.begin = begin;
    std::string_view source;
    if (!header.is("OHDR") || header.number(1) != 2) return {};
    const std::uint64_t flags = header.number(1);
    header.skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
    const std::uint64_t size = header.number(std::size_t{1} << (flags & 3));
    const std::size_t first = header.at();
    header.skip(size);
    if (!header.good()) return {};
    found.header.checksum = header.at();
    const std::size_t in_front = (flags & 0x04) != 0 ? 6 : 4;
    for (Cursor message(index_, first); message.at() + in_front <= found.header.checksum;) {
      const std::uint64_t type = message.number(1), bytes = message.number(2);
      message.skip(in_front - 3);
      if (type == kDataspace) read_dataspace(message.at(), found);
      if (type == kLayout) source = read_layout(message.at(), found);
      message.skip(bytes);
      if (!message.good()) return {};
    }
    return {source, std::move(found)};
  }

  bool is_intact(const Found& found) const {
    return found.rank > 0 && found.last != 0 && !found.sizes.empty() && is_intact(found.header) &&
           is_intact(found.mapping);
  }

 private:
  bool is_intact(const Block& block) const {
    return Cursor(index_, block.checksum).number(4) ==
           checksum_of(index_.slice(block.begin, block.checksum - block.begin));
  }

  void read_dataspace(std::size_t at, Found& found) const {
    Cursor space(index_, at);
    const std::uint64_t version = space.number(1), rank = space.number(1);
    const std::uint64_t flags = space.number(1), type = space.number(1);
    if (version != 2 || type != 1) return;
    found.rank = rank;
    found.sizes = {space.at()};
    if ((flags & 1) != 0) found.sizes.push_back(space.at() + 8 * rank);  // the maximum sizes
  }

  std::string_view read_layout(std::size_t at, Found& found) const {
    Cursor layout(index_, at);
    if (layout.number(1) != 4 || layout.number(1) != kVirtual) return {};
    const std::uint64_t heap = layout.number(8), number = layout.number(4);
    if (!layout.good() || heap > index_.size) return {};
    Cursor objects(index_, heap);
    if (!objects.is("GCOL") || objects.number(1) != 1) return {};
    objects.skip(3 + 8);
    while (objects.good()) {
      const std::uint64_t here = objects.number(2);
      objects.skip(2 + 4);
      const std::uint64_t size = objects.number(8);
      if (here == 0) return {};  // object 0 is the free space at the end of the collection
      if (here == number) return read_mapping(objects.at(), size, found);
      objects.skip(round_up(size, 8));
    }
    return {};
  }

  // Reads a mapping of an entry in one piece: one that maps a whole dataset of a shard to all rows.
  std::string_view read_mapping(std::size_t begin, std::uint64_t size, Found& found) const {
    Cursor mapping(index_, begin);
    if (size < 4 || mapping.number(1) != 0 || mapping.number(8) != 1) return {};
    mapping.text();  // the file
    const std::string_view source = mapping.text();
    if (mapping.number(4) != kAll) return {};
    mapping.skip(4 + 4 + 4);
    if (mapping.number(4) != kHyperslab || mapping.number(4) != 1) return {};
    mapping.skip(4 + 4);
    const std::uint64_t rank = mapping.number(4);
    if (mapping.number(4) != 1 || rank != found.rank) return {};
    for (std::uint64_t i = 0; i < rank; ++i)
      if (mapping.number(4) != 0) return {};  // the first index of each dimension
    found.last = mapping.at();
    mapping.skip(4 * rank);
    found.mapping = {begin, begin + size - 4};
    return mapping.good() && mapping.at() == found.mapping.checksum ? source : std::string_view();
  }

  ByteView index_;
};

IndexShapes::IndexShapes(ByteView index, const std::vector<std::string>& names) {
  std::unordered_map<std::string, std::string> wanted;  // names, by how a mapping calls its source
  for (const std::string& name : names) wanted.emplace(as_pattern("/" + name), name);
  const Search search(index);
  constexpr std::string_view kSignature = "OHDR";
  const std::string_view text = index.text();
  for (std::size_t at = text.find(kSignature); at != std::string_view::npos;
       at = text.find(kSignature, at + 1)) {
    auto [source, found] = search.dataset_at(at);
    const auto name = wanted.find(std::string(source));
    if (name != wanted.end() && search.is_intact(found))
      found_.emplace(name->second, std::move(found));
  }
}

bool IndexShapes::set(ByteSpan index, const std::string& name, const Shape& shape) const {
  const auto at = found_.find(name);
  const bool fits = std::all_of(shape.begin(), shape.end(), [](std::int64_t size) {
    return size > 0 && size <= std::numeric_limits<std::int32_t>::max();
  });
  if (at == found_.end() || at->second.rank != shape.size() || !fits) return false;
  const Found& found = at->second;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto size = static_cast<std::uint64_t>(shape[i]);
    for (const std::size_t sizes : found.sizes) store(index, sizes + 8 * i, size, 8);
    store(index, found.last + 4 * i, size - 1, 4);
  }
  for (const Block& block : {found.header, found.mapping}) {
    const ByteView content(index.data + block.begin, block.checksum - block.begin);
    store(index, block.checksum, checksum_of(content), 4);
  }
  return true;
}

std::string as_pattern(const std::string& name) {
  std::string pattern;
  for (char c : name) pattern += c == '%' ? std::string("%%") : std::string(1, c);
  return pattern;
}

}  // namespace holdfast::format
