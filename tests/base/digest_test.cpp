#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/digest.h>

#include <string>
#include <vector>

namespace holdfast {
namespace {

ByteView bytes(const std::string& text) {
  return ByteView(std::string_view(text));
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 256);
  return text;
}

// Known values: what `xxh128sum` prints for an empty file, for "abc", and for a long one, which is
// digested by whichever vectors the processor has.
TEST(Digest, IsTheCanonicalXxh3Of128Bits) {
  EXPECT_EQ(digest_of(bytes(pattern((1 << 20) + 3))).hex(), "86675cca6603ed701d3d4bb96f33e273");
  EXPECT_EQ(digest_of({}).hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest_of(bytes("abc")).hex(), "06b05ab6733a618578af5f94892f3950");
}

TEST(Digest, ReadsWhatItWrites) {
  const Digest digest{0x0123456789abcdefULL, 0x00000000000000ffULL};
  EXPECT_EQ(digest.hex(), "0123456789abcdef00000000000000ff");
  EXPECT_EQ(Digest::from_hex(digest.hex()), digest);
}

TEST(Digest, RefusesTextThatItWouldNotWrite) {
  const std::string good(32, 'a');
  EXPECT_TRUE(Digest::from_hex(good));
  for (const std::string& bad : std::vector<std::string>{
           "", good.substr(1), good + "a", std::string(31, 'a') + "g", std::string(32, 'A'),
           "-" + good.substr(1), " " + good.substr(1), std::string(31, 'a') + '\0'}) {
    EXPECT_FALSE(Digest::from_hex(bad)) << '"' << bad << '"';
  }
}

TEST(Digest, DiffersInEitherHalf) {
  EXPECT_NE((Digest{1, 2}), (Digest{1, 3}));
  EXPECT_NE((Digest{1, 2}), (Digest{3, 2}));
  EXPECT_EQ((Digest{1, 2}), (Digest{1, 2}));
}

TEST(Digest, ChangesWithEveryBit) {
  std::string text = pattern(300);
  const Digest before = digest_of(bytes(text));
  for (std::size_t i = 0; i < text.size() * 8; ++i) {
    text[i / 8] = static_cast<char>(text[i / 8] ^ (1 << i % 8));
    EXPECT_NE(digest_of(bytes(text)), before) << "bit " << i;
    text[i / 8] = static_cast<char>(text[i / 8] ^ (1 << i % 8));
  }
}

TEST(DigestStream, IsTheDigestOfTheWholeHoweverItIsCut) {
  const std::string text = pattern(10000);
  for (const std::size_t part : {1u, 7u, 240u, 1024u, 9999u, 10000u}) {
    DigestStream stream;
    for (std::size_t at = 0; at < text.size(); at += part) {
      stream.update(bytes(text).slice(at, std::min(part, text.size() - at)));
    }
    EXPECT_EQ(stream.value(), digest_of(bytes(text))) << "in parts of " << part;
  }
}

TEST(DigestStream, TellsItsValueAndGoesOn) {
  DigestStream stream;
  EXPECT_EQ(stream.value(), digest_of({}));
  stream.update(bytes("ab"));
  EXPECT_EQ(stream.value(), digest_of(bytes("ab")));
  EXPECT_EQ(stream.value(), digest_of(bytes("ab")));
  DigestStream moved = std::move(stream);
  moved.update(bytes("c"));
  EXPECT_EQ(moved.value(), digest_of(bytes("abc")));
}

}  // namespace
}  // namespace holdfast
