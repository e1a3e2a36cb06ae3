#include <holdfast/checkpoint/protocol/supervision.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "run/run_fixture.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SupervisionTest : public testing::StoreTest {
 protected:
  ~SupervisionTest() override { unsetenv(kRunsFileVariable); }

  void supervise(const std::string& path) { setenv(kRunsFileVariable, path.c_str(), 1); }
  void put(const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
  std::string content() const {
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  Directory make(const std::string& name) { return Directory::create(fs, temporary / name); }
  std::string real(const std::string& name) const {
    return std::filesystem::canonical(temporary / name).string();
  }

  std::string file = temporary / "runs";
};

TEST_F(SupervisionTest, ARunIsAnnouncedByItsAbsolutePathInALine) {
  put("");
  supervise(file);
  announce_run(make("a"));
  announce_run(make("b"));
  EXPECT_EQ(content(), real("a") + "\n" + real("b") + "\n");
}

TEST_F(SupervisionTest, ARelativePathIsAnnouncedAsAnAbsoluteOne) {
  put("");
  supervise(file);
  make("run");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(temporary.path());
  announce_run(Directory::open(fs, "run"));
  std::filesystem::current_path(before);
  EXPECT_EQ(content(), real("run") + "\n");
}

TEST_F(SupervisionTest, NothingIsAnnouncedWithoutASupervisor) {
  put("");
  unsetenv(kRunsFileVariable);
  announce_run(make("run"));
  supervise("");
  announce_run(make("run"));
  EXPECT_EQ(content(), "");
}

TEST_F(SupervisionTest, AFileThatIsGoneIsNotMadeAgain) {
  supervise(file);
  announce_run(make("run"));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(SupervisionTest, ARunWhosePathTakesTwoLinesIsNotAnnounced) {
  put("");
  supervise(file);
  announce_run(make("a\nb"));
  EXPECT_EQ(content(), "");
}

TEST_F(SupervisionTest, ARunThatIsGoneFailsNothing) {
  put("");
  supervise(file);
  const Directory run = make("run");
  std::filesystem::remove(run.path());
  announce_run(run);
  EXPECT_EQ(content(), "");
}

TEST_F(SupervisionTest, AnnouncingMakesNoCallOfTheRunsFileSystem) {
  put("");
  supervise(file);
  const Directory run = make("run");
  fs->fail(testing::Call::kOpen, EIO);
  fs->fail(testing::Call::kWrite, EIO);
  announce_run(run);
  EXPECT_EQ(content(), real("run") + "\n");
}

TEST_F(SupervisionTest, EachRunIsReadOnceInTheOrderOfTheFirst) {
  put("/runs/b\n/runs/a\n/runs/b\n");
  EXPECT_THAT(read_announced_runs(file), ElementsAre("/runs/b", "/runs/a"));
}

TEST_F(SupervisionTest, ALineThatIsNotCompleteIsPassedOver) {
  put("/runs/a\n/runs/b");
  EXPECT_THAT(read_announced_runs(file), ElementsAre("/runs/a"));
}

TEST_F(SupervisionTest, WhatIsNoAbsolutePathIsPassedOver) {
  put("\nruns/a\n \n/runs/b\n");
  EXPECT_THAT(read_announced_runs(file), ElementsAre("/runs/b"));
}

TEST_F(SupervisionTest, NoRunsAreReadFromAnEmptyFile) {
  put("");
  EXPECT_THAT(read_announced_runs(file), IsEmpty());
}

TEST_F(SupervisionTest, AFileThatCannotBeReadIsAnError) {
  testing::expect_error(ErrorKind::kNotFound, file, [&] { read_announced_runs(file); });
}

}  // namespace
}  // namespace holdfast
