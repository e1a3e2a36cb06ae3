#include <holdfast/checkpoint/storage/file.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include "storage/storage_fixture.h"
#include "support/child.h"

namespace holdfast {
namespace {

using testing::bytes;
using testing::Call;
using testing::expect_error;
using testing::FaultFileSystem;
using ::testing::HasSubstr;
using testing::told_by_child;

void write_somewhere(int fd) {
  if (::write(fd, "x", 1) == 1) throw std::runtime_error("it was written");
}

class FileTest : public testing::IoTest {
 protected:
  std::string read(const File& file, std::uint64_t offset, std::size_t count) {
    std::string text(count, '?');
    text.resize(file.read_at(offset, ByteSpan(text.data(), text.size())));
    return text;
  }
};

TEST_F(FileTest, HoldsWhatWasWrittenWhereItWasWritten) {
  File file = directory.open_or_create("a");
  file.write_at(4, bytes("tail"));
  file.write_at(0, bytes("head"));
  EXPECT_EQ(file.size(), 8u);
  EXPECT_EQ(read(file, 0, 8), "headtail");
  EXPECT_EQ(read(file, 2, 4), "adta");
}

// What the process prints would be in it.
TEST_F(FileTest, HasNoDescriptorOfStandardOutput) {
  EXPECT_EQ(testing::run_child([&] {
              for (const int fd : {0, 1, 2}) close(fd);
              const Directory own = Directory::open(fs, directory.path());
              const File file = own.create_file("a");
              write_somewhere(STDOUT_FILENO);
              write_somewhere(STDERR_FILENO);
            }),
            0);
  EXPECT_EQ(content("a"), "");
}

TEST_F(FileTest, ReadsLessOnlyAtItsEnd) {
  write("a", "0123456789");
  const File file = directory.open_file("a");
  EXPECT_EQ(read(file, 7, 100), "789");
  EXPECT_EQ(read(file, 10, 1), "");
  EXPECT_EQ(read(file, 1000, 1), "");
}

TEST_F(FileTest, AnExactReadPastTheEndSaysThatTheFileIsTooShort) {
  write("a", "0123456789");
  const File file = directory.open_file("a");
  std::array<char, 6> buffer{};
  const auto read_six_at = [&](std::uint64_t offset) {
    file.read_exactly(offset, ByteSpan(buffer.data(), buffer.size()));
  };
  read_six_at(4);
  EXPECT_EQ(std::string(buffer.data(), buffer.size()), "456789");
  expect_error(ErrorKind::kCorrupt, "expected 11 bytes or more", [&] { read_six_at(5); });
}

TEST_F(FileTest, ReadsAllUpToALimit) {
  write("a", "0123456789");
  const File file = directory.open_file("a");
  EXPECT_EQ(ByteView(file.read_all(10)).text(), "0123456789");
  expect_error(ErrorKind::kCorrupt, "at most 9 bytes", [&] { file.read_all(9); });
}

TEST_F(FileTest, AbsorbsShortReads) {
  write("a", "0123456789");
  fs->shorten_transfers(3);
  EXPECT_EQ(ByteView(directory.open_file("a").read_all(100)).text(), "0123456789");
  EXPECT_GE(fs->calls(Call::kRead), 4);
}

TEST_F(FileTest, AbsorbsShortWrites) {
  fs->shorten_transfers(3);
  write("a", "0123456789");
  EXPECT_EQ(fs->calls(Call::kWrite), 4);
  EXPECT_EQ(content("a"), "0123456789");
}

TEST_F(FileTest, AbsorbsInterruptions) {
  fs->interrupt_everything();
  fs->shorten_transfers(4);
  File file = directory.open_or_create("a");
  ASSERT_TRUE(file.try_lock());
  file.write_at(0, bytes("0123456789"));
  file.truncate(9);
  EXPECT_EQ(read(file, 0, 100), "012345678");
  file.sync();
  file.close();
  EXPECT_EQ(content("a"), "012345678");
}

TEST_F(FileTest, AWriteThatTakesNothingIsAnErrorAndNotAnEndlessLoop) {
  File file = directory.create_file("a");
  fs->shorten_transfers(0);
  expect_error(ErrorKind::kIo, "takes no bytes", [&] { file.write_at(0, bytes("x")); });
}

TEST_F(FileTest, AFailedCallNamesTheFileAndTheReason) {
  File file = directory.open_or_create("a");
  file.write_at(0, bytes("abc"));
  fs->fail(Call::kRead, EIO);
  expect_error(ErrorKind::kIo, path("a") + ": cannot read", [&] { read(file, 0, 3); });
  fs->fail(Call::kWrite, ENOSPC);
  expect_error(ErrorKind::kNoSpace, path("a") + ": cannot write",
               [&] { file.write_at(0, bytes("x")); });
  fs->fail(Call::kTruncate, EIO);
  expect_error(ErrorKind::kIo, path("a"), [&] { file.truncate(1); });
  fs->fail(Call::kStat, EIO);
  expect_error(ErrorKind::kIo, path("a"), [&] { file.size(); });
  fs->fail(Call::kFlock, ENOLCK);
  expect_error(ErrorKind::kIo, path("a"), [&] { file.try_lock(); });
  EXPECT_EQ(read(file, 0, 3), "abc");
}

TEST_F(FileTest, ANoSpaceInTheMiddleOfAWriteIsAnError) {
  File file = directory.create_file("a");
  fs->shorten_transfers(4);
  fs->fail(Call::kWrite, ENOSPC, 2);
  expect_error(ErrorKind::kNoSpace, "", [&] { file.write_at(0, bytes("0123456789")); });
}

TEST_F(FileTest, NeverRetriesAFailedSync) {
  File file = directory.create_file("a");
  file.write_at(0, bytes("abc"));
  fs->fail(Call::kFsync, EIO);
  expect_error(ErrorKind::kIo, "durable", [&] { file.sync(); });
  EXPECT_EQ(fs->calls(Call::kFsync), 1);
}

TEST_F(FileTest, ASyncAfterAFailedOneFailsWithoutAskingTheKernelAgain) {
  File file = directory.create_file("a");
  fs->fail(Call::kFsync, ENOSPC);
  expect_error(ErrorKind::kNoSpace, "", [&] { file.sync(); });
  expect_error(ErrorKind::kNoSpace, "", [&] { file.sync(); });
  File moved = std::move(file);
  expect_error(ErrorKind::kNoSpace, "", [&] { moved.sync(); });
  EXPECT_EQ(fs->calls(Call::kFsync), 1);
}

TEST_F(FileTest, AnInterruptedSyncIsAFailedSync) {
  File file = directory.create_file("a");
  fs->fail(Call::kFsync, EINTR);
  expect_error(ErrorKind::kIo, "durable", [&] { file.sync(); });
  EXPECT_EQ(fs->calls(Call::kFsync), 1);
}

TEST_F(FileTest, AFailedCloseIsReportedOnceAndNeverRetried) {
  File file = directory.create_file("a");
  fs->fail(Call::kClose, EIO);
  expect_error(ErrorKind::kIo, "cannot close", [&] { file.close(); });
  file.close();
  { const File gone = std::move(file); }
  EXPECT_EQ(fs->calls(Call::kClose), 1);
}

TEST_F(FileTest, AnInterruptedCloseHasClosed) {
  File file = directory.create_file("a");
  fs->fail(Call::kClose, EINTR);
  file.close();
  EXPECT_EQ(fs->calls(Call::kClose), 1);
}

TEST_F(FileTest, ClosesWhenItGoesOutOfScopeAndWhenItIsReplaced) {
  {
    File a = directory.create_file("a");
    a = directory.create_file("b");
    a.write_at(0, bytes("b"));
    EXPECT_EQ(fs->calls(Call::kClose), 1);
  }
  EXPECT_EQ(fs->calls(Call::kClose), 2);
  EXPECT_EQ(content("a"), "");
  EXPECT_EQ(content("b"), "b");
}

TEST_F(FileTest, AClosedFileIsAnErrorToUse) {
  File file = directory.create_file("a");
  file.close();
  expect_error(ErrorKind::kIo, "Bad file descriptor", [&] { file.write_at(0, bytes("x")); });
  expect_error(ErrorKind::kIo, "Bad file descriptor", [&] { file.size(); });
}

TEST_F(FileTest, TruncatesBothWays) {
  File file = directory.open_or_create("a");
  file.write_at(0, bytes("abcdef"));
  file.truncate(2);
  file.truncate(4);
  EXPECT_EQ(read(file, 0, 10), std::string("ab\0\0", 4));
}

TEST_F(FileTest, IsLockedByOneOpenAtATime) {
  File first = directory.open_or_create("LOCK");
  File second = directory.open_or_create("LOCK");
  EXPECT_TRUE(first.try_lock());
  EXPECT_FALSE(second.try_lock());
  first.close();
  EXPECT_TRUE(second.try_lock());
}

TEST_F(FileTest, IsWrittenByManyThreadsAtOnce) {
  constexpr std::size_t kThreads = 4, kPart = 10000;
  File file = directory.create_file("a");
  fs->shorten_transfers(777);
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kThreads; ++i) {
    writers.emplace_back([&file, i] {
      file.write_at(i * kPart, bytes(std::string(kPart, static_cast<char>('a' + i))));
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(content("a"), std::string(kPart, 'a') + std::string(kPart, 'b') +
                              std::string(kPart, 'c') + std::string(kPart, 'd'));
}

TEST_F(FileTest, OneToBeWrittenIsClosedInAChild) {
  File file = directory.create_file("a");
  const File opened = directory.open_or_create("b");
  const std::string open_files = "/proc/self/fd";
  const auto count = [&] {
    const auto has = [&](const std::string& name) {
      std::error_code gone;
      int found = 0;
      for (const auto& entry : std::filesystem::directory_iterator(open_files))
        if (std::filesystem::read_symlink(entry.path(), gone) == path(name)) ++found;
      return std::to_string(found);
    };
    return has("a") + has("b");
  };
  EXPECT_EQ(count(), "11");
  EXPECT_EQ(told_by_child(count), "00");
  EXPECT_THAT(told_by_child([&] {
                file.write_at(0, bytes("child"));
                return std::string("written");
              }),
              HasSubstr("a: cannot use the file in a forked process: expected the process that"));
  EXPECT_EQ(told_by_child([&] {
              file.write_from_signal_handler(0, bytes("child"));
              file.close();
              return std::string("nothing");
            }),
            "nothing");
  file.write_at(0, bytes("parent"));
  file.close();
  EXPECT_EQ(content("a"), "parent");
}

TEST_F(FileTest, OneToBeReadIsReadInAChildToo) {
  write("a", "0123");
  const File file = directory.open_file("a");
  EXPECT_EQ(told_by_child([&] { return read(file, 1, 2); }), "12");
}

TEST_F(FileTest, ALockIsNoChilds) {
  File file = directory.open_or_create("a");
  ASSERT_TRUE(file.try_lock());
  const auto is_free = [&] {
    return std::string(directory.open_file("a").try_lock() ? "free" : "taken");
  };
  // What the child closes is not the parent's lock.
  EXPECT_EQ(told_by_child([&] {
              file.close();
              return is_free();
            }),
            "taken");
  EXPECT_EQ(is_free(), "taken");
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = testing::start_idle_child(ends);
  file.close();
  EXPECT_EQ(is_free(), "free");
  close(ends[1]);
  EXPECT_EQ(testing::wait_for_child(child), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace holdfast
