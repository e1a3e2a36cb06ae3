#include <holdfast/checkpoint/save/source.h>

#include <cstring>

namespace holdfast {

void OwnedBytes::copy(std::uint64_t offset, ByteSpan to) const {
  std::memcpy(to.data, bytes_.data() + offset, to.size);
}

}  // namespace holdfast
