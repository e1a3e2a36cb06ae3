#include <holdfast/checkpoint/base/digest.h>

#include <xxhash.h>
#if defined(HOLDFAST_XXHASH_DISPATCH)
#include <xxh_x86dispatch.h>  // uses the widest vectors that the processor has
#endif

#include <new>

namespace holdfast {
namespace {

Digest from_xxh(XXH128_hash_t hash) {
  return {hash.high64, hash.low64};
}

void append_hex(std::uint64_t value, std::string& text) {
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(value >> shift) & 15];
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

}  // namespace

std::string Digest::hex() const {
  std::string text;
  append_hex(high, text);
  append_hex(low, text);
  return text;
}

std::optional<Digest> Digest::from_hex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto high = parse_hex(text.substr(0, 16));
  const auto low = parse_hex(text.substr(16));
  if (!high || !low) return std::nullopt;
  return Digest{*high, *low};
}

Digest digest_of(ByteView bytes) {
  return from_xxh(XXH3_128bits(bytes.data, bytes.size));
}

struct DigestStream::State {
  State() : xxh(XXH3_createState()) {
    if (xxh == nullptr) throw std::bad_alloc();
    XXH3_128bits_reset(xxh);
  }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  XXH3_state_t* xxh;
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {}
DigestStream::DigestStream(DigestStream&&) noexcept = default;
DigestStream& DigestStream::operator=(DigestStream&&) noexcept = default;
DigestStream::~DigestStream() = default;

void DigestStream::update(ByteView bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data, bytes.size);
}

Digest DigestStream::value() const {
  return from_xxh(XXH3_128bits_digest(state_->xxh));
}

}  // namespace holdfast
