// Small files that ask for much: what they cost is bounded by their size.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/json/document.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "support/allocations.h"
#include "support/expect_error.h"

namespace holdfast {
namespace {

using format::kCatalogFile;
using format::kManifestFile;
using testing::CheckpointImage;
using testing::peak_memory_of;

constexpr std::size_t kMiB = 1 << 20;

// `text` until there are so many bytes of it.
std::string repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  all.reserve(bytes + text.size());
  while (all.size() < bytes) all += text;
  return all;
}

std::string manifest_with(const std::string& from, const std::string& to) {
  const std::string text = testing::saved_image(1).files.at(kManifestFile);
  return testing::with_own_digest(testing::replaced(text, from, to));
}

// Refused with a message that a person can read, for a bounded multiple of its size.
template <typename Decode>
void expect_refused_cheaply(const std::string& text, const Decode& decode) {
  const std::size_t peak = peak_memory_of([&] {
    const auto error = testing::error_of([&] { decode(ByteView(text), "file.json"); });
    if (!error) return;
    EXPECT_EQ(error->kind(), ErrorKind::kCorrupt);
    EXPECT_LT(std::string(error->what()).size(), 10'000u) << std::string(error->what(), 200);
  });
  EXPECT_LT(peak, 64 * text.size() + kMiB);
}

void expect_manifest_refused_cheaply(const std::string& from, const std::string& to) {
  expect_refused_cheaply(manifest_with(from, to), format::decode_manifest);
}

void expect_catalog_refused_cheaply(const std::string& from, const std::string& to) {
  const std::string text = testing::saved_image(1).files.at(kCatalogFile);
  expect_refused_cheaply(testing::replaced(text, from, to), format::decode_catalog);
}

TEST(JsonBomb, OfDepthIsRefused) {
  for (const char* open : {"[", "{\"a\":", "[[{\"a\":[0,", "[{},"}) {
    expect_manifest_refused_cheaply("\"metrics\": {",
                                    "\"metrics\": {\"a\":" + repeated(open, kMiB));
    expect_catalog_refused_cheaply("\"entries\":[", "\"entries\":[" + repeated(open, kMiB));
  }
}

TEST(JsonBomb, OfManyValuesIsRefused) {
  for (const char* value : {"0,", "[],", "{},", "\"\",", "null,", "[[[[]]]],", "{\"a\":{}},"}) {
    const std::string many = repeated(value, kMiB);
    expect_manifest_refused_cheaply("\"files\": [", "\"files\": [" + many);
    expect_catalog_refused_cheaply("\"entries\":[", "\"entries\":[" + many);
    expect_catalog_refused_cheaply("\"shape\":[", "\"shape\":[" + many);
  }
}

// Far beyond what an honest text holds, the number itself is refused, before memory is asked for.
TEST(JsonBomb, OfMoreValuesThanThereCanBeIsRefused) {
  const std::string many = repeated("[],", 3 * format::kMaxJsonValues);
  const std::string text = "[" + many + "[]]";
  const std::size_t peak = peak_memory_of([&] {
    testing::expect_error(ErrorKind::kCorrupt, "too many values",
                          [&] { format::decode_catalog(ByteView(text), "file.json"); });
  });
  EXPECT_LT(peak, kMiB);
}

TEST(JsonBomb, ThatCouldNotBeReadIsNotWritten) {
  format::Manifest manifest;
  manifest.created = "2026-01-31T12:00:00.000Z";
  manifest.run_id = std::string(32, '0');
  manifest.configuration["commas"] = std::string(format::kMaxJsonValues, ',');
  testing::expect_error(ErrorKind::kUnsupported, "too many values",
                        [&] { format::encode(manifest); });
}

TEST(JsonBomb, OfManyKeysIsRefused) {
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += "\"" + std::to_string(i) + "\":0,";
  expect_manifest_refused_cheaply("\"step\": 1,", "\"step\": 1," + keys);
  expect_catalog_refused_cheaply("\"entries\":[", keys + "\"entries\":[");
}

TEST(JsonBomb, OfNumbersIsRefused) {
  const std::string digits(kMiB, '9');
  for (const std::string& number : {digits, "-" + digits, "0." + digits, "1e" + digits,
                                    "1E-" + digits, std::string("1e400"), "00" + digits}) {
    expect_manifest_refused_cheaply("\"step\": 1,", "\"step\": " + number + ",");
    expect_catalog_refused_cheaply("\"header_bytes\":", "\"header_bytes\":" + number + "");
    expect_catalog_refused_cheaply("\"shape\":[", "\"shape\":[" + number + ",");
  }
}

// The names are the attacker's, and the message goes to logs, terminals and reason files.
TEST(LongText, IsCutInMessages) {
  const std::string name(kMiB, 'n');
  expect_manifest_refused_cheaply("\"step\":", "\"" + name + "\": 1, \"step\":");
  expect_manifest_refused_cheaply("\"step\":", "\"" + name + "\":1, \"" + name + "\":1, \"step\":");
  expect_manifest_refused_cheaply("\"metrics\": {", "\"metrics\": {\"" + name + "\": \"a\",");
  expect_manifest_refused_cheaply("\"seed\"", "\"" + name + "\": 1, \"seed\"");
  expect_manifest_refused_cheaply("\"2026-", "\"" + name);
  expect_manifest_refused_cheaply(std::string(32, 'a'), name);
  expect_manifest_refused_cheaply("\"catalog.json", "\"" + name);
  expect_manifest_refused_cheaply("holdfast manifest", name);
  expect_catalog_refused_cheaply("user/note", name);
  expect_catalog_refused_cheaply("\"kind\"", "\"" + name + "\":1,\"kind\"");
  expect_catalog_refused_cheaply("\"alias_of\":\"", "\"alias_of\":\"" + name);
}

TEST(LongText, HasNoControlCharactersInMessages) {
  const std::string text = manifest_with("\"step\":", "\"\\u001b[2J\\u0007\\n\": 1, \"step\":");
  const auto error = testing::error_of([&] { format::decode_manifest(ByteView(text), "m"); });
  for (const char c : std::string(error->what())) EXPECT_GE(static_cast<unsigned char>(c), ' ');
}

// As many shards as can be numbered, and no file for any of them.
class ManyShards : public ::testing::Test {
 protected:
  ManyShards() {
    format::Catalog catalog;
    catalog.shards.assign(kShards, {4096, 4096 + 4096});
    for (int shard = 0; shard < kShards; ++shard) {
      format::Entry entry;
      entry.name = "e/" + std::to_string(shard);
      entry.shape = {8};
      entry.pieces = {{shard, 4096, 8, 0, 8}};
      catalog.entries.push_back(entry);
    }
    const std::string text = format::encode(catalog);
    format::Manifest manifest;
    manifest.created = "2026-01-31T12:00:00.000Z";
    manifest.run_id = std::string(32, 'a');
    manifest.files = {{kCatalogFile, 0, {}}, {format::kIndexFile, 0, {}}};
    for (int shard = 0; shard < kShards; ++shard)
      manifest.files.push_back({format::shard_file_name(shard, kShards), 8192, {Digest{}}});
    image_.files = {{kManifestFile, format::encode(manifest)}, {format::kIndexFile, ""}};
    testing::forge(image_, kCatalogFile, text);
  }

  static constexpr int kShards = 99'999;
  CheckpointImage image_;
};

TEST_F(ManyShards, AreComparedInTimeThatGrowsWithTheirNumber) {
  const CheckpointFiles files(testing::on_disk(image_));
  EXPECT_EQ(files.catalog().shards.size(), 99'999u);
}

TEST_F(ManyShards, AreMissedInTimeThatGrowsWithTheirNumber) {
  const std::vector<Damage> damage = verify(testing::on_disk(image_), VerifyDepth::kDeep, 1);
  ASSERT_EQ(damage.size(), 99'999u);
  for (const Damage& one : damage) ASSERT_EQ(one.entries.size(), 1u) << one.file;
  EXPECT_THAT(damage[12'345].entries, ::testing::ElementsAre("e/12345"));
}

// Each alias is in each shard that has a piece of its entry: a product, of which the headers that
// are there have no room. They are not built to find that out.
TEST(ManyAliases, OfAnEntryInManyShardsAreNotBuilt) {
  constexpr int kShards = 1'000, kAliases = 20'000;
  format::Catalog catalog;
  catalog.shards.assign(kShards, {4096, 8192});
  format::Entry entry;
  entry.name = "a";
  entry.shape = {kShards};
  for (int shard = 0; shard < kShards; ++shard) entry.pieces.push_back({shard, 4096, 1, shard, 1});
  catalog.entries.push_back(entry);
  entry.pieces.clear();
  entry.alias_of = "a";
  for (int i = 0; i < kAliases; ++i) {
    entry.name = "b" + std::to_string(i);
    catalog.entries.push_back(entry);
  }
  CheckpointImage image;
  format::Manifest manifest;
  manifest.created = "2026-01-31T12:00:00.000Z";
  manifest.run_id = std::string(32, 'a');
  manifest.files = {{kCatalogFile, 0, {}}, {format::kIndexFile, 0, {}}};
  const std::string shard_file(8192, '\0');
  for (int shard = 0; shard < kShards; ++shard) {
    format::FileRecord& record = manifest.files.emplace_back();
    record.name = format::shard_file_name(shard, kShards);
    testing::vouch_for(record, shard_file);
    image.files[record.name] = shard_file;
  }
  image.files[kManifestFile] = format::encode(manifest);
  image.files[format::kIndexFile] = "";
  testing::forge(image, kCatalogFile, format::encode(catalog));
  const std::vector<Damage> damage = verify(testing::on_disk(image), VerifyDepth::kDeep, 1);
  ASSERT_EQ(damage.size(), kShards + 1u) << "every shard, and the index";
  EXPECT_EQ(damage[0].file, "shard-00000-of-01000.h5");
  EXPECT_THAT(damage[0].problem,
              ::testing::HasSubstr("its HDF5 structure is not what the catalog says"));
}

// Each component of a name is a group in HDF5: without a bound an entry could ask for two thousand.
TEST(DeepNames, AreBounded) {
  expect_catalog_refused_cheaply("user/note", repeated("a/", 128) + "a");
  expect_catalog_refused_cheaply("user/note", repeated("a/", 4000) + "a");
}

TEST(DeepNames, AreVerifiedForABoundedMultipleOfTheirSize) {
  CheckpointImage image = testing::saved_image(1);
  format::Catalog catalog = testing::catalog_of(image);
  for (int i = 0; i < 100; ++i) {
    format::Entry entry;
    entry.name = "deep" + std::to_string(i) + repeated("/a", 126);
    entry.kind = Kind::kNone;
    entry.pieces = {{0, 0, 0, 0, 1}};
    catalog.entries.push_back(entry);
  }
  const std::string text = format::encode(catalog);
  testing::forge(image, kCatalogFile, text);
  const Directory directory = testing::on_disk(image);
  const std::size_t peak = peak_memory_of([&] {
    EXPECT_THAT(verify(directory, VerifyDepth::kDeep, 1), ::testing::Not(::testing::IsEmpty()));
  });
  EXPECT_LT(peak, 256 * text.size() + kMiB);
}

}  // namespace
}  // namespace holdfast
