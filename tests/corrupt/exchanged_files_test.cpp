// Files that are sound, and not those that belong there.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "support/expect_error.h"
#include "support/items.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using testing::CheckpointImage;
using testing::saved_image;
using ::testing::UnorderedElementsAre;

constexpr const char* kFirst = "shard-00000-of-00002.h5";
constexpr const char* kSecond = "shard-00001-of-00002.h5";

std::vector<std::string> damaged_files(const Directory& checkpoint) {
  std::vector<std::string> names;
  for (const Damage& damage : verify(checkpoint, VerifyDepth::kFull, 1))
    names.push_back(damage.file);
  return names;
}

std::vector<std::string> damaged_files(const CheckpointImage& image) {
  return damaged_files(testing::on_disk(image));
}

TEST(ExchangedFiles, OfTwoStepsAreFoundInBoth) {
  for (const char* shard : {kFirst, kSecond}) {
    CheckpointImage older = saved_image(1), newer = saved_image(2);
    std::swap(older.files[shard], newer.files[shard]);
    EXPECT_THAT(damaged_files(older), UnorderedElementsAre(shard));
    EXPECT_THAT(damaged_files(newer), UnorderedElementsAre(shard));
    testing::expect_error(ErrorKind::kCorrupt, shard, [&] { testing::values_of(older); });
  }
}

TEST(ExchangedFiles, AreFoundWhereTheManifestIsThatOfAnotherStep) {
  CheckpointImage image = saved_image(1);
  image.files["manifest.json"] = saved_image(2).files["manifest.json"];
  EXPECT_THAT(damaged_files(image), UnorderedElementsAre(kFirst, kSecond));
}

TEST(ExchangedFiles, OfOneCheckpointAreBothFound) {
  CheckpointImage image = saved_image(1);
  std::swap(image.files[kFirst], image.files[kSecond]);
  EXPECT_THAT(damaged_files(image), UnorderedElementsAre(kFirst, kSecond));
  image = saved_image(1);
  image.files[kSecond] = image.files[kFirst];
  EXPECT_THAT(damaged_files(image), UnorderedElementsAre(kSecond));
}

TEST(ExchangedFiles, OfDifferentKindsAreFound) {
  for (const char* name : {"catalog.json", "index.h5", kFirst}) {
    CheckpointImage image = saved_image(1);
    image.files[name] = image.files["manifest.json"];
    EXPECT_THAT(damaged_files(image), UnorderedElementsAre(name));
    image = saved_image(1);
    image.files["manifest.json"] = image.files[name];
    EXPECT_THAT(damaged_files(image), UnorderedElementsAre("manifest.json"));
  }
}

// A checkpoint on a real file system, where each name can stand for what is no file.
class ReplacedFile : public ::testing::TestWithParam<const char*> {
 protected:
  ReplacedFile() {
    for (const auto& [name, content] : saved_image(1).files)
      std::ofstream(directory_ / name, std::ios::binary) << content;
    std::filesystem::rename(path_, directory_ / "away");
  }

  Directory checkpoint() const {
    return Directory::open(posix_file_system(), directory_.path().string());
  }
  void expect_found() const {
    EXPECT_THAT(damaged_files(checkpoint()), UnorderedElementsAre(GetParam()));
    EXPECT_THAT(verify(checkpoint(), VerifyDepth::kQuick, 1), ::testing::SizeIs(1));
    if (GetParam() == std::string("index.h5")) return;  // nothing is read through it
    testing::expect_error(ErrorKind::kCorrupt, "regular file", [&] {
      const CheckpointFiles files(checkpoint());
      for (const format::Entry& entry : files.catalog().entries)
        testing::read_entry(files, entry.name);
    });
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / GetParam();
};

TEST_P(ReplacedFile, IsFoundToBeALinkToTheTrueFile) {
  std::filesystem::create_symlink("away", path_);
  expect_found();
}

TEST_P(ReplacedFile, IsFoundToBeALinkToADevice) {
  std::filesystem::create_symlink("/dev/zero", path_);
  expect_found();
}

TEST_P(ReplacedFile, IsFoundToBeALinkToItself) {
  std::filesystem::create_symlink(path_, path_);
  expect_found();
}

// Opened carelessly, it would wait for a writer that never comes.
TEST_P(ReplacedFile, IsFoundToBeAFifo) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  expect_found();
}

TEST_P(ReplacedFile, IsFoundToBeADirectory) {
  std::filesystem::create_directory(path_);
  expect_found();
}

TEST_P(ReplacedFile, IsFoundToBeASocket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path_.size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path_.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  close(fd);
  expect_found();
}

TEST_P(ReplacedFile, IsFoundToBeADevice) {
  if (mknod(path_.c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0)
    GTEST_SKIP() << "this user makes no devices";
  expect_found();
}

INSTANTIATE_TEST_SUITE_P(Each, ReplacedFile,
                         ::testing::Values("manifest.json", "catalog.json", "index.h5", kFirst),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find_first_of(".-"));
                         });

}  // namespace
}  // namespace holdfast
