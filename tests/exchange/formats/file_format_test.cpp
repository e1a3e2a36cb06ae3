#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>

#include <sys/stat.h>

#include <set>

#include <holdfast/checkpoint/exchange/files/reading.h>

#include "exchange/exchange_fixture.h"
#include "support/fault_file_system.h"

namespace holdfast::testing {
namespace {

using exchange::all_file_formats;
using exchange::file_format_of;

std::string dtypes_that(const FileFormat& format, bool are_carried) {
  std::string names;
  for (const DType dtype : all_dtypes())
    if (format.carries(dtype) == are_carried)
      names += (names.empty() ? "" : " ") + std::string(name_of(dtype));
  return names;
}

TEST(FileFormats, SayWhatTheyCarry) {
  EXPECT_EQ(dtypes_that(torch_format(), false), "");
  EXPECT_EQ(dtypes_that(hdf5_format(), false), "");
  EXPECT_EQ(dtypes_that(safetensors_format(), false), "complex128");
  EXPECT_EQ(dtypes_that(numpy_format(), false),
            "bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu");
  EXPECT_TRUE(torch_format().traits().ties);
  EXPECT_FALSE(safetensors_format().traits().ties);
  EXPECT_FALSE(numpy_format().traits().ties);
  EXPECT_TRUE(hdf5_format().traits().ties);
  EXPECT_FALSE(torch_format().carries(Kind::kUndefined));
  EXPECT_TRUE(hdf5_format().carries(Kind::kUndefined));
  EXPECT_FALSE(numpy_format().carries(Kind::kScalar));
}

TEST(FileFormats, SayWhichVersionReadsADtype) {
  EXPECT_EQ(torch_format().needed_version(Kind::kTensor, DType::kBFloat16), "");
  EXPECT_EQ(torch_format().needed_version(Kind::kTensor, DType::kUInt16), "PyTorch 2.3");
  EXPECT_EQ(safetensors_format().needed_version(Kind::kTensor, DType::kComplex64),
            "safetensors 0.7");
  EXPECT_EQ(hdf5_format().needed_version(Kind::kTensor, DType::kFloat8E5M2), "");
}

TEST(FileFormats, AreKnownByTheEndingOfAPath) {
  EXPECT_EQ(file_format_of("a/model.pt"), &torch_format());
  EXPECT_EQ(file_format_of("model.pth"), &torch_format());
  EXPECT_EQ(file_format_of("model.safetensors"), &safetensors_format());
  EXPECT_EQ(file_format_of("model.npz"), &numpy_format());
  EXPECT_EQ(file_format_of("model.h5"), &hdf5_format());
  EXPECT_EQ(file_format_of("model.hdf5"), &hdf5_format());
  EXPECT_EQ(file_format_of("model.bin"), nullptr);
  EXPECT_EQ(file_format_of(".pt"), nullptr);
}

TEST(FileFormats, HaveNamesAndEndingsOfTheirOwn) {
  std::set<std::string_view> names, endings;
  for (const FileFormat* format : all_file_formats()) {
    EXPECT_TRUE(names.insert(format->name()).second) << format->name();
    ASSERT_FALSE(format->traits().endings.empty()) << format->name();
    for (const std::string_view ending : format->traits().endings) {
      EXPECT_TRUE(endings.insert(ending).second) << ending;
      EXPECT_EQ(file_format_of("a." + std::string(ending)), format);
    }
  }
}

class FileFormatTest : public ExchangeTest {
 protected:
  void expect_refused(const FileFormat& format, ErrorKind kind, const std::string& words,
                      const std::vector<Item>& items) const {
    expect_error(kind, words, [&] { write("file", format, items); });
    EXPECT_EQ(files_in_directory(), 0U);
  }
};

TEST_F(FileFormatTest, WhatIsNotCarriedIsNamed) {
  const std::vector<Item> sound = {floats("w", {2})};
  const auto with = [&](Item item) { return std::vector<Item>{sound[0], std::move(item)}; };
  expect_refused(numpy_format(), ErrorKind::kUnsupported,
                 "half: a file of numpy cannot hold bfloat16; leave it out, or write a file of "
                 "PyTorch or safetensors or HDF5",
                 with(tensor_of(DType::kBFloat16, "half")));
  expect_refused(safetensors_format(), ErrorKind::kUnsupported,
                 "a file of safetensors cannot hold complex128",
                 with(tensor_of(DType::kComplex128)));
  expect_refused(numpy_format(), ErrorKind::kUnsupported,
                 "lr: a file of numpy cannot hold a value of the kind scalar; leave it out, or "
                 "write a file of PyTorch or HDF5",
                 with(real("lr", 0.1)));
  expect_refused(safetensors_format(), ErrorKind::kUnsupported,
                 "cannot hold a value of the "
                 "kind none",
                 with(none("x")));
  expect_refused(numpy_format(), ErrorKind::kUnsupported,
                 "tied: a file of numpy cannot hold tied tensors", with(alias("tied", sound[0])));
  Item undefined = none("buffer");
  undefined.kind = Kind::kUndefined;
  expect_refused(torch_format(), ErrorKind::kUnsupported, "kind undefined", with(undefined));
}

TEST_F(FileFormatTest, WhatIsNotSoundIsRefused) {
  for (const FileFormat* format : all_file_formats()) {
    SCOPED_TRACE(format->name());
    const Item w = floats("w", {2});
    expect_refused(*format, ErrorKind::kInvalidArgument, "there is nothing to write", {});
    expect_refused(*format, ErrorKind::kInvalidArgument, "w: two items have the same name", {w, w});
    expect_refused(*format, ErrorKind::kInvalidArgument, "it is tied to something",
                   {alias("a", w), w});
    Item other = alias("a", w);
    other.shape = {3};
    expect_refused(*format, ErrorKind::kInvalidArgument,
                   "it is tied to something that is not an earlier item like it", {w, other});
    expect_refused(*format, ErrorKind::kUnsupported, "other programs cannot hold this name",
                   {floats(std::string("a\0b", 3), {1})});
  }
  expect_error(ErrorKind::kInvalidArgument, "a file of HDF5 cannot hold metadata", [&] {
    write("file", hdf5_format(), {floats("w", {2})}, {false, {{"a", "b"}}});
  });
}

TEST_F(FileFormatTest, AFileIsKnownByItsContent) {
  for (const FileFormat* format : all_file_formats()) {
    const std::string name(format->name());
    write(name, *format, {floats("w", {2})});
    EXPECT_TRUE(format->recognizes(exchange::open_file(posix_file_system(), path(name)))) << name;
    expect_error(ErrorKind::kCorrupt, "this is not a file of " + name + ": it is empty", [&] {
      put("empty", "");
      read("empty", *format);
    });
  }
  expect_error(ErrorKind::kCorrupt,
               "HDF5: this is not a file of PyTorch: it looks like a file of HDF5; name its "
               "format (--format of the tool)",
               [&] { read("HDF5", torch_format()); });
  expect_error(ErrorKind::kCorrupt,
               "this is not a file of HDF5: it looks like a file of safetensors",
               [&] { read("safetensors", hdf5_format()); });
}

TEST_F(FileFormatTest, ADictOfDictsGoesOnlyWhereItCan) {
  exchange::Dict inner, outer;
  inner.add("lr", 0.5);
  outer.add("group", inner);
  for (const FileFormat* format : all_file_formats()) {
    const std::string name(format->name());
    const auto write_it = [&] {
      exchange::write_value(posix_file_system(), path(name), *format, outer);
    };
    if (!format->traits().nests) {
      expect_error(ErrorKind::kInvalidArgument,
                   "a file of " + name + " cannot hold a dict with others in it", write_it);
      continue;
    }
    write_it();
    const Value value = read_value(name, *format);
    EXPECT_EQ(*value.dict()->find("group")->dict()->find("lr")->real(), 0.5);
  }
}

TEST_F(FileFormatTest, NothingIsReplaced) {
  for (const FileFormat* format : all_file_formats()) {
    put("taken", "precious");
    expect_error(ErrorKind::kExists, "taken: there is something already, which is not replaced",
                 [&] { write("taken", *format, {floats("w", {2})}); });
    EXPECT_EQ(get("taken"), "precious");
    EXPECT_EQ(files_in_directory(), 1U);
  }
}

TEST_F(FileFormatTest, APathMustBeOfAFileInADirectory) {
  for (const FileFormat* format : all_file_formats())
    expect_error(ErrorKind::kNotFound, "nowhere",
                 [&] { write("nowhere/file", *format, {floats("w", {2})}); });
  expect_error(ErrorKind::kNotFound, "cannot open the file",
               [&] { read("nothing", torch_format()); });
  mkfifo(path("fifo").c_str(), 0600);
  for (const FileFormat* format : all_file_formats())
    for (const char* name : {".", "fifo"})
      expect_error(ErrorKind::kUnsupported, "this is not a regular file",
                   [&] { read(name, *format); });
}

// Throws where the second half of its bytes is asked for.
class HalfSource final : public Source {
 public:
  void copy(std::uint64_t offset, ByteSpan to) const override {
    if (offset + to.size > (10 << 20)) throw Error(ErrorKind::kIo, "the disk is broken");
    std::memset(to.data, 0, to.size);
  }
};

TEST_F(FileFormatTest, ASourceThatFailsLeavesNothing) {
  for (const FileFormat* format : all_file_formats()) {
    SCOPED_TRACE(format->name());
    Item item = floats("models/net/w", {5 << 20});
    item.source = std::make_shared<HalfSource>();
    expect_refused(*format, ErrorKind::kIo, "models/net/w: the disk is broken", {item});
  }
}

// Each call in turn fails: the file is whole or not there, and nothing else is.
TEST_F(FileFormatTest, AnyCallThatFailsLeavesNothing) {
  const std::vector<Item> items = {floats("w", {300'000}), floats("b", {3})};
  for (const FileFormat* format : all_file_formats()) {
    SCOPED_TRACE(format->name());
    const auto counting = std::make_shared<FaultFileSystem>();
    exchange::write_file(counting, path("whole"), *format, items);
    std::filesystem::remove(path("whole"));
    for (int k = 1; k <= counting->calls(); ++k) {
      const auto failing = std::make_shared<FaultFileSystem>();
      failing->fail_any(k % 2 == 0 ? ENOSPC : EIO, k);
      try {
        exchange::write_file(failing, path("file"), *format, items);
        EXPECT_TRUE(std::filesystem::remove(path("file"))) << "call " << k;
      } catch (const Error&) {
      }
      EXPECT_EQ(files_in_directory(), 0U) << "call " << k;
      std::filesystem::remove(path("file"));
    }
  }
}

TEST_F(FileFormatTest, InterruptedAndShortCallsAreMadeAgain) {
  const std::vector<Item> items = {floats("w", {3000})};
  for (const FileFormat* format : all_file_formats()) {
    SCOPED_TRACE(format->name());
    const auto fs = std::make_shared<FaultFileSystem>();
    fs->interrupt_everything();
    fs->shorten_transfers(1001);
    const std::string file = path(std::string(format->name()));
    exchange::write_file(fs, file, *format, items);
    expect_same(items, exchange::items_of(exchange::read_value(fs, file, *format)));
  }
}

TEST_F(FileFormatTest, WhatIsWrongWithAFileNamesTheFile) {
  python(R"(
import json, struct, zipfile, h5py
header = json.dumps({'w': {'dtype': 'F32', 'shape': [1 << 62, 1 << 62], 'data_offsets': [0, 0]}})
open('huge.safetensors', 'wb').write(struct.pack('<Q', len(header)) + header.encode())
entry = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (1 << 62, 1 << 62)
with zipfile.ZipFile('huge.npz', 'w') as z:
    z.writestr('w.npy', b'\x93NUMPY\x01\x00' + struct.pack('<H', len(entry)) + entry)
)");
  const auto expect_named = [&](const std::string& name, const FileFormat& format) {
    expect_error(ErrorKind::kCorrupt, name + ": the bytes of a tensor don't fit into 63 bits",
                 [&] { read(name, format); });
  };
  expect_named("huge.safetensors", safetensors_format());
  expect_named("huge.npz", numpy_format());
}

TEST(WhileReading, AWrongArgumentAndTooLittleMemoryAreTheFilesFault) {
  using exchange::while_reading;
  expect_error(ErrorKind::kUnsupported, "a.h5: a.b: two items have the same name", [] {
    while_reading("a.h5", [] {
      throw Error(ErrorKind::kInvalidArgument, "two items have the same name").at("a.b");
    });
  });
  expect_error(ErrorKind::kIo, "a.pt: there is not enough memory to read the file",
               [] { while_reading("a.pt", [] { throw std::bad_alloc(); }); });
  expect_error(ErrorKind::kCorrupt, "a.pt: it is damaged", [] {
    while_reading("a.pt", [] { throw Error(ErrorKind::kCorrupt, "it is damaged"); });
  });
}

TEST_F(FileFormatTest, AReadThatFailsIsTheErrorOfTheDisk) {
  const std::vector<Item> items = {floats("w", {3000})};
  for (const FileFormat* format : all_file_formats()) {
    SCOPED_TRACE(format->name());
    const std::string file = path(std::string(format->name()));
    write(std::string(format->name()), *format, items);
    const auto counting = std::make_shared<FaultFileSystem>();
    const auto read_it = [&](const std::shared_ptr<FileSystem>& fs) {
      for (const Item& item : exchange::items_of(exchange::read_value(fs, file, *format)))
        read_item(item);
    };
    read_it(counting);
    for (int k = 1; k <= counting->calls(Call::kRead); ++k) {
      const auto failing = std::make_shared<FaultFileSystem>();
      failing->fail(Call::kRead, EIO, k, FaultFileSystem::kForever);
      expect_error(ErrorKind::kIo, "Input/output error", [&] { read_it(failing); });
    }
  }
}

}  // namespace
}  // namespace holdfast::testing
