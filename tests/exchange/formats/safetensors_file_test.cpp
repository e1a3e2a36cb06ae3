
#include <algorithm>
#include <iterator>
#include <random>

#include "exchange/exchange_fixture.h"

namespace holdfast::testing {
namespace {

using namespace std::string_literals;

// A file of this header and so many bytes behind it.
std::string file_of(const std::string& header, std::size_t bytes) {
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  return file + header + std::string(bytes, 'x');
}

class SafetensorsFile : public ExchangeTest {
 protected:
  exchange::FileContents read_safetensors(const std::string& name) const {
    return exchange::read_file(posix_file_system(), path(name), safetensors_format());
  }

  void expect_refused(ErrorKind kind, const std::string& words, const std::string& header,
                      std::size_t bytes) const {
    SCOPED_TRACE(header);
    put("hostile.safetensors", file_of(header, bytes));
    expect_error(kind, words, [&] { read_safetensors("hostile.safetensors"); });
  }
  void expect_damaged(const std::string& words, const std::string& header,
                      std::size_t bytes = 0) const {
    expect_refused(ErrorKind::kCorrupt, words, header, bytes);
  }
};

TEST_F(SafetensorsFile, KeepsEveryDtypeAndTheMetadata) {
  const std::vector<Item> items = tensors_for(safetensors_format());
  exchange::WriteOptions options;
  options.metadata = {{"format", "pt"}, {"größe", "1\n\"2\""}};
  write("state.safetensors", safetensors_format(), items, options);
  const auto contents = read_safetensors("state.safetensors");
  expect_same(items, contents.items);
  EXPECT_EQ(contents.metadata, options.metadata);
}

// By hand, from the format's description.
TEST_F(SafetensorsFile, IsWhatTheFormatSays) {
  write("state.safetensors", safetensors_format(),
        {item("b", DType::kBool, {2}, {std::byte{1}, std::byte{0}}),
         item("a/\"w\"", DType::kBFloat16, {1, 2}, some_bytes(4)),
         item("e", DType::kFloat8E4M3FN, {0}, {})});
  const std::string header =
      "{\"a/\\\"w\\\"\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[0,4]},"
      "\"b\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[4,6]},"
      "\"e\":{\"dtype\":\"F8_E4M3\",\"shape\":[0],\"data_offsets\":[6,6]}}";
  const std::vector<std::byte> bytes = some_bytes(4);
  std::string expected = file_of(header + std::string((8 - header.size() % 8) % 8, ' '), 0);
  expected += std::string(ByteView(bytes).text()) + "\x01\x00"s;
  EXPECT_EQ(get("state.safetensors"), expected);
}

// As safetensors 0.8 wrote it in Python: {"w": float32 [2], "n": int64 []}, metadata {"by":
// "python"}
TEST_F(SafetensorsFile, OfThePythonPackageIsRead) {
  put("golden.safetensors",
      file_of("{\"__metadata__\":{\"by\":\"python\"},\"n\":{\"dtype\":\"I64\",\"shape\":[],"
              "\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[2],"
              "\"data_offsets\":[8,16]}}      ",
              0) +
          "\x07\0\0\0\0\0\0\0\0\0\x80?\0\0\0@"s);
  const auto contents = read_safetensors("golden.safetensors");
  ASSERT_EQ(contents.items.size(), 2U);
  EXPECT_EQ(read_item(contents.items[0]), bytes_of(std::vector<std::int64_t>{7}));
  EXPECT_EQ(read_item(contents.items[1]), bytes_of(std::vector<float>{1, 2}));
  EXPECT_EQ(contents.metadata.at("by"), "python");
}

// Complex numbers and some kinds of float8 came with 0.7 and 0.8.
bool was_always_in_safetensors(DType dtype) {
  constexpr DType kAll[] = {DType::kFloat64, DType::kFloat32, DType::kFloat16, DType::kBFloat16,
                            DType::kInt64,   DType::kInt32,   DType::kInt16,   DType::kInt8,
                            DType::kUInt8,   DType::kBool};
  return std::find(std::begin(kAll), std::end(kAll), dtype) != std::end(kAll);
}

TEST_F(SafetensorsFile, GoesToThePythonPackageAndBack) {
  const std::string has_all = python(R"(
try:
  from safetensors import __version__
  print(tuple(int(number) for number in __version__.split('.')[:2]) >= (0, 8))
except ImportError:
  print('none')
)");
  if (has_all == "none\n")
    GTEST_SKIP() << "no python3-safetensors here; the tests above compare with its format";
  std::vector<Item> items;
  for (Item& item : tensors_for(safetensors_format()))
    if (has_all == "True\n" || was_always_in_safetensors(item.dtype))
      items.push_back(std::move(item));
  write("ours.safetensors", safetensors_format(), items);
  const std::string names = python(R"(
import torch
from safetensors import safe_open
from safetensors.torch import save_file

tensors = {}
with safe_open('ours.safetensors', framework='pt') as file:
  for name in file.keys():
    if not name.startswith('of.') or hasattr(torch, name[3:]):  # each torch has its dtypes
      tensors[name] = file.get_tensor(name)
save_file(tensors, 'theirs.safetensors')
print(*tensors, sep='\n')
)");
  std::vector<Item> known;
  for (Item& item : items)
    if (("\n" + names).find("\n" + item.name + "\n") != std::string::npos)
      known.push_back(std::move(item));
  EXPECT_GE(known.size(), 12U) << names;
  expect_same(known, read("theirs.safetensors", safetensors_format()));
}

TEST_F(SafetensorsFile, RefusesTiesUnlessCopiesAreWanted) {
  const Item weight = floats("w", {2});
  const std::vector<Item> items = {weight, alias("tied", weight)};
  expect_error(ErrorKind::kUnsupported,
               "tied: a file of safetensors cannot hold tied tensors: the same tensor as w",
               [&] { write("state.safetensors", safetensors_format(), items); });
  exchange::WriteOptions options;
  options.copy_ties = true;
  write("state.safetensors", safetensors_format(), items, options);
  expect_same({weight, floats("tied", {2})}, read("state.safetensors", safetensors_format()));
}

TEST_F(SafetensorsFile, RefusesNamesThatItCannotHold) {
  expect_error(ErrorKind::kUnsupported, "__metadata__: safetensors uses this name itself",
               [&] { write("a", safetensors_format(), {floats("__metadata__", {1})}); });
  expect_error(ErrorKind::kUnsupported, "expected UTF-8, found \"\\xff\"",
               [&] { write("a", safetensors_format(), {floats("\xff", {1})}); });
  exchange::WriteOptions options;
  options.metadata = {{"key", "\xff"}};
  expect_error(ErrorKind::kUnsupported, "safetensors cannot hold this text of metadata",
               [&] { write("a", safetensors_format(), {floats("w", {1})}, options); });
  EXPECT_EQ(files_in_directory(), 0U);
}

TEST_F(SafetensorsFile, IsReadStrictly) {
  const std::string w = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
  put("sound", file_of(w, 8));
  EXPECT_EQ(read_safetensors("sound").items.size(), 1U);
  expect_damaged("expected 8 bytes behind the header, found 7", w, 7);
  expect_damaged("expected 8 bytes behind the header, found 9", w, 9);
  expect_damaged("the header does not begin with an object", " " + w, 8);
  expect_damaged("strict JSON", w + "x", 8);
  expect_damaged("strict JSON", "{\"w\":", 0);
  expect_damaged("does not begin with an object", "[]");
  expect_damaged("not an object", "{\"w\":3}");
  expect_damaged("the key \"dtype\" is missing", "{\"w\":{\"shape\":[],\"data_offsets\":[0,0]}}");
  expect_damaged("the key \"more\" is unknown",
                 "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}", 8);
  expect_damaged("\"w\" twice", w.substr(0, w.size() - 1) + "," + w.substr(1), 8);
  expect_damaged("the metadata has values that are not strings", "{\"__metadata__\":{\"a\":1}}");
  expect_damaged("the metadata is not a JSON object", "{\"__metadata__\":[]}");
  expect_damaged("nested too deeply", "{\"w\":" + std::string(100'000, '['));
}

TEST_F(SafetensorsFile, BelievesNoNumber) {
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return "{\"w\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[" + offsets +
           "]}}";
  };
  expect_damaged("expected two that are 8 bytes apart, found [0, 4]", tensor("2", "0,4"), 4);
  expect_damaged("the offsets do not fit", tensor("2", "8,0"), 8);
  expect_damaged("the offsets do not fit", tensor("2", "0,8,16"), 8);
  expect_damaged("a value that is not an integer of 0 or more: -1", tensor("-1", "0,8"), 8);
  expect_damaged("a value that is not an integer of 0 or more", tensor("2.0", "0,8"), 8);
  expect_damaged("a value that is not an integer of 0 or more", tensor("2", "0,1e3"), 8);
  expect_damaged("a value that is not an integer of 0 or more",
                 tensor("18446744073709551615", "0,8"), 8);
  expect_damaged("don't fit into 63 bits", tensor("4611686018427387904,4611686018427387904", "0,8"),
                 8);
  expect_damaged("expected 1099511627776 bytes behind the header, found 8",
                 tensor("274877906944", "0,1099511627776"), 8);
  expect_refused(ErrorKind::kUnsupported, "too many dimensions",
                 tensor("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2", "0,8"),
                 8);
}

TEST_F(SafetensorsFile, HasNoGapsAndNoOverlaps) {
  const auto two = [](const std::string& first, const std::string& second) {
    return "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" + first +
           "]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[" + second + "]}}";
  };
  put("sound", file_of(two("4,8", "0,4"), 8));
  EXPECT_EQ(read_safetensors("sound").items[0].name, "b");
  expect_damaged("tensor \"b\" overlaps another: expected offset 4, found 2", two("0,4", "2,6"), 6);
  expect_damaged("tensor \"b\" overlaps another", two("0,4", "0,4"), 4);
  expect_damaged("tensor \"b\" leaves a gap before it", two("0,4", "5,9"), 9);
  expect_damaged("tensor \"a\" leaves a gap before it", two("1,5", "5,9"), 9);
}

TEST_F(SafetensorsFile, NamesADtypeThatItCannotHold) {
  expect_refused(ErrorKind::kUnsupported,
                 "tensor \"w\": a checkpoint cannot hold the dtype: \"F4\"",
                 "{\"w\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1);
}

TEST_F(SafetensorsFile, HasAHeaderWithinTheFile) {
  for (const std::string& file : {""s, "\x08\0\0\0"s, "\x08\0\0\0\0\0\0\0{}"s,
                                  "\xff\xff\xff\xff\xff\xff\xff\xff{}"s, "\0\0\0\0\0\0\0\0"s}) {
    put("hostile.safetensors", file);
    expect_error(ErrorKind::kCorrupt, "this is not a file of safetensors",
                 [&] { read_safetensors("hostile.safetensors"); });
  }
}

TEST_F(SafetensorsFile, ThatIsDamagedIsReadOrRefused) {
  write("state.safetensors", safetensors_format(), tensors_for(safetensors_format()),
        {false, {{"a", "b"}}});
  const std::string whole = get("state.safetensors");
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string changed = whole;
    for (auto n = random() % 3 + 1; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    if (random() % 8 == 0) changed.resize(random() % changed.size());
    put("changed", changed);
    try {
      for (const Item& item : read_safetensors("changed").items) read_item(item);
    } catch (const Error& error) {
      ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kUnsupported)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace holdfast::testing
