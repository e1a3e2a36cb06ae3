#include <holdfast/trainer/idx_file.h>

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/temporary_directory.h"
#include "support/thrown.h"
#include "trainer/idx_files.h"

namespace holdfast::trainer {
namespace {

using ::holdfast::testing::counting;
using ::holdfast::testing::error_of;
using ::holdfast::testing::idx_file;
using ::holdfast::testing::idx_header;
using ::holdfast::testing::read_file;
using ::holdfast::testing::write_file;
using ::holdfast::testing::write_gzip;
using ::testing::HasSubstr;

class IdxFile : public ::testing::Test {
 protected:
  void write(const std::string& bytes) { write_file(path_, bytes); }
  void compress(const std::string& bytes) { write_gzip(path_, bytes); }
  at::Tensor read(int dimensions) const { return read_idx(path_, dimensions); }
  Error refusal(int dimensions) const {
    Error error = error_of([&] { read(dimensions); });
    EXPECT_EQ(error.path(), path_);
    return error;
  }
  void expect_damaged(int dimensions, const std::string& problem) const {
    const Error error = refusal(dimensions);
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(error.what(), HasSubstr(problem));
    EXPECT_THAT(error.what(), HasSubstr("replace the file"));
  }

  holdfast::testing::TemporaryDirectory directory_;
  std::string path_ = directory_ / "array-idx3-ubyte";
};

void expect_counting(const at::Tensor& array, const std::vector<std::int64_t>& shape) {
  ASSERT_EQ(array.sizes().vec(), shape);
  ASSERT_EQ(array.scalar_type(), at::kByte);
  const auto values = counting(static_cast<std::size_t>(array.numel()));
  const auto* elements = array.data_ptr<std::uint8_t>();
  EXPECT_EQ(std::vector<std::uint8_t>(elements, elements + array.numel()), values);
}

TEST_F(IdxFile, ReadsPlainFiles) {
  write(idx_file({2, 3, 4}, counting(24)));
  expect_counting(read(3), {2, 3, 4});
}

TEST_F(IdxFile, ReadsGzipFiles) {
  compress(idx_file({2, 3, 4}, counting(24)));
  expect_counting(read(3), {2, 3, 4});
}

TEST_F(IdxFile, ReadsGzipFilesThatCompressAsFarAsGzipCan) {
  compress(idx_file({1000, 100, 100}, std::vector<std::uint8_t>(10'000'000, 7)));
  EXPECT_EQ(read(3).to(at::kLong).sum().item<std::int64_t>(), 70'000'000);
}

TEST_F(IdxFile, RefusesAnotherMagic) {
  write("\x89PNG\r\n and more");
  expect_damaged(3, "expected the magic bytes 0x00 0x00 0x08 0x03, found 0x89 0x50 0x4e 0x47");
}

TEST_F(IdxFile, RefusesAnotherElementType) {
  write(idx_header({2, 1, 1}, 0x0D) + std::string(8, '\0'));
  expect_damaged(3, "found 0x00 0x00 0x0d 0x03");
}

TEST_F(IdxFile, RefusesAnotherNumberOfDimensions) {
  write(idx_file({2}, {0, 1}));
  expect_damaged(3, "not an IDX file of unsigned bytes in 3 dimensions");
}

TEST_F(IdxFile, RefusesEveryTruncationOfAPlainFile) {
  const std::string whole = idx_file({2, 2, 2}, counting(8));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    write(whole.substr(0, bytes));
    EXPECT_EQ(refusal(3).kind(), ErrorKind::kCorrupt) << bytes << " bytes";
  }
}

TEST_F(IdxFile, SaysWhatAFileThatIsCutShortLacks) {
  compress(idx_file({2, 3, 4}, counting(20)));
  expect_damaged(3, "the file is cut short: expected 24 elements, found 20");
}

TEST_F(IdxFile, SaysThatAnEmptyFileHasNoHeader) {
  write("");
  expect_damaged(1, "the file ends within its IDX header: 0 bytes on disk");
}

TEST_F(IdxFile, RefusesEveryTruncationOfAGzipFile) {
  compress(idx_file({2, 2, 2}, counting(8)));
  const std::string whole = read_file(path_);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    write(whole.substr(0, bytes));
    EXPECT_EQ(refusal(3).kind(), ErrorKind::kCorrupt) << bytes << " bytes";
  }
}

TEST_F(IdxFile, RefusesAGzipFileWhoseChecksumIsWrong) {
  compress(idx_file({2, 2, 2}, counting(8)));
  std::string bytes = read_file(path_);
  bytes[bytes.size() - 6] ^= 1;  // the trailer: four bytes of checksum, four of length
  write(bytes);
  expect_damaged(3, "the gzip stream is damaged");
}

TEST_F(IdxFile, RefusesBytesBehindTheLastElement) {
  write(idx_file({2, 2, 2}, counting(9)));
  expect_damaged(3, "bytes follow the last element");
  compress(idx_file({2, 2, 2}, counting(9)));
  expect_damaged(3, "bytes follow the last element");
}

TEST_F(IdxFile, RefusesAnEmptyArray) {
  write(idx_file({0, 28, 28}, {}));
  expect_damaged(3, "expected dimensions of 1 or more, found 0 x 28 x 28");
}

TEST_F(IdxFile, RefusesDimensionsThatTheFileIsTooSmallFor) {
  write(idx_file({4'000'000'000, 28, 28}, counting(100)));
  expect_damaged(3, "expected at most 116 bytes, found 4000000000 x 28 x 28 bytes promised");
}

TEST_F(IdxFile, RefusesDimensionsWhoseProductOverflows) {
  write(idx_file({0x80000000, 0x80000000, 4}, counting(100)));
  expect_damaged(3, "the header promises more than the file can hold");
  compress(idx_file({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, counting(100)));
  expect_damaged(3, "the header promises more than the file can hold");
}

TEST_F(IdxFile, SaysThatAFileIsNotThere) {
  const Error error = refusal(3);
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
}

TEST_F(IdxFile, RefusesADirectory) {
  std::filesystem::create_directory(path_);
  expect_damaged(3, "expected a regular file, found something else");
}

TEST_F(IdxFile, DoesNotWaitForTheWriterOfAFifo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  expect_damaged(3, "expected a regular file, found something else");
}

}  // namespace
}  // namespace holdfast::trainer
