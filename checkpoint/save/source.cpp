#include <holdfast/checkpoint/save/source.h>

#include <cstring>

namespace holdfast {

namespace {

constexpr std::size_t kKeptBytes = 64 << 10;

}  // namespace

void OwnedBytes::release() noexcept {
  if (bytes_.capacity() > kKeptBytes) std::vector<std::byte>().swap(bytes_);
}

void OwnedBytes::copy(std::uint64_t offset, ByteSpan to) const {
  std::memcpy(to.data, bytes_.data() + offset, to.size);
}

}  // namespace holdfast
