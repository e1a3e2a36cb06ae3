// Zip archives that were made to do harm, or are damaged.
#include <random>

#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/zip/archive.h>
#include <holdfast/checkpoint/exchange/zip/writer.h>

#include "exchange/exchange_fixture.h"
#include "support/allocations.h"
#include "support/forwarding_file_system.h"

namespace holdfast::testing {
namespace {

using exchange::ZipArchive;
using exchange::ZipEntry;

class Zip : public ExchangeTest {
 protected:
  void write_zip(const std::string& name, const std::vector<ZipEntry>& entries) const {
    exchange::PendingFile file(posix_file_system(), path(name));
    exchange::write_zip(file, entries);
    file.commit();
  }
  std::shared_ptr<const ZipArchive> open(const std::string& name) const {
    return std::make_shared<const ZipArchive>(exchange::open_file(posix_file_system(), path(name)));
  }

  // Changes the bytes behind the nth place where `mark` is.
  void patch(const std::string& name, const std::string& mark, int nth, std::size_t behind,
             const std::string& bytes) const {
    std::string file = get(name);
    std::size_t at = 0;
    for (int i = 0; i < nth; ++i) at = file.find(mark, at) + 1;
    file.replace(at - 1 + behind, bytes.size(), bytes);
    put(name, file);
  }
};

constexpr const char* kCentral = "PK\x01\x02";
constexpr const char* kEnd = "PK\x05\x06";

TEST_F(Zip, KeepsEntriesOfAnySize) {
  std::vector<ZipEntry> entries = {{"empty", "", {}}, {"head", "abc", {}}};
  entries.push_back({"body", "", item("body", DType::kUInt8, {9 << 20}, some_bytes(9 << 20))});
  entries.push_back({"both", "xyz", item("both", DType::kUInt8, {3}, some_bytes(3))});
  write_zip("a.zip", entries);
  const auto archive = open("a.zip");
  ASSERT_EQ(archive->records().size(), 4U);
  EXPECT_TRUE(archive->read_all(*archive->find("empty"), 0).empty());
  EXPECT_EQ(ByteView(archive->read_all(*archive->find("head"), 3)).text(), "abc");
  EXPECT_EQ(archive->read_all(*archive->find("body"), 9 << 20), some_bytes(9 << 20));
  EXPECT_EQ(archive->find("other"), nullptr);
  std::vector<std::byte> part(4);
  zip_source(archive, *archive->find("both"), 2)->copy(0, part);
  EXPECT_EQ(ByteView(part).text().substr(0, 1), "z");
}

// Leaves holes in place of zeros, so that large files take no room.
class SparseFileSystem final : public ForwardingFileSystem {
 public:
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    const auto* const bytes = static_cast<const char*>(from);
    const bool is_zero =
        count > 0 && bytes[0] == 0 && std::memcmp(bytes, bytes + 1, count - 1) == 0;
    if (is_zero) return static_cast<ssize_t>(count);
    return ForwardingFileSystem::pwrite(fd, from, count, offset);
  }
};

class Zeros final : public Source {
 public:
  void copy(std::uint64_t, ByteSpan to) const override { std::memset(to.data, 0, to.size); }
};

// Sizes and places of more than 32 bits have fields of their own (zip64).
TEST_F(Zip, KeepsEntriesBeyondFourGiB) {
  constexpr std::int64_t kLarge = (std::int64_t{1} << 32) + 5;
  Item large = item("large", DType::kUInt8, {kLarge}, {});
  large.source = std::make_shared<Zeros>();
  const Item behind = floats("behind", {3});
  exchange::write_file(std::make_shared<SparseFileSystem>(), path("large.pt"), torch_format(),
                       {large, behind});
  EXPECT_GT(std::filesystem::file_size(path("large.pt")), kLarge);
  const std::vector<Item> items = read("large.pt", torch_format());
  EXPECT_EQ(find_item(items, "large").shape, Shape{kLarge});
  std::vector<std::byte> end(5, std::byte{1});
  copy_bytes(find_item(items, "large"), kLarge - 5, end);  // compares the checksum, too
  EXPECT_EQ(end, std::vector<std::byte>(5));
  EXPECT_EQ(read_item(find_item(items, "behind")), read_item(behind));
  EXPECT_EQ(
      python(R"(
import zipfile
z = zipfile.ZipFile('large.pt')
for i in z.infolist(): print(i.filename, i.file_size, i.header_offset > 2**32)
print(len(z.read('archive/data/1')))
)"),
      "archive/data.pkl 318 False\narchive/byteorder 6 False\n"
      "archive/data/0 4294967301 False\narchive/data/1 12 True\narchive/version 2 True\n12\n");
}

TEST_F(Zip, ThatIsNoneIsRefused) {
  put("a.zip", "PK\x03\x04 and nothing else");
  expect_error(ErrorKind::kCorrupt, "the zip archive cannot be read", [&] { open("a.zip"); });
  put("empty", "");
  expect_error(ErrorKind::kCorrupt, "the zip archive cannot be read", [&] { open("empty"); });
}

TEST_F(Zip, FindsDamageByTheChecksum) {
  write_zip("a.zip", {{"data", "some bytes of an entry", {}}});
  patch("a.zip", "some bytes", 1, 3, "X");
  const auto archive = open("a.zip");
  expect_error(ErrorKind::kCorrupt,
               "a.zip: the entry \"data\" cannot be read: CRC error; get it again; or, if "
               "PyTorch saved it without checksums (torch.serialization.set_crc32_options(False)), "
               "save it again with them",
               [&] { archive->read_all(*archive->find("data"), 100); });
  expect_error(ErrorKind::kCorrupt, "CRC error", [&] {
    std::byte first;
    zip_source(archive, *archive->find("data"))->copy(0, ByteSpan(&first, 1));
  });
}

TEST_F(Zip, BelievesNoSize) {
  write_zip("a.zip", {{"data", "some bytes of an entry", {}}});
  patch("a.zip", kCentral, 1, 20, std::string("\xff\xff\xff\x7f\xff\xff\xff\x7f", 8));
  expect_error(ErrorKind::kCorrupt, "the entry \"data\" has an impossible size",
               [&] { open("a.zip"); });
  write_zip("b.zip", {{"data", "some bytes of an entry", {}}});
  patch("b.zip", kCentral, 1, 24, std::string("\xff\xff\xff\x7f", 4));  // uncompressed only
  expect_error(ErrorKind::kCorrupt, "impossible size", [&] { open("b.zip"); });
}

TEST_F(Zip, BelievesNoPlace) {
  write_zip("a.zip", {{"data", "some bytes of an entry", {}}});
  patch("a.zip", kCentral, 1, 42, std::string("\xff\xff\xff\x7f", 4));  // of the local header
  expect_error(ErrorKind::kCorrupt, "cannot be read", [&] {
    const auto archive = open("a.zip");
    archive->read_all(*archive->find("data"), 100);
  });
}

TEST_F(Zip, BelievesNoNumberOfEntries) {
  write_zip("a.zip", {{"data", "some bytes of an entry", {}}});
  patch("a.zip", kEnd, 1, 8, "\xfe\xff\xfe\xff");
  const auto peak =
      peak_memory_of([&] { expect_error(ErrorKind::kCorrupt, "", [&] { open("a.zip"); }); });
  EXPECT_LT(peak, std::size_t{16} << 20);
}

TEST_F(Zip, RefusesANameTwice) {
  python(R"(
import zipfile, warnings
warnings.simplefilter('ignore')
with zipfile.ZipFile('twice.zip', 'w') as z:
    z.writestr('a', '1')
    z.writestr('a', '2')
)");
  expect_error(ErrorKind::kCorrupt, "", [&] { open("twice.zip"); });
}

TEST_F(Zip, RefusesOtherWaysToCompressAndEncryptedEntries) {
  python(R"(
import zipfile
with zipfile.ZipFile('lzma.zip', 'w', zipfile.ZIP_LZMA) as z: z.writestr('a', 'b' * 1000)
)");
  expect_error(ErrorKind::kUnsupported,
               "the entry \"a\" is compressed: expected an entry stored as it is, or deflated, "
               "found method 14",
               [&] { open("lzma.zip"); });
  write_zip("locked.zip", {{"data", "some bytes of an entry", {}}});
  patch("locked.zip", kCentral, 1, 8, std::string("\x01\x00", 2));
  expect_error(ErrorKind::kUnsupported, "the entry \"data\" is encrypted",
               [&] { open("locked.zip"); });
}

// 256 MiB of zeros in some KiB is not unpacked where a few bytes are expected.
TEST_F(Zip, UnpacksNoBomb) {
  python(R"(
import zipfile
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    with z.open('data', 'w', force_zip64=True) as f:
        for i in range(256): f.write(bytes(1 << 20))
)");
  const auto peak = peak_memory_of([&] {
    const auto archive = open("bomb.zip");
    expect_error(ErrorKind::kCorrupt, "is too large for what it is: expected 100 bytes at most",
                 [&] { archive->read_all(*archive->find("data"), 100); });
    EXPECT_EQ(archive->read_start(*archive->find("data"), 10).size(), 10U);
  });
  EXPECT_LT(peak, std::size_t{16} << 20);
}

// An entry that unpacks to more, or less, than the directory says.
TEST_F(Zip, UnpacksNoMoreThanTheDirectorySays) {
  python(R"(
import zipfile
for name in 'more.zip', 'less.zip':
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('data', bytes(100000))
)");
  patch("more.zip", kCentral, 1, 24, std::string("\x10\x00\x00\x00", 4));
  patch("less.zip", kCentral, 1, 24, std::string("\xa1\x86\x01\x00", 4));  // 100001
  for (const char* name : {"more.zip", "less.zip"})
    expect_error(ErrorKind::kCorrupt, "the entry \"data\" cannot be read", [&] {
      const auto archive = open(name);
      archive->read_all(*archive->find("data"), 1 << 30);
    });
}

// Deflate makes 1032 bytes of one at most.
TEST_F(Zip, BelievesNoSizeThatNothingUnpacksTo) {
  python(R"(
import zipfile
with zipfile.ZipFile('large.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('data', bytes(100000))
)");
  EXPECT_EQ(open("large.zip")->records()[0].bytes, 100'000U);
  patch("large.zip", kCentral, 1, 24, std::string("\x00\x00\x00\x01", 4));
  expect_error(ErrorKind::kCorrupt, "the entry \"data\" has an impossible size",
               [&] { open("large.zip"); });
}

// The same bytes, packed once, could be as many arrays as the directory has lines.
TEST_F(Zip, RefusesEntriesThatHaveBytesInCommon) {
  write_zip("sound.zip", {{"a", "the same", {}}, {"b", "the same", {}}, {"none", "", {}}});
  EXPECT_EQ(open("sound.zip")->records().size(), 3U);
  write_zip("quoted.zip", {{"a", "the same", {}}, {"b", "the same", {}}, {"none", "", {}}});
  patch("quoted.zip", kCentral, 2, 42, std::string(4, '\0'));  // b's local header is a's
  expect_error(ErrorKind::kCorrupt,
               "quoted.zip: two values of the file have bytes in common: expected bytes of its own "
               "for each, found the entry \"a\" and the entry \"b\", at byte ",
               [&] { open("quoted.zip"); });
}

// An entry that goes on over the next one's header and into its bytes.
TEST_F(Zip, RefusesAnEntryWithinAnother) {
  python(R"(
import struct, zlib
def local(name, data):
    return struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, 0, 0, 0, 0, zlib.crc32(data), len(data),
                       len(data), len(name), 0) + name + data
def central(name, data, at):
    return struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 20, 20, 0, 0, 0, 0, zlib.crc32(data),
                       len(data), len(data), len(name), 0, 0, 0, 0, 0, at) + name
inner = local(b'inner', b'x' * 100)
outer = local(b'outer', inner)
at = len(outer) - len(inner)
directory = central(b'outer', inner, 0) + central(b'inner', b'x' * 100, at)
end = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 2, 2, len(directory), len(outer), 0)
open('nested.zip', 'wb').write(outer + directory + end)
)");
  expect_error(ErrorKind::kCorrupt, "the entry \"outer\" and the entry \"inner\"",
               [&] { open("nested.zip"); });
}

TEST_F(Zip, ThatIsCutShortIsRefused) {
  write("state.pt", torch_format(), {floats("w", {100})});
  const std::string whole = get("state.pt");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    put("cut.pt", whole.substr(0, size));
    EXPECT_THROW(read_all("cut.pt", torch_format()), Error) << size << " bytes";
  }
}

// Every byte of a file of torch.save: what is read is right, or refused.
TEST_F(Zip, WithAFlippedByteIsReadRightOrRefused) {
  const std::vector<Item> items = {floats("w", {5}), tensor_of(DType::kBFloat16)};
  write("state.pt", torch_format(), items);
  const std::string whole = get("state.pt");
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      put("changed.pt", changed);
      try {
        const std::vector<Item> found = read("changed.pt", torch_format());
        for (const Item& item : items)
          EXPECT_EQ(read_item(find_item(found, item.name)), read_item(item));
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace holdfast::testing
