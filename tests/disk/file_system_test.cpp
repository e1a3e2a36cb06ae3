// The simulated file system is that of Linux, for what Holdfast asks: the same tests run on both.
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "disk/memory_file_system.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using ::testing::UnorderedElementsAre;

class FileSystemTest : public ::testing::TestWithParam<const char*> {
 protected:
  FileSystemTest() {
    if (std::string(GetParam()) == "memory") {
      fs = std::make_shared<testing::MemoryFileSystem>();
      fs->mkdir(AT_FDCWD, "/top", 0755);
      top = fs->open(AT_FDCWD, "/top", O_RDONLY | O_DIRECTORY, 0);
    } else {
      fs = posix_file_system();
      top = fs->open(AT_FDCWD, temporary_.path().c_str(), O_RDONLY | O_DIRECTORY, 0);
    }
  }
  ~FileSystemTest() override { fs->close(top); }

  int make(const char* name, const std::string& content = "") {
    const int fd = fs->open(top, name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!content.empty()) fs->pwrite(fd, content.data(), content.size(), 0);
    return fd;
  }
  void touch(const char* name) { fs->close(make(name)); }
  std::string content(int fd) {
    std::array<char, 100> buffer{};
    const ssize_t count = fs->pread(fd, buffer.data(), buffer.size(), 0);
    return count < 0 ? "error" : std::string(buffer.data(), static_cast<std::size_t>(count));
  }
  std::vector<std::string> names(int directory) {
    std::vector<std::string> names;
    EXPECT_EQ(fs->list(directory, names), 0);
    return names;
  }

  std::shared_ptr<FileSystem> fs;
  int top = -1;

 private:
  testing::TemporaryDirectory temporary_;
};

TEST_P(FileSystemTest, ReadsWhatWasWritten) {
  const int fd = make("file", "hello");
  EXPECT_EQ(fs->pwrite(fd, "J", 1, 0), 1);
  EXPECT_EQ(fs->pwrite(fd, "!", 1, 7), 1);
  EXPECT_EQ(content(fd), std::string("Jello\0\0!", 8));
  EXPECT_EQ(fs->ftruncate(fd, 2), 0);
  EXPECT_EQ(content(fd), "Je");
  EXPECT_EQ(fs->fsync(fd), 0);
  EXPECT_EQ(fs->close(fd), 0);
}

TEST_P(FileSystemTest, OpensWhatIsThereAndNothingElse) {
  EXPECT_EQ(fs->open(top, "file", O_RDONLY, 0), -ENOENT);
  touch("file");
  EXPECT_EQ(make("file"), -EEXIST);
  EXPECT_EQ(fs->open(top, "file", O_RDONLY | O_DIRECTORY, 0), -ENOTDIR);
  EXPECT_EQ(fs->open(top, "file/below", O_RDONLY, 0), -ENOTDIR);
  EXPECT_EQ(fs->mkdir(top, "file", 0755), -EEXIST);
  EXPECT_EQ(fs->mkdir(top, "a", 0755), 0);
  EXPECT_EQ(fs->open(top, "a", O_RDWR, 0), -EISDIR);
  EXPECT_EQ(fs->open(top, "b/c", O_RDONLY, 0), -ENOENT);
  const int parent = fs->open(fs->open(top, "a", O_RDONLY | O_DIRECTORY, 0), "..", O_RDONLY, 0);
  EXPECT_THAT(names(parent), UnorderedElementsAre("file", "a"));
}

TEST_P(FileSystemTest, DoesNotReadOrWriteWhatWasNotOpenedForIt) {
  touch("file");
  const int reader = fs->open(top, "file", O_RDONLY, 0);
  EXPECT_EQ(fs->pwrite(reader, "x", 1, 0), -EBADF);
  EXPECT_EQ(fs->ftruncate(reader, 0), -EINVAL);
  const int writer = fs->open(top, "file", O_WRONLY, 0);
  char byte = 0;
  EXPECT_EQ(fs->pread(writer, &byte, 1, 0), -EBADF);
  EXPECT_EQ(fs->pread(top, &byte, 1, 0), -EISDIR);
  fs->close(reader);
  EXPECT_EQ(fs->pread(reader, &byte, 1, 0), -EBADF);
}

TEST_P(FileSystemTest, TellsFilesFromDirectories) {
  const int fd = make("file", "12345");
  struct stat info {};
  EXPECT_EQ(fs->fstat(fd, &info), 0);
  EXPECT_TRUE(S_ISREG(info.st_mode));
  EXPECT_EQ(info.st_size, 5);
  const ino_t number = info.st_ino;
  EXPECT_EQ(fs->fstatat(top, "file", &info), 0);
  EXPECT_EQ(info.st_ino, number);
  EXPECT_EQ(fs->fstat(top, &info), 0);
  EXPECT_TRUE(S_ISDIR(info.st_mode));
  EXPECT_EQ(fs->fstatat(top, "none", &info), -ENOENT);
}

TEST_P(FileSystemTest, RenamesWithoutReplacingWhereAskedNotTo) {
  const int fd = make("a", "content");
  touch("b");
  EXPECT_EQ(fs->rename(top, "none", top, "c", 0), -ENOENT);
  EXPECT_EQ(fs->rename(top, "a", top, "b", RENAME_NOREPLACE), -EEXIST);
  EXPECT_EQ(fs->rename(top, "a", top, "b", 0), 0);
  EXPECT_THAT(names(top), UnorderedElementsAre("b"));
  EXPECT_EQ(content(fd), "content");  // it is still the same file
}

TEST_P(FileSystemTest, RenamesDirectoriesOverEmptyOnesOnly) {
  fs->mkdir(top, "a", 0755);
  fs->mkdir(top, "b", 0755);
  const int b = fs->open(top, "b", O_RDONLY | O_DIRECTORY, 0);
  fs->close(fs->open(b, "file", O_RDWR | O_CREAT, 0600));
  EXPECT_EQ(fs->rename(top, "a", top, "b", 0), -ENOTEMPTY);
  EXPECT_EQ(fs->rename(b, "file", top, "a", 0), -EISDIR);
  EXPECT_EQ(fs->rename(b, "file", top, "file", RENAME_NOREPLACE), 0);
  EXPECT_EQ(fs->rename(top, "a", top, "file", 0), -ENOTDIR);
  EXPECT_EQ(fs->rename(top, "a", top, "b", 0), 0);
  EXPECT_THAT(names(top), UnorderedElementsAre("b", "file"));
}

TEST_P(FileSystemTest, UnlinksFilesAndEmptyDirectoriesEachInItsWay) {
  const int fd = make("file", "content");
  fs->mkdir(top, "a", 0755);
  const int a = fs->open(top, "a", O_RDONLY | O_DIRECTORY, 0);
  fs->mkdir(a, "below", 0755);
  EXPECT_EQ(fs->unlink(top, "file", AT_REMOVEDIR), -ENOTDIR);
  EXPECT_EQ(fs->unlink(top, "a", 0), -EISDIR);
  EXPECT_EQ(fs->unlink(top, "a", AT_REMOVEDIR), -ENOTEMPTY);
  EXPECT_EQ(fs->unlink(a, "below", AT_REMOVEDIR), 0);
  EXPECT_EQ(fs->unlink(top, "a", AT_REMOVEDIR), 0);
  EXPECT_EQ(fs->unlink(top, "file", 0), 0);
  EXPECT_EQ(fs->unlink(top, "file", 0), -ENOENT);
  EXPECT_EQ(content(fd), "content");
  EXPECT_TRUE(names(top).empty());
}

TEST_P(FileSystemTest, LocksAFileForOneOpenOfIt) {
  const int first = make("lock");
  const int second = fs->open(top, "lock", O_RDWR, 0);
  EXPECT_EQ(fs->flock(first, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(fs->flock(first, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(fs->flock(second, LOCK_EX | LOCK_NB), -EWOULDBLOCK);
  fs->close(first);
  EXPECT_EQ(fs->flock(second, LOCK_EX | LOCK_NB), 0);
}

TEST_P(FileSystemTest, MapsAFileWhichStaysAsItIs) {
  const int fd = make("file", "content");
  void* memory = nullptr;
  ASSERT_EQ(fs->map(fd, 7, &memory), 0);
  EXPECT_EQ(std::string(static_cast<char*>(memory), 7), "content");
  *static_cast<char*>(memory) = 'C';
  EXPECT_EQ(content(fd), "content");
  fs->close(fd);
  EXPECT_EQ(std::string(static_cast<char*>(memory), 7), "Content");
  EXPECT_EQ(fs->unmap(memory, 7), 0);
  EXPECT_EQ(fs->map(fd, 7, &memory), -EBADF);
}

TEST_P(FileSystemTest, MapsNoEmptyRange) {
  const int fd = make("file");
  void* memory = nullptr;
  EXPECT_EQ(fs->map(fd, 0, &memory), -EINVAL);
}

INSTANTIATE_TEST_SUITE_P(Both, FileSystemTest, ::testing::Values("posix", "memory"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace holdfast
