#include <holdfast/checkpoint/item/source.h>

#include <cstring>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

namespace {

constexpr std::size_t kKeptBytes = 64 << 10;  // between saves, by each source

}  // namespace

void copy_bytes(const Item& item, std::uint64_t offset, ByteSpan to) {
  try {
    item.source->copy(offset, to);
  } catch (Error& error) {
    if (error.path().empty()) error.at(item.name);
    throw;
  }
}

std::uint64_t bytes_of(const std::vector<Item>& items) {
  std::uint64_t bytes = 0;
  for (const Item& item : items)
    if (item.source != nullptr) bytes += bytes_of(item.dtype, item.shape);
  return bytes;
}

void OwnedBytes::release() noexcept {
  if (bytes_.capacity() > kKeptBytes) std::vector<std::byte>().swap(bytes_);
}

void OwnedBytes::copy(std::uint64_t offset, ByteSpan to) const {
  std::memcpy(to.data, bytes_.data() + offset, to.size);
}

}  // namespace holdfast
