// One test for each way in which a catalog can lie.
#include <gtest/gtest.h>

#include <string>

#include <holdfast/checkpoint/format/catalog.h>

#include "format/format_fixture.h"
#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

const std::string kAnyPiece =
    R"({"shard":0,"offset":4096,"bytes":24,"row":0,"rows":2,"encoding":"raw"})";

std::string shards(const std::string& list) {
  return R"({"format":"holdfast catalog","version":1,"shards":[)" + list + R"(],"entries":[)";
}

const std::string kTwoShards =
    R"({"header_bytes":4096,"file_bytes":8192},{"header_bytes":4096,"file_bytes":8192})";

std::string with_entries(const std::string& entries) {
  return shards(kTwoShards) + entries + "]}";
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& pieces) {
  return R"({"name":")" + name + R"(","kind":"tensor","dtype":"float32","shape":)" + shape +
         R"(,"pieces":[)" + pieces + "]}";
}

std::string piece(int shard, std::int64_t offset, std::int64_t bytes, std::int64_t row,
                  std::int64_t rows) {
  return "{\"shard\":" + std::to_string(shard) + ",\"offset\":" + std::to_string(offset) +
         ",\"bytes\":" + std::to_string(bytes) + ",\"row\":" + std::to_string(row) +
         ",\"rows\":" + std::to_string(rows) + ",\"encoding\":\"raw\"}";
}

Catalog decode(const std::string& text) {
  return decode_catalog(ByteView(text), "c.json");
}

void expect_refused(const std::string& text, const std::string& words,
                    ErrorKind kind = ErrorKind::kCorrupt) {
  expect_error(kind, words, [&] { decode(text); });
  expect_error(kind, "c.json: ", [&] { decode(text); });
}

void expect_entries_refused(const std::string& entries, const std::string& words) {
  expect_refused(with_entries(entries), words);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

const std::string kSound = tensor("a", "[2, 3]", kAnyPiece);

TEST(CatalogText, IsAcceptedWhenNothingIsWrongWithIt) {
  const Catalog catalog = decode(with_entries(kSound));
  EXPECT_EQ(catalog.entries.at(0).pieces.at(0), (Piece{0, 4096, 24, 0, 2}));
}

TEST(CatalogText, IsRefusedCutAtAnyByte) {
  const std::string text = with_entries(kSound);
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
    expect_error(ErrorKind::kCorrupt, "c.json", [&] { decode(text.substr(0, bytes)); });
  }
}

TEST(CatalogText, IsRefusedWithAnythingBehindIt) {
  expect_refused(with_entries(kSound) + "{}", "strict JSON");
}

TEST(CatalogText, IsRefusedIfItIsNoObject) {
  for (const char* text : {"", "null", "[]", "3", "\"a\""}) expect_refused(text, "c.json");
}

TEST(CatalogText, IsRefusedIfItNestsDeeply) {
  expect_refused(std::string(1'000'000, '['), "nested too deeply");
  expect_refused(with_entries(std::string(100'000, '[')), "nested too deeply");
}

TEST(CatalogText, IsRefusedWithAKeyTwice) {
  expect_entries_refused(replaced(kSound, "\"kind\"", R"("name":"b","kind")"), "\"name\" twice");
}

TEST(CatalogText, IsRefusedWithAnUnknownKey) {
  expect_entries_refused(replaced(kSound, "\"kind\"", R"("mood":"b","kind")"),
                         "\"mood\" is unknown");
}

TEST(CatalogText, IsRefusedWithAKeyMissing) {
  expect_entries_refused(replaced(kSound, R"("kind":"tensor",)", ""), "\"kind\" is missing");
  expect_entries_refused(replaced(kSound, R"("rows":2,)", ""), "\"rows\" is missing");
}

TEST(CatalogText, IsRefusedIfItIsNotUtf8) {
  expect_entries_refused(tensor("a\xFF", "[2, 3]", kAnyPiece), "strict JSON");
}

TEST(CatalogText, OfANewerVersionIsToldApartFromDamage) {
  const std::string newer = R"({"format":"holdfast catalog","version":2,"surprise":[]})";
  expect_refused(newer, "newer Holdfast", ErrorKind::kVersion);
}

TEST(CatalogText, OfAnotherFormatIsRefused) {
  expect_refused(R"({"format":"holdfast manifest","version":1})", "not a holdfast catalog");
  expect_refused(R"({"format":"holdfast catalog","version":0})", "\"version\"");
}

TEST(CatalogText, OfAnotherEncodingAsksForANewerHoldfast) {
  const std::string packed = replaced(kSound, "\"raw\"", "\"zstd\"");
  expect_refused(with_entries(packed), "encoding", ErrorKind::kVersion);
}

TEST(CatalogEntry, HasAnEscapedName) {
  for (const char* name : {"", "/a", "a//b", "..", "a/.", "%41", "a\\u0000b"}) {
    expect_entries_refused(tensor(name, "[2, 3]", kAnyPiece), "name is not valid");
  }
}

TEST(CatalogEntry, HasANameOfItsOwn) {
  expect_entries_refused(kSound + "," + tensor("a", "[1]", piece(0, 4120, 4, 0, 1)), "twice");
}

TEST(CatalogEntry, DoesNotStandWhereAGroupStands) {
  const std::string below = tensor("a/b", "[1]", piece(0, 4120, 4, 0, 1));
  const std::string beside = tensor("a.b", "[1]", piece(0, 4124, 4, 0, 1));
  expect_entries_refused(kSound + "," + beside + "," + below, "the name of its group, \"a\"");
  EXPECT_NO_THROW(decode(with_entries(kSound + "," + beside)));
}

TEST(CatalogEntry, HasAKindAndADtypeThatAreKnown) {
  expect_entries_refused(replaced(kSound, "\"tensor\"", "\"sparse\""), "unknown kind");
  expect_entries_refused(replaced(kSound, "\"float32\"", "\"float31\""), "unknown dtype");
}

TEST(CatalogEntry, HasAShapeThatGoesWithItsKind) {
  for (const char* kind : {"scalar", "text", "none", "undefined"}) {
    expect_entries_refused(replaced(kSound, "tensor", kind), "do not fit the kind");
  }
}

TEST(CatalogEntry, HasAShapeOfSizes) {
  for (const char* shape :
       {"[-2, 3]", "[2.0, 3]", "[\"2\", 3]", "[9223372036854775808]", "[[2]]"}) {
    expect_entries_refused(tensor("a", shape, kAnyPiece),
                           "the shape has elements other than integers");
  }
}

TEST(CatalogEntry, HasABoundedNumberOfDimensions) {
  std::string shape = "[1";
  for (int i = 0; i < 32; ++i) shape += ",1";
  expect_entries_refused(tensor("a", shape + "]", piece(0, 4096, 4, 0, 1)), "too many dimensions");
}

TEST(CatalogEntry, HasAShapeWhoseBytesCanBeCounted) {
  expect_entries_refused(tensor("a", "[4294967296, 4294967296]", kAnyPiece), "63 bits");
}

TEST(CatalogAlias, PointsToAnEntry) {
  const std::string alias =
      R"({"name":"b","kind":"tensor","dtype":"float32","shape":[2,3],"alias_of":")";
  EXPECT_NO_THROW(decode(with_entries(kSound + "," + alias + "a\"}")));
  expect_entries_refused(kSound + "," + alias + "c\"}", "no such entry");
  expect_entries_refused(kSound + "," + alias + "b\"}", "found an alias");
  expect_entries_refused(kSound + "," + alias + "\"}", "\"alias_of\" is empty");
}

TEST(CatalogAlias, IsWhatItsTargetIs) {
  const std::string alias =
      R"({"name":"b","kind":"tensor","dtype":"int32","shape":[2,3],"alias_of":"a"})";
  expect_entries_refused(kSound + "," + alias, "it differs from \"a\"");
}

TEST(CatalogAlias, HasNoPieces) {
  const std::string alias =
      R"({"name":"b","kind":"tensor","dtype":"float32","shape":[2,3],"alias_of":"a","pieces":[]})";
  expect_entries_refused(kSound + "," + alias, "\"pieces\" is unknown");
}

TEST(CatalogPieces, CoverEveryRowOnce) {
  const auto refused = [](const std::string& pieces) {
    expect_entries_refused(tensor("a", "[2, 3]", pieces), "rows");
  };
  refused("");
  refused(piece(0, 4096, 12, 0, 1));
  refused(piece(0, 4096, 36, 0, 3));
  refused(piece(0, 4096, 24, 1, 2));
  refused(piece(0, 4096, 12, 0, 1) + "," + piece(1, 4096, 12, 0, 1));
  refused(piece(0, 4096, 12, 1, 1) + "," + piece(1, 4096, 12, 0, 1));
  refused(piece(0, 4096, 24, 0, 2) + "," + piece(1, 0, 0, 2, 0));
  refused(piece(0, 4096, 24, 0, 9223372036854775807));
}

TEST(CatalogPieces, OfAnEntryWithoutBytesAreOne) {
  EXPECT_NO_THROW(decode(with_entries(tensor("a", "[3, 0]", piece(0, 0, 0, 0, 3)))));
  EXPECT_NO_THROW(decode(with_entries(tensor("a", "[0, 3]", piece(0, 0, 0, 0, 0)))));
  expect_entries_refused(tensor("a", "[0, 3]", ""), "do not cover all rows");
  expect_entries_refused(tensor("a", "[3, 0]", piece(0, 0, 0, 0, 2) + "," + piece(1, 0, 0, 2, 1)),
                         "do not cover");
  expect_entries_refused(tensor("a", "[3, 0]", piece(0, 4096, 0, 0, 3)), "no bytes at an offset");
}

TEST(CatalogPieces, HaveTheBytesOfTheirRows) {
  expect_entries_refused(tensor("a", "[2, 3]", piece(0, 4096, 23, 0, 2)), "expected 24, found 23");
}

TEST(CatalogPieces, AreInShardsThatExist) {
  expect_entries_refused(tensor("a", "[2, 3]", piece(2, 4096, 24, 0, 2)), "does not exist");
  expect_entries_refused(tensor("a", "[2, 3]", piece(-1, 4096, 24, 0, 2)), "\"shard\"");
}

TEST(CatalogPieces, AreInDifferentShards) {
  expect_entries_refused(
      tensor("a", "[2, 3]", piece(0, 4096, 12, 0, 1) + "," + piece(0, 4108, 12, 1, 1)),
      "two pieces in one shard");
}

TEST(CatalogPieces, LieInThePayloadOfTheirShard) {
  for (const std::int64_t offset : {0, 4092, 8172, 8192, 1 << 30}) {
    expect_entries_refused(tensor("a", "[2, 3]", piece(0, offset, 24, 0, 2)),
                           "outside the payload");
  }
  EXPECT_NO_THROW(decode(with_entries(tensor("a", "[2, 3]", piece(0, 8168, 24, 0, 2)))));
}

TEST(CatalogPieces, AreAlignedToTheirElements) {
  expect_entries_refused(tensor("a", "[2, 3]", piece(0, 4098, 24, 0, 2)), "not aligned");
}

TEST(CatalogPieces, DoNotOverlap) {
  const auto two = [](int shard, std::int64_t offset) {
    return kSound + "," + tensor("b", "[1]", piece(shard, offset, 4, 0, 1));
  };
  expect_entries_refused(two(0, 4116), "overlap those of \"a\" in shard 0");
  EXPECT_NO_THROW(decode(with_entries(two(0, 4120))));
  EXPECT_NO_THROW(decode(with_entries(two(1, 4116))));
}

TEST(CatalogShards, AreAtLeastOne) {
  expect_refused(shards("") + "]}", "number of shards");
}

TEST(CatalogShards, HaveSizesOfWholePages) {
  for (const char* shard :
       {R"({"header_bytes":0,"file_bytes":8192})", R"({"header_bytes":100,"file_bytes":8192})",
        R"({"header_bytes":8192,"file_bytes":4096})",
        R"({"header_bytes":4096,"file_bytes":4097})"}) {
    expect_refused(shards(shard) + "]}", "shard 0: impossible sizes");
  }
}

TEST(CatalogNumbers, AreIntegersInRange) {
  for (const char* number : {"-1", "1.5", "1e3", "9223372036854775808", "99999999999999999999",
                             "\"4096\"", "null", "true"}) {
    expect_entries_refused(replaced(kSound, "4096", number), "\"offset\" is not an integer");
  }
}

}  // namespace
}  // namespace holdfast::format
