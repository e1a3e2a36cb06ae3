#include <holdfast/checkpoint/storage/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "storage/storage_fixture.h"
#include "support/child.h"
#include "support/hooked_file_system.h"

namespace holdfast {
namespace {

using testing::bytes;
using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::FaultFileSystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::told_by_child;

class DirectoryTest : public testing::IoTest {
 protected:
  void make_link(const std::string& target, const std::string& name) {
    ASSERT_EQ(symlink(target.c_str(), path(name).c_str()), 0);
  }
  void make_fifo(const std::string& name) { ASSERT_EQ(mkfifo(path(name).c_str(), 0600), 0); }
  void make_tree(const std::string& name) {
    const Directory tree = directory.make_directory(name);
    tree.create_file("file");
    tree.make_directory("inner").create_file("file");
    ASSERT_EQ(symlink(path("outside").c_str(), (path(name) + "/link").c_str()), 0);
  }
  std::vector<std::string> entries() const { return directory.list(); }
};

TEST_F(DirectoryTest, KnowsItselfByAnotherPath) {
  directory.make_directory("a");
  const Directory a = directory.open_directory("a");
  EXPECT_TRUE(a.is_same_as(Directory::open(fs, path("a/../a"))));
  EXPECT_FALSE(a.is_same_as(directory));
}

TEST_F(DirectoryTest, OpensWhatIsThere) {
  const Directory again = Directory::open(fs, temporary.path().string());
  EXPECT_EQ(again.path(), temporary.path().string());
  expect_error(ErrorKind::kNotFound, path("missing"),
               [&] { Directory::open(fs, path("missing")); });
}

TEST_F(DirectoryTest, AFileIsNoDirectory) {
  write("a", "");
  expect_error(ErrorKind::kExists, "expected a directory", [&] { Directory::open(fs, path("a")); });
  expect_error(ErrorKind::kExists, path("a"), [&] { Directory::create(fs, path("a")); });
  expect_error(ErrorKind::kExists, path("a"), [&] { directory.open_directory("a"); });
  expect_error(ErrorKind::kExists, path("a"), [&] { directory.ensure_directory("a"); });
}

TEST_F(DirectoryTest, CreatesWhatIsMissingAndItsParents) {
  const Directory made = Directory::create(fs, path("a/b//c/"));
  EXPECT_EQ(made.path(), path("a/b//c/"));
  EXPECT_TRUE(std::filesystem::is_directory(path("a/b/c")));
  Directory::create(fs, path("x/../y"));
  EXPECT_THAT(entries(), ElementsAre("a", "x", "y"));
}

TEST_F(DirectoryTest, CreatesRelativeToTheCurrentDirectory) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(temporary.path());
  Directory::create(fs, "a/b");
  Directory::create(fs, "c");
  Directory::create(fs, ".");
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::is_directory(path("a/b")));
  EXPECT_THAT(entries(), ElementsAre("a", "c"));
}

TEST_F(DirectoryTest, SyncsEachDirectoryMadeIntoItsParent) {
  Directory::create(fs, path("a/b/c"));
  const auto log = fs->log();
  for (const std::string name : {"a", "b", "c"}) {
    auto made = std::find(log.begin(), log.end(), "mkdir " + name);
    ASSERT_NE(made, log.end());
    EXPECT_THAT(std::vector<std::string>(made + 1, made + 3), ElementsAre("open " + name, "fsync"));
  }
}

TEST_F(DirectoryTest, ADirectoryThatCouldNotBeSyncedIntoItsParentIsAnError) {
  fs->fail(Call::kFsync, EIO, 2);  // the first is of the parent of what existed
  expect_error(ErrorKind::kIo, "durable", [&] { Directory::create(fs, path("a")); });
}

TEST_F(DirectoryTest, AnUnsyncedDirectoryOfAKilledProcessIsMadeDurableByTheNext) {
  directory.make_directory("a");
  Directory::create(fs, path("a"));
  EXPECT_EQ(fs->calls(Call::kFsync), 1);
}

TEST_F(DirectoryTest, FailsToCreateWithoutAName) {
  expect_error(ErrorKind::kNotFound, "", [&] { Directory::create(fs, ""); });
}

TEST_F(DirectoryTest, RefusesNamesThatLeadElsewhere) {
  for (const std::string& name : std::vector<std::string>{"", ".", "..", "/", "a/b", "/etc", "../x",
                                                          std::string("a\0b", 3)}) {
    const auto refuses = [&](auto action) {
      expect_error(ErrorKind::kInvalidArgument, "", action);
    };
    refuses([&] { directory.open_file(name); });
    refuses([&] { directory.create_file(name); });
    refuses([&] { directory.create_direct(name); });
    refuses([&] { directory.open_or_create(name); });
    refuses([&] { directory.open_directory(name); });
    refuses([&] { directory.make_directory(name); });
    refuses([&] { directory.ensure_directory(name); });
    refuses([&] { directory.type_of(name); });
    refuses([&] { directory.rename(name, directory, "a"); });
    refuses([&] { directory.rename("a", directory, name); });
    refuses([&] { directory.replace_file(name, {}); });
    refuses([&] { directory.remove_file(name); });
    refuses([&] { directory.remove_tree(name); });
  }
}

TEST_F(DirectoryTest, MakesADirectoryOnce) {
  directory.make_directory("a").create_file("inside");
  expect_error(ErrorKind::kExists, path("a"), [&] { directory.make_directory("a"); });
  EXPECT_THAT(directory.ensure_directory("a").list(), ElementsAre("inside"));
  EXPECT_THAT(directory.ensure_directory("b").list(), IsEmpty());
}

TEST_F(DirectoryTest, NeverFollowsALink) {
  write("target", "secret");
  directory.make_directory("inner");
  make_link("target", "file_link");
  make_link("inner", "directory_link");
  make_link("nowhere", "dangling");
  expect_error(ErrorKind::kCorrupt, "regular file", [&] { directory.open_file("file_link"); });
  expect_error(ErrorKind::kExists, "regular file", [&] { directory.open_or_create("dangling"); });
  expect_error(ErrorKind::kExists, "", [&] { directory.create_file("dangling"); });
  expect_error(ErrorKind::kExists, "", [&] { directory.open_directory("directory_link"); });
  expect_error(ErrorKind::kExists, "", [&] { directory.ensure_directory("dangling"); });
  EXPECT_EQ(directory.type_of("file_link"), FileType::kOther);
  EXPECT_EQ(directory.type_of("nowhere"), std::nullopt);
}

TEST_F(DirectoryTest, FollowsLinksInThePathThatItIsGiven) {
  directory.make_directory("disk").create_file("inside");
  make_link("disk", "runs");
  EXPECT_THAT(Directory::open(fs, path("runs")).list(), ElementsAre("inside"));
  EXPECT_THAT(Directory::create(fs, path("runs/a")).list(), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_directory(path("disk/a")));
}

TEST_F(DirectoryTest, OpensOnlyRegularFiles) {
  make_fifo("fifo");
  directory.make_directory("inner");
  for (const std::string name : {"fifo", "inner"}) {
    expect_error(ErrorKind::kCorrupt, "regular file", [&] { directory.open_file(name); });
    expect_error(ErrorKind::kExists, "regular file", [&] { directory.open_or_create(name); });
    expect_error(ErrorKind::kExists, path(name), [&] { directory.create_file(name); });
  }
  expect_error(ErrorKind::kNotFound, path("missing"), [&] { directory.open_file("missing"); });
}

TEST_F(DirectoryTest, LeavesNoDescriptorBehindWhenItRefuses) {
  make_fifo("fifo");
  const int opened = fs->calls(Call::kOpen) - fs->calls(Call::kClose);
  expect_error(ErrorKind::kCorrupt, "", [&] { directory.open_file("fifo"); });
  fs->fail(Call::kStat, EIO);
  expect_error(ErrorKind::kIo, "", [&] { directory.open_or_create("a"); });
  EXPECT_EQ(fs->calls(Call::kOpen) - fs->calls(Call::kClose), opened);
}

TEST_F(DirectoryTest, OpensOrCreatesWithoutLosingContent) {
  directory.open_or_create("a").write_at(0, bytes("abc"));
  EXPECT_EQ(directory.open_or_create("a").size(), 3u);
}

TEST_F(DirectoryTest, KnowsWhatItsEntriesAre) {
  write("file", "");
  directory.make_directory("inner");
  make_fifo("fifo");
  EXPECT_EQ(directory.type_of("file"), FileType::kRegular);
  EXPECT_EQ(directory.type_of("inner"), FileType::kDirectory);
  EXPECT_EQ(directory.type_of("fifo"), FileType::kOther);
  EXPECT_EQ(directory.type_of("missing"), std::nullopt);
  fs->fail(Call::kStatAt, EACCES);
  expect_error(ErrorKind::kPermission, path("file"), [&] { directory.type_of("file"); });
}

TEST_F(DirectoryTest, ListsItsEntriesSortedAndAgain) {
  for (const std::string name : {"b", "a", ".hidden", "c"}) write(name, "");
  EXPECT_THAT(entries(), ElementsAre(".hidden", "a", "b", "c"));
  EXPECT_THAT(entries(), ElementsAre(".hidden", "a", "b", "c"));
  fs->fail(Call::kList, EIO);
  expect_error(ErrorKind::kIo, "cannot list", [&] { directory.list(); });
}

TEST_F(DirectoryTest, AbsorbsInterruptions) {
  fs->interrupt_everything();
  directory.ensure_directory("inner");
  write("a", "abc");
  directory.rename("a", directory, "b");
  EXPECT_THAT(entries(), ElementsAre("b", "inner"));
  directory.remove_tree("inner");
  EXPECT_THAT(entries(), ElementsAre("b"));
}

TEST_F(DirectoryTest, NeverRetriesAFailedSync) {
  fs->fail(Call::kFsync, EIO);
  expect_error(ErrorKind::kIo, "durable", [&] { directory.sync(); });
  EXPECT_EQ(fs->calls(Call::kFsync), 1);
}

TEST_F(DirectoryTest, RenamesBetweenDirectories) {
  write("a", "abc");
  const Directory inner = directory.make_directory("inner");
  directory.rename("a", inner, "b");
  EXPECT_THAT(inner.list(), ElementsAre("b"));
  expect_error(ErrorKind::kNotFound, path("a"), [&] { directory.rename("a", inner, "c"); });
}

TEST_F(DirectoryTest, NeverRenamesOntoWhatIsThere) {
  write("a", "a");
  write("file", "old");
  directory.make_directory("empty");
  for (const std::string target : {"file", "empty"}) {
    expect_error(ErrorKind::kExists, path(target),
                 [&] { directory.rename("a", directory, target); });
  }
  EXPECT_EQ(content("file"), "old");
  EXPECT_EQ(content("a"), "a");
}

TEST_F(DirectoryTest, NeverRenamesOntoWhatIsThereWhereTheFileSystemCannotPromiseIt) {
  directory.make_directory("a");
  directory.make_directory("empty");
  for (const int errnum : {EINVAL, ENOSYS}) {
    fs->fail(Call::kRename, errnum);
    expect_error(ErrorKind::kExists, path("empty"),
                 [&] { directory.rename("a", directory, "empty"); });
  }
  fs->fail(Call::kRename, EINVAL);
  directory.rename("a", directory, "b");
  EXPECT_THAT(entries(), ElementsAre("b", "empty"));
}

TEST_F(DirectoryTest, StaysOpenWhenItIsRenamed) {
  const Directory inner = directory.make_directory("inner");
  inner.create_file("file").write_at(0, bytes("abc"));
  directory.rename("inner", directory, "elsewhere");
  EXPECT_EQ(ByteView(inner.open_file("file").read_all(10)).text(), "abc");
}

TEST_F(DirectoryTest, ReplacesAFileAsOne) {
  directory.replace_file("a", bytes("old"));
  EXPECT_EQ(content("a"), "old");
  directory.replace_file("a", bytes("new"));
  EXPECT_EQ(content("a"), "new");
  EXPECT_THAT(entries(), ElementsAre("a"));
}

TEST_F(DirectoryTest, ReplacesASharedFileBesideAnotherWriter) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  const Directory same = Directory::open(hooked, directory.path());
  hooked->before_rename = [&](const std::string&) {
    directory.replace_shared_file("a", bytes("other's"));
  };
  same.replace_shared_file("a", bytes("own"));
  EXPECT_EQ(content("a"), "own");
  EXPECT_THAT(entries(), ElementsAre("a"));
}

// Whichever call is the last that reaches the disk, the file is the old or the new one.
TEST_F(DirectoryTest, AReplacedFileIsOldOrNewWhereverTheProcessDies) {
  directory.replace_file("a", bytes("old"));
  const int before = fs->calls();
  directory.replace_file("a", bytes("old"));
  const int calls = fs->calls() - before;
  for (int kth = 1; kth <= calls; ++kth) {
    fs->die_at(kth);
    expect_error(ErrorKind::kIo, "", [&] { directory.replace_file("a", bytes("new")); });
    fs->heal();
    EXPECT_THAT(content("a"), ::testing::AnyOf("old", "new")) << "dead at call " << kth;
    directory.replace_file("a", bytes("old"));
    EXPECT_THAT(entries(), ElementsAre("a")) << "dead at call " << kth;
  }
}

TEST_F(DirectoryTest, AFileIsReplacedOnlyOnceItsContentIsDurable) {
  directory.replace_file("a", bytes("old"));
  fs->fail(Call::kFsync, EIO);
  expect_error(ErrorKind::kIo, "durable", [&] { directory.replace_file("a", bytes("new")); });
  EXPECT_EQ(content("a"), "old");
  EXPECT_THAT(entries(), ElementsAre("a"));
}

TEST_F(DirectoryTest, RemovesAFile) {
  write("a", "");
  directory.remove_file("a");
  EXPECT_THAT(entries(), IsEmpty());
  expect_error(ErrorKind::kNotFound, path("a"), [&] { directory.remove_file("a"); });
}

TEST_F(DirectoryTest, RemovesATreeButNotWhatItsLinksLeadTo) {
  directory.make_directory("outside").create_file("precious");
  make_tree("tree");
  directory.remove_tree("tree");
  directory.remove_tree("tree");
  EXPECT_THAT(entries(), ElementsAre("outside"));
  EXPECT_THAT(directory.open_directory("outside").list(), ElementsAre("precious"));
}

TEST_F(DirectoryTest, RemovesALinkToATreeAndNotTheTree) {
  make_tree("tree");
  make_link("tree", "link");
  directory.remove_tree("link");
  EXPECT_THAT(entries(), ElementsAre("tree"));
  EXPECT_EQ(directory.open_directory("tree").list().size(), 3u);
}

TEST_F(DirectoryTest, WhatVanishesWhileATreeIsRemovedIsNoError) {
  make_tree("tree");
  fs->fail(Call::kUnlink, ENOENT, 1, FaultFileSystem::kForever);
  directory.remove_tree("tree");
  fs->heal();
  fs->fail(Call::kOpen, ENOENT);
  fs->fail(Call::kUnlink, ENOENT);
  directory.remove_tree("tree");
  fs->fail(Call::kUnlink, EACCES);
  expect_error(ErrorKind::kPermission, path("tree"), [&] { directory.remove_tree("tree"); });
}

TEST_F(DirectoryTest, RemovesAnEmptyDirectoryWithoutAFileDescriptor) {
  directory.make_directory("empty");
  fs->fail(Call::kOpen, EMFILE, 1, FaultFileSystem::kForever);
  directory.remove_tree("empty");
  EXPECT_FALSE(directory.type_of("empty"));
  fs->heal();
  make_tree("tree");
  fs->fail(Call::kOpen, EMFILE, 1, FaultFileSystem::kForever);
  expect_error(ErrorKind::kIo, "Too many open files", [&] { directory.remove_tree("tree"); });
}

TEST_F(DirectoryTest, IsReadInAChildAndNotChangedThere) {
  write("a", "parent");
  make_tree("tree");
  const std::string names = told_by_child([&] {
    std::string all;
    for (const std::string& name : directory.list()) all += name + " ";
    return all + directory.open_directory("tree").list().front();
  });
  EXPECT_EQ(names.rfind("a tree ", 0), 0u) << names;
  const auto refused = [&](const auto& change) {
    EXPECT_THAT(told_by_child([&] {
                  change();
                  return std::string("changed");
                }),
                HasSubstr("cannot change the directory in a forked process"));
  };
  refused([&] { directory.create_file("b"); });
  refused([&] { directory.open_or_create("b"); });
  refused([&] { directory.make_directory("b"); });
  refused([&] { directory.ensure_directory("b"); });
  refused([&] { directory.rename("a", directory, "b"); });
  refused([&] { directory.replace_file("a", bytes("child")); });
  refused([&] { directory.replace_shared_file("a", bytes("child")); });
  refused([&] { directory.remove_file("a"); });
  refused([&] { directory.remove_tree("tree"); });
  refused([&] { directory.sync(); });
  EXPECT_THAT(directory.list(), ElementsAre("a", "tree"));
  EXPECT_EQ(content("a"), "parent");
  EXPECT_EQ(told_by_child([&] {
              Directory::open(posix_file_system(), directory.path()).remove_file("a");
              return std::string("its own");
            }),
            "its own");
}

}  // namespace
}  // namespace holdfast
