// The model of a crash, on programs small enough to list what it can leave.
#include <fcntl.h>

#include <cerrno>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "disk/crash_states.h"
#include "disk/memory_file_system.h"

namespace holdfast::testing {
namespace {

using ::testing::UnorderedElementsAre;

// "a=text b/ b/c=": files with their content and directories, by path.
std::string listing(const Disk& disk, NodeId id = kRoot, const std::string& path = "") {
  std::string text;
  for (const auto& [name, child] : disk.find(id)->entries) {
    const Node& node = *disk.find(child);
    const std::string content(reinterpret_cast<const char*>(node.bytes.data()), node.bytes.size());
    if (!text.empty()) text += ' ';
    text += path + name + (node.directory ? "/" : "=" + content);
    const std::string below = listing(disk, child, path + name + "/");
    if (!below.empty()) text += " " + below;
  }
  return text;
}

const CrashOptions kNothingTorn = {12, 0, 0, 0, 1};

// Sectors, or pages, of a file: one of x for each x in the pattern, one of zeros for each 0.
std::string units(std::size_t bytes, const std::string& pattern) {
  std::string text;
  for (const char c : pattern) text += std::string(bytes, c == '0' ? '\0' : c);
  return text;
}

class CrashModel : public ::testing::Test {
 protected:
  std::set<std::string> states(const CrashOptions& options = {}) const {
    std::set<std::string> found;
    for_each_crash_state(Disk(), {fs.log()}, options,
                         [&](const CrashState& state) { found.insert(listing(state.disk)); });
    return found;
  }
  int create(const char* path) { return fs.open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600); }
  int directory(const char* path) { return fs.open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0); }
  void write(int fd, const std::string& text, std::uint64_t offset = 0) {
    fs.pwrite(fd, text.data(), text.size(), offset);
  }

  MemoryFileSystem fs;
};

TEST_F(CrashModel, KeepsOrLosesWhatWasNotFsynced) {
  write(create("a"), "1");
  EXPECT_THAT(states(kNothingTorn), UnorderedElementsAre("", "a=", "a=1"));
}

TEST_F(CrashModel, LosesTheNameOfAFileThatWasFsynced) {
  const int a = create("a");
  write(a, "1");
  fs.fsync(a);
  EXPECT_THAT(states(kNothingTorn), UnorderedElementsAre("", "a=", "a=1"));
  fs.mark(1);
  std::set<std::string> after;
  for_each_crash_state(Disk(), {fs.log()}, kNothingTorn, [&](const CrashState& state) {
    if (state.mark == 1) after.insert(listing(state.disk));
  });
  EXPECT_THAT(after, UnorderedElementsAre("", "a=1"));
}

TEST_F(CrashModel, ReordersARenameAndTheDataBeforeIt) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, "1");
  fs.rename(AT_FDCWD, "a", AT_FDCWD, "b", 0);
  EXPECT_THAT(states(kNothingTorn), UnorderedElementsAre("", "a=", "a=1", "b=", "b=1"));
}

TEST_F(CrashModel, NeverLosesWhatIsRenamedBetweenDirectories) {
  fs.mkdir(AT_FDCWD, "d", 0700);
  create("a");
  fs.fsync(directory("/"));
  fs.mark(1);
  fs.rename(AT_FDCWD, "a", AT_FDCWD, "d/b", 0);
  for_each_crash_state(Disk(), {fs.log()}, kNothingTorn, [&](const CrashState& state) {
    if (state.mark == 1) {
      EXPECT_THAT(listing(state.disk), ::testing::HasSubstr("="));
    }
  });
  EXPECT_THAT(states(kNothingTorn), ::testing::IsSupersetOf({"a= d/ d/b=", "d/ d/b="}));
}

TEST_F(CrashModel, DoesNotTrustAnFsyncAfterOneThatFailed) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, "1");
  fs.fail_fsync(1);
  EXPECT_EQ(fs.fsync(a), -EIO);
  EXPECT_EQ(fs.fsync(a), 0);
  write(a, "2", 1);
  fs.fsync(a);
  EXPECT_THAT(states(kNothingTorn), UnorderedElementsAre("", "a=", "a=1", "a=12",
                                                         std::string("a=\0"
                                                                     "2",
                                                                     4)));
}

TEST_F(CrashModel, TearsWritesAtSectors) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, std::string(1024, 'x'));
  const std::set<std::string> found = states({12, 0, 200, 0, 1});
  const std::string half(512, 'x');
  const std::string zeros(512, '\0');
  EXPECT_THAT(found, ::testing::IsSupersetOf({std::string("a="), "a=" + half, "a=" + half + half,
                                              "a=" + half + zeros, "a=" + zeros + half,
                                              "a=" + zeros + zeros}));
}

TEST_F(CrashModel, CutsASmallWriteAtEachSector) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, units(512, "xxx"));
  std::set<std::string> expected = {"", "a="};
  for (const char* there : {"x", "xx", "xxx", "000", "x00", "xx0", "0xx", "x0x"})
    expected.insert("a=" + units(512, there));
  EXPECT_EQ(states({12, 0, 0, 3, 1}), expected);
}

TEST_F(CrashModel, CutsALargeWriteAtEachPage) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, units(4096, "xxx"));
  std::set<std::string> expected = {"", "a="};
  for (const char* there : {"x", "xx", "xxx", "000", "x00", "xx0", "0xx", "x0x"})
    expected.insert("a=" + units(4096, there));
  EXPECT_EQ(states({12, 0, 0, 3, 1}), expected);
  EXPECT_EQ(states({12, 0, 0, 2, 1}).size(), 3u);
}

TEST_F(CrashModel, CutsAWriteInTheMiddleOfAFileWhereItsSectorsAre) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, units(512, "ooo"));
  fs.fsync(a);
  fs.mark(1);
  write(a, std::string(512, 'x'), 256);
  std::set<std::string> after;
  for_each_crash_state(Disk(), {fs.log()}, {12, 0, 0, 2, 1}, [&](const CrashState& state) {
    if (state.mark == 1) after.insert(listing(state.disk));
  });
  EXPECT_THAT(after,
              UnorderedElementsAre("a=" + units(256, "oooooo"), "a=" + units(256, "oxoooo"),
                                   "a=" + units(256, "ooxooo"), "a=" + units(256, "oxxooo")));
}

TEST_F(CrashModel, CutsAWriteWithAllElseAndWithNothingButItsName) {
  create("other");
  fs.mkdir(AT_FDCWD, "d", 0700);
  write(create("d/a"), units(512, "xx"));
  const std::set<std::string> found = states({0, 0, 0, 8, 1});
  for (const char* there : {"x", "00", "x0", "0x"})
    EXPECT_THAT(found, ::testing::IsSupersetOf({"d/ d/a=" + units(512, there),
                                                "d/ d/a=" + units(512, there) + " other="}));
}

TEST_F(CrashModel, CutsAWriteOnceWhenItIsMade) {
  const int a = create("a");
  fs.fsync(directory("/"));
  write(a, units(512, "xx"));
  create("b");
  const std::set<std::string> found = states({12, 0, 0, 8, 1});
  EXPECT_THAT(found, ::testing::Contains("a=" + units(512, "x")));
  EXPECT_THAT(found, ::testing::Not(::testing::Contains("a=" + units(512, "x") + " b=")));
}

TEST_F(CrashModel, TriesEveryPairWhereAllSubsetsAreTooMany) {
  for (const char* name : {"a", "b", "c", "d"}) create(name);
  const std::set<std::string> some = states({0, 0, 0, 0, 1});
  EXPECT_THAT(some,
              ::testing::IsSupersetOf({"", "a= b= c= d=", "b= c= d=", "c= d=", "a= d=", "a="}));
  EXPECT_EQ(states(kNothingTorn).size(), 16u);
}

}  // namespace
}  // namespace holdfast::testing
