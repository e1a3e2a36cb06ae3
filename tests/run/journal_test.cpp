#include <holdfast/checkpoint/run/journal.h>

#include <string>

#include "run/run_fixture.h"
#include "support/child.h"

namespace holdfast {
namespace {

using testing::Call;

class JournalTest : public testing::StoreTest {
 protected:
  std::string content() const {
    return std::string(
        ByteView(Directory::open(posix_file_system(), run()).open_file("log").read_all(1 << 20))
            .text());
  }

  Directory directory = Directory::create(fs, run());
};

TEST_F(JournalTest, IsNoFileOfTheRunItself) {
  for (const char* name : {"LOCK", "events.jsonl", "failures.log", "RESTORED"})
    testing::expect_error(ErrorKind::kInvalidArgument, name, [&] { Journal(directory, name); });
}

TEST_F(JournalTest, GoesOnBehindWhatIsThere) {
  Journal(directory, "log").append("one\n");
  Journal journal(directory, "log");
  journal.append("two\n");
  EXPECT_EQ(content(), "one\ntwo\n");
  EXPECT_EQ(journal.mark().bytes, 8u);
}

TEST_F(JournalTest, IsCutBackToItsMark) {
  Journal journal(directory, "log");
  journal.append("one\n");
  const auto mark = journal.mark();
  journal.append("two\n");
  EXPECT_TRUE(journal.cut_back(mark));
  journal.append("three\n");
  EXPECT_EQ(content(), "one\nthree\n");
}

TEST_F(JournalTest, IsNotCutBackToWhatItNeverWas) {
  Journal journal(directory, "log");
  journal.append("one\n");
  EXPECT_FALSE(journal.cut_back({"log", 3, digest_of(ByteView("two"))}));
  EXPECT_FALSE(journal.cut_back({"log", 30, digest_of(ByteView("two"))}));
  EXPECT_EQ(content(), "one\n");
}

// The kernel may have dropped the pages whose writing failed: that they can still be read from its
// cache proves nothing.
TEST_F(JournalTest, WritesAFileAnewWhoseFsyncFailed) {
  Journal journal(directory, "log");
  journal.append("one\n");
  journal.sync();
  journal.append("two\n");
  fs->fail(Call::kFsync, EIO);
  testing::expect_error(ErrorKind::kIo, "log", [&] { journal.sync(); });
  journal.append("three\n");
  const File before = directory.open_file("log");
  journal.sync();
  EXPECT_EQ(content(), "one\ntwo\nthree\n");
  EXPECT_EQ(fs->log().back(), "fsync");
  journal.append("four\n");
  EXPECT_EQ(content(), "one\ntwo\nthree\nfour\n");
  EXPECT_EQ(std::string(ByteView(before.read_all(100)).text()), "one\ntwo\nthree\n");
}

// The disk is full for a while: training goes on, and the next save has it all.
TEST_F(JournalTest, MakesUpForAWriteThatFailed) {
  Journal journal(directory, "log");
  journal.append("one\n");
  journal.sync();
  fs->fail(Call::kWrite, ENOSPC, 1, 2);
  journal.append("two\n");
  testing::expect_error(ErrorKind::kNoSpace, "log", [&] { journal.sync(); });
  journal.append("three\n");
  journal.sync();
  EXPECT_EQ(content(), "one\ntwo\nthree\n");
}

TEST_F(JournalTest, TriesToWriteItAnewUntilItSucceeds) {
  Journal journal(directory, "log");
  journal.append("one\n");
  fs->fail(Call::kFsync, EIO, 1, 3);
  for (int i = 0; i < 3; ++i) testing::expect_error(ErrorKind::kIo, "log", [&] { journal.sync(); });
  journal.sync();
  EXPECT_EQ(content(), "one\n");
}

TEST_F(JournalTest, IsCutBackAnewAfterAFailedFsync) {
  Journal journal(directory, "log");
  journal.append("one\n");
  const auto mark = journal.mark();
  journal.append("two\n");
  fs->fail(Call::kFsync, EIO);
  testing::expect_error(ErrorKind::kIo, "log", [&] { journal.cut_back(mark); });
  EXPECT_TRUE(journal.cut_back(mark));
  EXPECT_EQ(content(), "one\n");
  EXPECT_THAT(fs->log(), ::testing::Contains("rename .new-log log"));
  journal.append("three\n");
  EXPECT_EQ(content(), "one\nthree\n");
}

TEST_F(JournalTest, SaysSoWhenItCannotBeWrittenAnewBecauseItWasAltered) {
  Journal journal(directory, "log");
  journal.append("one\n");
  journal.sync();
  fs->fail(Call::kFsync, EIO);
  testing::expect_error(ErrorKind::kIo, "log", [&] { journal.sync(); });
  directory.open_or_create("log").write_at(0, ByteView("two"));
  testing::expect_error(ErrorKind::kCorrupt, "was altered", [&] { journal.sync(); });
}

TEST_F(JournalTest, IsNotWrittenByAChild) {
  Journal journal(directory, "log");
  journal.append("one\n");
  const auto mark = journal.mark();
  const auto refused = [&](const auto& change) {
    EXPECT_THAT(testing::told_by_child([&] {
                  change();
                  return std::string("changed");
                }),
                ::testing::HasSubstr("log: the journal is written by another process"));
  };
  refused([&] { journal.append("child\n"); });
  refused([&] { journal.sync(); });
  refused([&] { journal.clear(); });
  refused([&] { journal.cut_back(mark); });
  journal.append("two\n");
  journal.sync();
  EXPECT_EQ(content(), "one\ntwo\n");
}

}  // namespace
}  // namespace holdfast
