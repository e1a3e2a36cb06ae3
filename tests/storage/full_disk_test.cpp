// A disk that is really full: a small tmpfs where the test may mount one, else a file size limit.
#include <holdfast/checkpoint/storage/file.h>

#include <optional>

#include "storage/storage_fixture.h"
#include "support/small_disk.h"

namespace holdfast {
namespace {

using testing::expect_error;
using testing::SmallDisk;
using testing::SmallFiles;

constexpr std::uint64_t kSmall = 256 << 10;
constexpr std::size_t kTooMuch = 1 << 20;

class FullDiskTest : public testing::IoTest {
 protected:
  void SetUp() override {
    make_small();
    directory.emplace(Directory::open(posix_file_system(), path("disk")));
  }

  void make_small() {
    Directory::create(posix_file_system(), path("disk"));
    disk_ = SmallDisk::mount_at(path("disk"), kSmall);
    if (disk_ == nullptr) files_.emplace(kSmall);
    RecordProperty("full_by", disk_ == nullptr ? "file size limit" : "tmpfs");
  }

  // Fails while the space is being filled, in a write or in what makes it durable.
  void fill(const std::string& name) {
    File file = directory->create_file(name);
    file.write_at(0, bytes_);
    file.sync();
    file.close();
  }

  std::vector<std::byte> bytes_{kTooMuch, std::byte{1}};
  std::optional<Directory> directory;

 private:
  std::unique_ptr<SmallDisk> disk_;
  std::optional<SmallFiles> files_;
};

TEST_F(FullDiskTest, AWriteSaysThatThereIsNoSpaceAndWhatToDo) {
  expect_error(ErrorKind::kNoSpace, "free disk space", [&] { fill("a"); });
}

TEST_F(FullDiskTest, ADirectWriteSaysSoToo) {
  File file = directory->create_direct("a");
  expect_error(ErrorKind::kNoSpace, path("disk") + "/a", [&] { file.write_at(0, bytes_); });
}

TEST_F(FullDiskTest, AReplacedFileKeepsItsOldContent) {
  directory->replace_file("pin", testing::bytes("old"));
  expect_error(ErrorKind::kNoSpace, "", [&] { directory->replace_file("pin", bytes_); });
  EXPECT_EQ(ByteView(directory->open_file("pin").read_all(100)).text(), "old");
  EXPECT_THAT(directory->list(), ::testing::ElementsAre("pin"));
}

TEST_F(FullDiskTest, RemovingMakesSpaceAgain) {
  expect_error(ErrorKind::kNoSpace, "", [&] { fill("a"); });
  directory->remove_file("a");
  File file = directory->create_file("b");
  file.write_at(0, ByteView(bytes_).slice(0, 200000));
  file.sync();
  file.close();
  EXPECT_EQ(directory->open_file("b").size(), 200000u);
}

}  // namespace
}  // namespace holdfast
