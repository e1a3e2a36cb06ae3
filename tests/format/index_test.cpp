#include <gtest/gtest.h>

#include <complex>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>

#include "format/format_fixture.h"

namespace holdfast::format {
namespace {

// What h5py shows of these datasets of the index, a line each: dtype, shape, values.
std::string show(const WrittenCheckpoint& checkpoint, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += "'" + name + "', ";
  return checkpoint.read("for name in [" + list +
                         "]:\n  d = index()[name]\n  print(d.dtype, d.shape, d[()].tolist())\n");
}

// Two elements of each of some dtypes, each over two shards.
class Pairs {
 public:
  template <typename Value>
  Pairs& add(DType dtype, const std::vector<Value>& values) {
    names_.emplace_back(name_of(dtype));
    builder_.cut(names_.back(), dtype, {2});
    payload_[names_.back()] = bytes_of_values(values);
    return *this;
  }

  std::string shown() const { return show(WrittenCheckpoint(builder_.get(), payload_), names_); }

 private:
  CatalogBuilder builder_{2};
  std::map<std::string, std::vector<std::byte>> payload_;
  std::vector<std::string> names_;
};

TEST(Index, ShowsFloatingPointNumbers) {
  Pairs pairs;
  pairs.add<float>(DType::kFloat32, {1.5f, -2.0f})
      .add<double>(DType::kFloat64, {0.1, -2.0})
      .add<std::uint16_t>(DType::kFloat16, {0x3C01, 0xFBFF})
      .add<std::uint16_t>(DType::kBFloat16, {0x3F81, 0xC000});
  EXPECT_EQ(pairs.shown(),
            "float32 (2,) [1.5, -2.0]\n"
            "float64 (2,) [0.1, -2.0]\n"
            "float16 (2,) [1.0009765625, -65504.0]\n"
            "float32 (2,) [1.0078125, -2.0]\n");
}

TEST(Index, ShowsComplexNumbers) {
  Pairs pairs;
  pairs.add<std::complex<float>>(DType::kComplex64, {{1, 2}, {3, -4}})
      .add<std::complex<double>>(DType::kComplex128, {{0.1, 2}, {3, -4}});
  EXPECT_EQ(pairs.shown(),
            "complex64 (2,) [(1+2j), (3-4j)]\n"
            "complex128 (2,) [(0.1+2j), (3-4j)]\n");
}

TEST(Index, ShowsBooleansAndIntegers) {
  Pairs pairs;
  pairs.add<std::uint8_t>(DType::kBool, {1, 0})
      .add<std::int8_t>(DType::kInt8, {-128, 127})
      .add<std::int16_t>(DType::kInt16, {-300, 300})
      .add<std::int32_t>(DType::kInt32, {-70000, 1})
      .add<std::int64_t>(DType::kInt64, {INT64_MIN, 1})
      .add<std::uint8_t>(DType::kUInt8, {255, 1})
      .add<std::uint16_t>(DType::kUInt16, {65535, 1})
      .add<std::uint32_t>(DType::kUInt32, {4294967295u, 1})
      .add<std::uint64_t>(DType::kUInt64, {UINT64_MAX, 1});
  EXPECT_EQ(pairs.shown(),
            "bool (2,) [True, False]\n"
            "int8 (2,) [-128, 127]\n"
            "int16 (2,) [-300, 300]\n"
            "int32 (2,) [-70000, 1]\n"
            "int64 (2,) [-9223372036854775808, 1]\n"
            "uint8 (2,) [255, 1]\n"
            "uint16 (2,) [65535, 1]\n"
            "uint32 (2,) [4294967295, 1]\n"
            "uint64 (2,) [18446744073709551615, 1]\n");
}

TEST(Index, ShowsFloat8AsBytesWithItsDtypeBesideIt) {
  CatalogBuilder builder;
  std::map<std::string, std::vector<std::byte>> payload;
  std::string expected;
  for (const DType dtype : all_dtypes()) {
    const std::string name(name_of(dtype));
    if (name.substr(0, 6) != "float8") continue;
    builder.tensor(name, dtype, {1});
    payload[name] = {std::byte{126}};
    expected += name + " " + name + " uint8 [126]\n";
  }
  const WrittenCheckpoint checkpoint(builder.get(), payload);
  EXPECT_EQ(checkpoint.read(R"(
names = ['float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu']
for f in index(), shard(0):
  for name in names: print(name, f[name].attrs['dtype'].decode(), f[name].dtype, f[name][:])
)"),
            expected + expected);
}

TEST(Index, PutsTheRowsOfACutTensorTogether) {
  const WrittenCheckpoint checkpoint(
      CatalogBuilder(3).cut("t", DType::kInt16, {7, 2}).get(),
      {{"t", bytes_of_values<std::int16_t>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})}});
  EXPECT_EQ(show(checkpoint, {"t"}),
            "int16 (7, 2) [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13]]\n");
}

TEST(Index, ShowsScalarsAsNumbers) {
  const WrittenCheckpoint checkpoint(CatalogBuilder(2)
                                         .add("progress/step", Kind::kScalar, DType::kInt64, {}, 1)
                                         .alias("user/tied", "progress/step")
                                         .get(),
                                     {{"progress/step", bytes_of_values<std::int64_t>({200})}});
  EXPECT_EQ(show(checkpoint, {"progress/step", "user/tied"}), "int64 () 200\nint64 () 200\n");
}

TEST(Index, ShowsWhatIsEmptyOrAbsent) {
  const WrittenCheckpoint checkpoint(typical_catalog().tensor("e", DType::kBool, {3, 0}, 1).get(),
                                     {});
  EXPECT_EQ(show(checkpoint, {"models/mlp/buffers/none.yet", "e"}),
            "int64 (0, 3) []\nbool (3, 0) [[], [], []]\n");
  EXPECT_EQ(checkpoint.read(R"(
for name in 'models/mlp/buffers/late', 'optimizers/adam/groups/0/max_eval':
  print(index()[name].shape, index()[name].attrs['kind'].decode())
)"),
            "None undefined\nNone none\n");
}

TEST(Index, HasTiesAsHardLinks) {
  const WrittenCheckpoint checkpoint(typical_catalog().get(), {});
  EXPECT_EQ(checkpoint.read("f = index()\nprint(f['models/mlp/parameters/output'] == "
                            "f['models/mlp/parameters/embedding'])"),
            "True\n");
}

TEST(Index, FindsNamesWithPercentSigns) {
  const WrittenCheckpoint checkpoint(
      CatalogBuilder().tensor("user/%/%2Fb%25b", DType::kInt8, {2}).get(),
      {{"user/%/%2Fb%25b", bytes_of_values<std::int8_t>({1, 2})}});
  EXPECT_EQ(show(checkpoint, {"user/%/%2Fb%25b"}), "int8 (2,) [1, 2]\n");
}

TEST(Index, NamesTheShardsThatMustBeThere) {
  const WrittenCheckpoint checkpoint(typical_catalog().get(), {});
  EXPECT_EQ(checkpoint.read("f = index()\nprint(f.attrs['format'].decode(), f.attrs['version'], "
                            "[s.decode() for s in f.attrs['shards']])"),
            "holdfast index 1 ['shard-00000-of-00002.h5', 'shard-00001-of-00002.h5']\n");
}

TEST(Index, CanNameVeryManyShards) {
  const Catalog catalog = CatalogBuilder(5'000).tensor("a", DType::kInt8, {1}).get();
  const std::vector<std::byte> index = build_index(catalog);
  EXPECT_NE(ByteView(index).text().find("shard-04999-of-05000.h5"), std::string_view::npos);
}

TEST(Index, ShowsAMissingShardAsNoNumberThatTrainingWrites) {
  const WrittenCheckpoint checkpoint(CatalogBuilder(2)
                                         .cut("f", DType::kBFloat16, {2})
                                         .cut("i", DType::kInt16, {2})
                                         .cut("c", DType::kComplex64, {2})
                                         .get(),
                                     {});
  std::filesystem::remove(checkpoint.file("shard-00001-of-00002.h5"));
  EXPECT_EQ(show(checkpoint, {"f", "i", "c"}),
            "float32 (2,) [0.0, nan]\n"
            "int16 (2,) [0, -32768]\n"
            "complex64 (2,) [0j, (nan+nanj)]\n");
}

TEST(Index, IsReadableAfterItsDirectoryWasRenamed) {
  const WrittenCheckpoint checkpoint(
      typical_catalog().get(),
      {{"optimizers/adam/groups/0/lr", bytes_of_values<double>({3})},
       {"models/mlp/parameters/embedding", std::vector<std::byte>(80, std::byte{0x3F})}});
  const testing::TemporaryDirectory elsewhere;
  for (const char* name : {"index.h5", "shard-00000-of-00002.h5", "shard-00001-of-00002.h5"}) {
    std::filesystem::rename(checkpoint.file(name), elsewhere / name);
  }
  EXPECT_EQ(testing::run_python("import h5py, os\nos.chdir('/')\nf = h5py.File('" +
                                (elsewhere / "index.h5") +
                                "', 'r')\nprint(f['optimizers/adam/groups/0/lr'][()], "
                                "(f['models/mlp/parameters/embedding'][:] > 0.7).all())"),
            "3.0 True\n");
}

TEST(Index, HasTheBytesItHadWithEveryVersionOfHdf5) {
  EXPECT_EQ(digest_of(build_index(typical_catalog().laid_out())).hex(),
            "6183a58868ca5138e88ad31bc24912a7");
}

}  // namespace
}  // namespace holdfast::format
