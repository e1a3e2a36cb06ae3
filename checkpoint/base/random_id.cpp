#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <sys/random.h>

#include <cerrno>

namespace holdfast {

std::string random_id() {
  Digest bits;
  // getrandom() never returns fewer bytes than asked for, up to 256 bytes.
  while (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    if (errno != EINTR) throw system_error(errno, "the kernel gives no random numbers", "");
  }
  return bits.hex();
}

bool is_random_id(std::string_view text) {
  return Digest::from_hex(text).has_value();
}

}  // namespace holdfast
