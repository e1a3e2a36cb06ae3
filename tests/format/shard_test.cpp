#include <holdfast/checkpoint/format/hdf5/shard.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <holdfast/checkpoint/base/digest.h>

#include "format/format_fixture.h"
#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

Piece piece_of(const Catalog& catalog, const std::string& name) {
  const auto entry = std::find_if(catalog.entries.begin(), catalog.entries.end(),
                                  [&](const Entry& e) { return e.name == name; });
  return entry->pieces.at(0);
}

TEST(ShardLayout, IsThatOfEachShardByItself) {
  Catalog at_once = typical_catalog().get(), by_itself = at_once;
  ShardLayout layout(at_once);
  for (const int shard : {0, 1}) {
    const std::vector<std::byte> header = layout.lay_out(shard);
    EXPECT_EQ(header, lay_out_shard(by_itself, shard));
    EXPECT_LE(layout.least_header_bytes(shard), header.size());
    EXPECT_GT(layout.least_header_bytes(shard), 0u);
  }
  EXPECT_EQ(at_once, by_itself);
}

TEST(ShardLayout, TellsHowLongAHeaderIsAtLeast) {
  CatalogBuilder builder(2);
  builder.cut("a", DType::kUInt8, {2});
  for (int i = 0; i < 1000; ++i) builder.alias("b" + std::to_string(i), "a");
  Catalog catalog = builder.get();
  ShardLayout layout(catalog);
  for (const int shard : {0, 1}) {
    EXPECT_EQ(layout.least_header_bytes(shard), 8u * 1001);
    EXPECT_LE(layout.least_header_bytes(shard), layout.lay_out(shard).size());
  }
}

TEST(Shard, HasTheSameBytesForTheSameCatalog) {
  Catalog first = typical_catalog().get(), second = typical_catalog().laid_out();
  EXPECT_EQ(lay_out_shard(first, 0), lay_out_shard(second, 0)) << "old offsets are ignored";
}

// Every version of HDF5 that we build with must make these bytes. If this fails after a change of
// the format, raise kFormatVersion; if it fails with another HDF5, the format must not follow.
TEST(Shard, HasTheBytesItHadWithEveryVersionOfHdf5) {
  Catalog catalog = typical_catalog().get();
  EXPECT_EQ(digest_of(lay_out_shard(catalog, 0)).hex(), "edf3d1fa737305307165038fdc27ab64");
  EXPECT_EQ(digest_of(lay_out_shard(catalog, 1)).hex(), "33aff14550dfe992c0306a3ef46e0fdc");
}

TEST(Shard, HasItsHeaderInFrontAndWholePages) {
  Catalog catalog = typical_catalog().get();
  const std::vector<std::byte> header = lay_out_shard(catalog, 0);
  const Shard& shard = catalog.shards[0];
  EXPECT_EQ(header.size(), shard.header_bytes);
  EXPECT_EQ(shard.header_bytes % kPageBytes, 0u);
  EXPECT_EQ(shard.file_bytes % kPageBytes, 0u);
  EXPECT_EQ(ByteView(header).text().substr(0, 8), "\x89HDF\r\n\x1a\n");
  EXPECT_EQ(piece_of(catalog, "models/mlp/parameters/fc1.weight").offset, shard.header_bytes);
}

// The lists of names grow in the middle of the header, at some size of it just at its end.
TEST(Shard, HasAHeaderOfTheMeasuredLengthHoweverManyNamesThereAre) {
  CatalogBuilder builder;
  for (int n = 1; n <= 250; ++n) {
    const std::string group = std::string(static_cast<std::size_t>(n % 7) * 5 + 1, 'g');
    builder.tensor("models/" + group + "/a.long.name." + std::to_string(n), DType::kInt64, {1});
    Catalog catalog = builder.get();
    ASSERT_NO_THROW(lay_out_shard(catalog, 0)) << "with " << n << " entries";
  }
}

TEST(Shard, PutsLargePiecesOnPagesAndFirst) {
  const Catalog catalog = CatalogBuilder()
                              .tensor("small", DType::kComplex128, {4095})
                              .tensor("large", DType::kInt8, {65'537})
                              .tensor("larger", DType::kInt8, {100'000})
                              .laid_out();
  const std::uint64_t header = catalog.shards[0].header_bytes;
  EXPECT_EQ(piece_of(catalog, "large").offset, header);
  EXPECT_EQ(piece_of(catalog, "larger").offset, header + 17 * kPageBytes);
  EXPECT_EQ(piece_of(catalog, "small").offset, header + 17 * kPageBytes + 100'000);
}

TEST(Shard, PutsSmallPiecesByDescendingElementSize) {
  const Catalog catalog = CatalogBuilder()
                              .tensor("a", DType::kInt8, {3})
                              .tensor("b", DType::kFloat16, {3})
                              .tensor("c", DType::kComplex128, {1})
                              .tensor("d", DType::kFloat16, {1})
                              .tensor("e", DType::kInt64, {1})
                              .laid_out();
  const std::uint64_t header = catalog.shards[0].header_bytes;
  EXPECT_EQ(piece_of(catalog, "c").offset, header);
  EXPECT_EQ(piece_of(catalog, "e").offset, header + 16);
  EXPECT_EQ(piece_of(catalog, "b").offset, header + 24);
  EXPECT_EQ(piece_of(catalog, "d").offset, header + 30);
  EXPECT_EQ(piece_of(catalog, "a").offset, header + 32);
}

TEST(Shard, AlignsEveryPieceToItsElements) {
  CatalogBuilder builder;
  for (const DType dtype : all_dtypes()) {
    for (const std::int64_t count : {1, 7, 70'001}) {
      builder.tensor(std::string(name_of(dtype)) + "/" + std::to_string(count), dtype, {count});
    }
  }
  const Catalog catalog = builder.laid_out();
  for (const Entry& entry : catalog.entries) {
    const Piece& piece = entry.pieces[0];
    const std::uint64_t unit = piece.bytes >= kLargePieceBytes ? kPageBytes : size_of(entry.dtype);
    EXPECT_EQ(piece.offset % unit, 0u) << entry.name;
  }
  EXPECT_NO_THROW(encode(catalog)) << "inside the file and without overlap";
}

TEST(Shard, GivesNoOffsetToWhatHasNoBytes) {
  const Catalog catalog = typical_catalog().laid_out();
  EXPECT_EQ(piece_of(catalog, "models/mlp/buffers/none.yet").offset, 0u);
  EXPECT_EQ(piece_of(catalog, "models/mlp/buffers/late").offset, 0u);
}

TEST(Shard, WithoutAnythingIsAHeader) {
  const Catalog catalog = CatalogBuilder(2).tensor("a", DType::kInt8, {1}, 1).laid_out();
  EXPECT_EQ(catalog.shards[0].file_bytes, catalog.shards[0].header_bytes);
}

TEST(Shard, TakesNoMemoryForItsPayload) {
  Catalog catalog = CatalogBuilder()
                        .tensor("a", DType::kFloat32, {std::int64_t{1} << 38})
                        .tensor("b", DType::kFloat32, {std::int64_t{1} << 50, 128})
                        .get();
  EXPECT_EQ(lay_out_shard(catalog, 0).size(), kPageBytes);
  EXPECT_EQ(piece_of(catalog, "b").offset, kPageBytes + (std::uint64_t{1} << 40));
}

TEST(Shard, CanHoldManyDatasetsInOneGroup) {
  CatalogBuilder builder;
  for (int i = 0; i < 5'000; ++i) {
    builder.tensor("models/m/parameters/p" + std::to_string(i), DType::kFloat32, {16});
  }
  const Catalog catalog = builder.laid_out();
  EXPECT_EQ(catalog.shards[0].file_bytes - catalog.shards[0].header_bytes,
            round_up(5'000 * 64, kPageBytes));
  EXPECT_LT(catalog.shards[0].header_bytes, 5'000u * 512);
}

TEST(Shard, RefusesAShardBeyondWhatHdf5CanAddress) {
  CatalogBuilder builder;
  builder.tensor("a", DType::kInt8, {std::int64_t{1} << 61})
      .tensor("b", DType::kInt8, {std::int64_t{1} << 61})
      .tensor("c", DType::kInt8, {1});
  expect_error(ErrorKind::kUnsupported, "save to more shards", [&] { builder.laid_out(); });
}

TEST(Shard, RefusesMoreDimensionsThanHdf5Has) {
  CatalogBuilder builder;
  builder.tensor("a", DType::kInt8, Shape(33, 1));
  expect_error(ErrorKind::kUnsupported, "\"a\" has too many dimensions",
               [&] { builder.laid_out(); });
  EXPECT_NO_THROW(CatalogBuilder().tensor("a", DType::kInt8, Shape(32, 1)).laid_out());
}

TEST(Shard, RefusesAnEntryWhereAGroupHasToBe) {
  CatalogBuilder builder;
  builder.tensor("user/a", DType::kInt8, {1}).tensor("user/a/b", DType::kInt8, {1});
  expect_error(ErrorKind::kInvalidArgument, "\"user/a\"", [&] { builder.laid_out(); });
}

TEST(ShardReadByH5py, ShowsValuesAndAttributes) {
  const WrittenCheckpoint checkpoint(
      typical_catalog().get(),
      {{"optimizers/adam/groups/0/lr", bytes_of_values<double>({0.1})},
       {"models/mlp/parameters/fc1.weight", bytes_of_values(std::vector<float>(128 * 784, 2.5f))},
       {"user/notes/text", bytes_of_values<char>({'h', 'e', 'l', 'l', 'o'})}});
  EXPECT_EQ(checkpoint.read(R"(
a, b = shard(0), shard(1)
print(a.attrs['format'].decode(), a.attrs['version'], a.attrs['shard'], b.attrs['shard'], a.attrs['shard_count'])
print(a['optimizers/adam/groups/0/lr'][()], a['optimizers/adam/groups/0/lr'].attrs['kind'].decode())
w = a['models/mlp/parameters/fc1.weight']
print(w.shape, w.dtype, (w[:] == 2.5).all(), len(w.attrs))
print(bytes(b['user/notes/text'][:]).decode(), b['user/notes/text'].attrs['kind'].decode())
print(b['optimizers/adam/groups/0/max_eval'].shape, b['optimizers/adam/groups/0/max_eval'].attrs['kind'].decode())
print(a['models/mlp/buffers/late'].shape, a['models/mlp/buffers/late'].attrs['kind'].decode())
print(a['models/mlp/buffers/none.yet'].shape, a['models/mlp/buffers/none.yet'].dtype)
)"),
            "holdfast shard 1 0 1 2\n0.1 scalar\n(128, 784) float32 True 0\nhello text\nNone none\n"
            "None undefined\n(0, 3) int64\n");
}

TEST(ShardReadByH5py, HasItsPayloadAtTheOffsetsOfTheCatalog) {
  const WrittenCheckpoint checkpoint(typical_catalog().get(), {});
  const Piece weight = piece_of(checkpoint.catalog(), "models/mlp/parameters/fc1.weight");
  EXPECT_EQ(checkpoint.read("print(shard(0)['models/mlp/parameters/fc1.weight'].id.get_offset())"),
            std::to_string(weight.offset) + "\n");
}

TEST(ShardReadByH5py, HoldsTheRowsOfACutTensor) {
  const WrittenCheckpoint checkpoint(CatalogBuilder(3).cut("t", DType::kInt32, {7, 2}).get(), {});
  EXPECT_EQ(checkpoint.read(R"(
for i in range(3):
  t = shard(i)['t']
  print(t.shape, [int(x) for x in t.attrs['global_shape']], int(t.attrs['row']))
)"),
            "(3, 2) [7, 2] 0\n(2, 2) [7, 2] 3\n(2, 2) [7, 2] 5\n");
}

TEST(ShardReadByH5py, HasTiesAsHardLinks) {
  const WrittenCheckpoint checkpoint(typical_catalog().get(), {});
  EXPECT_EQ(checkpoint.read(R"(
for i in range(2):
  f = shard(i)
  print(f['models/mlp/parameters/output'] == f['models/mlp/parameters/embedding'])
)"),
            "True\nTrue\n");
}

TEST(ShardReadByH5py, IsWhollyAccountedForByHdf5) {
  const WrittenCheckpoint checkpoint(typical_catalog().get(), {});
  EXPECT_EQ(checkpoint.read("import os\nprint(shard(0).id.get_filesize() == os.stat('" +
                            checkpoint.file("shard-00000-of-00002.h5") + "').st_size)"),
            "True\n");
}

TEST(ShardReadByH5py, HasNamesOfAnyCharacters) {
  const WrittenCheckpoint checkpoint(
      CatalogBuilder().tensor("user/%/100%25 重み.b/%2E", DType::kInt8, {1}).get(), {});
  EXPECT_EQ(checkpoint.read("f = shard(0)\nprint(ascii(list(f['user/%']))) \n"
                            "print(list(f['user/%/100%25 \\u91cd\\u307f.b']))"),
            "['100%25 \\u91cd\\u307f.b']\n['%2E']\n");
}

}  // namespace
}  // namespace holdfast::format
