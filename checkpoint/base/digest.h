// XXH3-128 digests. They detect damage, not forgery.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/bytes.h>

namespace holdfast {

// A 128-bit XXH3 digest with seed 0 (specified at https://github.com/Cyan4973/xxHash).
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const Digest& other) const { return high == other.high && low == other.low; }
  bool operator!=(const Digest& other) const { return !(*this == other); }

  std::string hex() const;  // 32 lower-case digits, high half first: xxHash's canonical form
  // Empty if the text is not what hex() returns.
  static std::optional<Digest> from_hex(std::string_view text);
};

Digest digest_of(ByteView bytes);

// The digest of bytes that arrive in parts. Used by one thread at a time.
class DigestStream {
 public:
  DigestStream();
  DigestStream(DigestStream&&) noexcept;
  DigestStream& operator=(DigestStream&&) noexcept;
  ~DigestStream();

  void update(ByteView bytes);
  Digest value() const;  // of all bytes so far; update() may be called again afterwards

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast
