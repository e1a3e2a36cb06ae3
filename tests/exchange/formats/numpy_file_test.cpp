
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>

#include <holdfast/checkpoint/exchange/formats/npy.h>

#include "exchange/exchange_fixture.h"
#include "support/allocations.h"

namespace holdfast::testing {
namespace {

using namespace std::string_literals;
using exchange::decode_npy_header;
using exchange::NpyHeader;

// Version 1, with this dict.
std::string header_of(const std::string& dict, char major = 1) {
  const auto size = static_cast<std::uint32_t>(dict.size());
  std::string header = "\x93NUMPY"s + major + '\0';
  header.append(reinterpret_cast<const char*>(&size), major == 1 ? 2 : 4);
  return header + dict;
}

NpyHeader decode(const std::string& header) {
  return decode_npy_header(ByteView(header), "some.npz, array \"a\"");
}

std::string dict_of(const std::string& descr, const std::string& shape = "(2, 3)") {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }\n";
}

void expect_header(ErrorKind kind, const std::string& words, const std::string& dict) {
  SCOPED_TRACE(dict);
  expect_error(kind, words, [&] { decode(header_of(dict)); });
}

TEST(NpyHeaders, AreReadAsNumpyWritesThem) {
  for (const char version : {1, 2, 3}) {
    const NpyHeader header = decode(header_of(dict_of("'<f4'"), version));
    EXPECT_EQ(header.dtype, DType::kFloat32);
    EXPECT_EQ(header.shape, (Shape{2, 3}));
    EXPECT_FALSE(header.is_fortran_order);
  }
  EXPECT_EQ(decode(header_of(dict_of("'|b1'", "()"))).shape, Shape{});
  EXPECT_EQ(decode(header_of(dict_of("'|b1'", "(7,)"))).shape, Shape{7});
  EXPECT_EQ(decode(header_of(dict_of("'|b1'", "(7L, 8L)"))).shape, (Shape{7, 8}));
  EXPECT_TRUE(decode(header_of("{\"shape\":(3,4),\"fortran_order\":True,\"descr\":\"<i8\"}   \n"))
                  .is_fortran_order);
}

TEST(NpyHeaders, NameWhatACheckpointCannotHold) {
  const auto expect = [](const std::string& words, const std::string& descr) {
    expect_header(ErrorKind::kUnsupported, words, dict_of(descr));
  };
  expect("some.npz, array \"a\": the array has Python objects", "'|O'");
  expect("the array is not little-endian: \">f4\"", "'>f4'");
  expect("a checkpoint cannot hold the array's type: \"<U5\"", "'<U5'");
  expect("a checkpoint cannot hold the array's type: \"<V2\"", "'<V2'");
  expect("a checkpoint cannot hold the array's type: \"<M8[s]\"", "'<M8[s]'");
  expect("the array has records as elements", "[('a', '<f4')]");
  expect_header(ErrorKind::kUnsupported, "too many dimensions",
                dict_of("'<f4'",
                        "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
                        "1,1)"));
}

TEST(NpyHeaders, AreReadStrictly) {
  const auto expect = [](const std::string& dict) {
    expect_header(ErrorKind::kCorrupt, "the array's header is damaged", dict);
  };
  expect("{}");
  expect("{'descr': '<f4'}");
  expect("__import__('os').system('id')");
  expect("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}");
  expect("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}");
  expect("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}");
  expect(dict_of("'<f4'", "(2)"));
  expect(dict_of("'<f4'", "(-2,)"));
  expect(dict_of("'<f4'", "(2.0,)"));
  expect(dict_of("'<f4'", "(99999999999999999999,)"));
  expect(dict_of("'<f4'", "(2,"));
  expect(dict_of("'<f4'") + "x");
  expect(dict_of("<f4"));
}

TEST(NpyHeaders, BelieveNoLength) {
  EXPECT_NO_THROW(decode(header_of(dict_of("'<f4'") + std::string(60'000, ' '))));
  expect_error(ErrorKind::kCorrupt, "the array's header is too long",
               [] { decode("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"s); });
  expect_error(ErrorKind::kCorrupt, "the file ends within the array's header",
               [] { decode("\x93NUMPY\x01\x00\x80\x00{}"s); });
  for (const std::string& none : {""s, "\x93NUMPY"s, "\x93NUMPY\x04\x00\x02\x00{}  "s,
                                  "\x93NUMPY\x01\x01\x02\x00{}  "s, std::string(100, 'x')})
    expect_error(ErrorKind::kCorrupt, "this is not an array of numpy", [&] { decode(none); });
}

class NumpyFile : public ExchangeTest {
 protected:
  std::vector<Item> read_numpy(const std::string& name) const { return read(name, numpy_format()); }
  // An archive of one entry.
  void put_entry(const std::string& name, const std::string& entry, const std::string& bytes,
                 const std::string& method = "ZIP_STORED") const {
    put("entry.bytes", bytes);
    python("import zipfile\nwith zipfile.ZipFile('" + name + "', 'w', zipfile." + method +
           ") as z: z.write('entry.bytes', '" + entry + "')");
  }
};

TEST_F(NumpyFile, KeepsEveryDtypeBitForBit) {
  const std::vector<Item> items = tensors_for(numpy_format());
  write("state.npz", numpy_format(), items);
  expect_same(items, read_numpy("state.npz"));
}

TEST_F(NumpyFile, GoesToNumpyAndBack) {
  std::vector<Item> items = tensors_for(numpy_format());
  items.push_back(floats("models/net/größe.weight", {2, 2}));
  write("ours.npz", numpy_format(), items);
  python(R"(
import numpy as np
arrays = dict(np.load('ours.npz', allow_pickle=False))
np.savez('theirs.npz', **arrays)
np.savez_compressed('packed.npz', **arrays)
np.savez('fortran.npz', **{name: np.array(array, order='F') for name, array in arrays.items()})
)");
  for (const char* name : {"theirs.npz", "packed.npz", "fortran.npz"}) {
    SCOPED_TRACE(name);
    expect_same(items, read_numpy(name));
  }
}

// z['a.npy'] would be the values of a.
TEST_F(NumpyFile, IsNotWrittenWithNamesThatNumpyConfuses) {
  expect_error(
      ErrorKind::kUnsupported,
      "a: numpy takes two of the arrays for one another, as it adds .npy to names: \"a\" and "
      "\"a.npy\"; give one of them another name",
      [&] {
        write("a.npz", numpy_format(), {floats("a.npy", {1}), floats("a", {1})});
      });
  EXPECT_EQ(files_in_directory(), 0U);
  write("a.npz", numpy_format(), {floats("a.npy", {1}), floats("b", {1})});
  EXPECT_EQ(read_numpy("a.npz")[0].name, "a.npy");
}

TEST_F(NumpyFile, IsNotWrittenWithAnEmptyName) {
  expect_error(ErrorKind::kUnsupported, "cannot hold an array with an empty name",
               [&] { write("a.npz", numpy_format(), {floats("", {1})}); });
  EXPECT_EQ(files_in_directory(), 0U);
}

TEST_F(NumpyFile, GathersFortranOrder) {
  python(R"(
import numpy as np
a = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
np.savez('fortran.npz', a=np.asfortranarray(a))
np.savez_compressed('packed.npz', a=np.asfortranarray(a))
)");
  std::vector<std::int16_t> numbers(24);
  std::iota(numbers.begin(), numbers.end(), std::int16_t{0});
  EXPECT_EQ(read_item(read_numpy("fortran.npz")[0]), bytes_of(numbers));
  EXPECT_EQ(read_item(read_numpy("packed.npz")[0]), bytes_of(numbers));
}

TEST_F(NumpyFile, RefusesWhatIsNoPlainArray) {
  python(R"(
import numpy as np
np.savez('object.npz', a=np.array([1, 'x', None], dtype=object))
np.savez('big.npz', a=np.arange(3, dtype='>i4'))
np.savez('text.npz', a=np.array(['x']))
import zipfile
with zipfile.ZipFile('other.npz', 'w') as z: z.writestr('readme.txt', 'x')
)");
  const auto expect = [&](const char* name, const std::string& words) {
    expect_error(ErrorKind::kUnsupported, words, [&] { read_numpy(name); });
  };
  expect("object.npz", "object.npz, array \"a\": the array has Python objects");
  expect("big.npz", "the array is not little-endian");
  expect("text.npz", "\"<U1\"");
  expect("other.npz", "the entry \"readme.txt\" is not an array of numpy");
}

TEST_F(NumpyFile, HasArraysOfTheSizeOfTheirHeaders) {
  const std::string header = header_of(dict_of("'<f4'"));
  for (const char* method : {"ZIP_STORED", "ZIP_DEFLATED"})
    for (const std::size_t bytes : {0, 23, 25}) {
      put_entry("a.npz", "a.npy", header + std::string(bytes, 'x'), method);
      expect_error(ErrorKind::kCorrupt, "expected 24 bytes, found " + std::to_string(bytes),
                   [&] { read_numpy("a.npz"); });
    }
}

TEST_F(NumpyFile, UnpacksNoBomb) {
  const std::string terabytes = dict_of("'<f4'", "(1099511627776,)");
  put_entry("claims.npz", "a.npy", header_of(terabytes) + std::string(1000, 'x'), "ZIP_DEFLATED");
  const auto peak = peak_memory_of([&] {
    expect_error(ErrorKind::kCorrupt, "expected 4398046511104 bytes, found 1000",
                 [&] { read_numpy("claims.npz"); });
  });
  EXPECT_LT(peak, std::size_t{16} << 20);
  put_entry("bomb.npz", "a.npy", header_of(dict_of("'<f4'")) + std::string(100 << 20, '\0'),
            "ZIP_DEFLATED");
  const auto bomb = peak_memory_of([&] {
    expect_error(ErrorKind::kCorrupt, "not of the size", [&] { read_numpy("bomb.npz"); });
  });
  EXPECT_LT(bomb, std::size_t{16} << 20);
}

// Reads everything, a MiB at a time.
std::size_t memory_to_read(const std::vector<Item>& items) {
  std::vector<std::byte> part(1 << 20);
  return peak_memory_of([&] {
    for (const Item& item : items)
      for (std::uint64_t at = 0; at < bytes_of(item.dtype, item.shape); at += part.size())
        copy_bytes(item, at, part);
  });
}

TEST_F(NumpyFile, UnpacksALargeArrayPastMemory) {
  python(R"(
import numpy as np
np.savez_compressed('large.npz', a=np.zeros(64 << 20, 'u1'))
np.savez_compressed('many.npz', **{f'a{i}': np.zeros(2 << 20, 'u1') for i in range(32)})
)");
  EXPECT_LT(memory_to_read(read_numpy("large.npz")), std::size_t{8} << 20);
  EXPECT_LT(memory_to_read(read_numpy("many.npz")), std::size_t{8} << 20);
}

// Sets TMPDIR while it lives.
class TemporaryFilesIn {
 public:
  explicit TemporaryFilesIn(const std::string& directory) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", directory.c_str(), 1);
  }
  ~TemporaryFilesIn() { before_ ? setenv("TMPDIR", before_->c_str(), 1) : unsetenv("TMPDIR"); }

 private:
  std::optional<std::string> before_;
};

TEST_F(NumpyFile, LeavesNoTemporaryFile) {
  python("import numpy as np\nnp.savez_compressed('packed.npz', a=np.arange(7, dtype='u1'))");
  std::filesystem::create_directory(path("tmp"));
  const TemporaryFilesIn there(path("tmp"));
  const std::vector<Item> items = read_numpy("packed.npz");
  EXPECT_EQ(read_item(items[0]), bytes_of(std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(std::filesystem::is_empty(path("tmp")));
}

TEST_F(NumpyFile, NeedsAPlaceToUnpack) {
  python("import numpy as np\nnp.savez_compressed('packed.npz', a=np.zeros(1000))");
  const TemporaryFilesIn nowhere(path("nowhere"));
  expect_error(ErrorKind::kNotFound, "let TMPDIR name a directory that has room",
               [&] { read_item(read_numpy("packed.npz")[0]); });
}

TEST_F(NumpyFile, IsTheSameForTheSameItems) {
  const std::vector<Item> items = tensors_for(numpy_format());
  write("a.npz", numpy_format(), items);
  write("b.npz", numpy_format(), items);
  EXPECT_EQ(get("a.npz"), get("b.npz"));
}

TEST_F(NumpyFile, ThatIsDamagedIsReadOrRefused) {
  python(R"(
import numpy as np
np.savez_compressed('packed.npz', a=np.arange(100), b=np.asfortranarray(np.ones((3, 4))))
)");
  const std::string whole = get("packed.npz");
  std::mt19937 random(11);
  for (int i = 0; i < 1500; ++i) {
    std::string changed = whole;
    for (auto n = random() % 3 + 1; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    put("changed.npz", changed);
    try {
      read_all("changed.npz", numpy_format());
    } catch (const Error& error) {
      ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kUnsupported)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace holdfast::testing
