#include <holdfast/checkpoint/save/publish.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Syncs = std::vector<std::function<void()>>;

// A directory in which the checkpoint is to be called "done".
class OnePlace final : public CheckpointPlace {
 public:
  OnePlace(std::shared_ptr<FileSystem> fs, std::string path)
      : fs_(std::move(fs)), path_(std::move(path)) {}
  PendingCheckpoint begin(std::int64_t step) override {
    return {Directory::open(fs_, path_), ".pending", step};
  }
  void commit(PendingCheckpoint pending) override { pending.commit("done"); }

 private:
  std::shared_ptr<FileSystem> fs_;
  std::string path_;
};

class PublishTest : public ::testing::Test {
 protected:
  // What some writer made: the file, and its record.
  static format::FileRecord write(const PendingCheckpoint& pending, const std::string& name) {
    pending.directory().write_new_file(name, ByteView(name));
    return {name, name.size(), {digest_of(ByteView(name))}};
  }
  static format::Manifest manifest_of(std::vector<format::FileRecord> records) {
    format::Manifest manifest;
    manifest.step = 7;
    manifest.created = "2026-01-31T12:00:00.000Z";
    manifest.run_id = std::string(32, 'a');
    manifest.files = std::move(records);
    return manifest;
  }
  std::vector<std::string> entries() const {
    return Directory::open(posix_file_system(), temporary.path()).list();
  }

  testing::TemporaryDirectory temporary;
  std::shared_ptr<testing::FaultFileSystem> fs = std::make_shared<testing::FaultFileSystem>();
  OnePlace place{fs, temporary.path()};
  Workers workers{2};
};

TEST_F(PublishTest, VouchesForTheFilesOfSeveralWriters) {
  PendingCheckpoint pending = place.begin(7);
  const std::vector<format::FileRecord> records = {write(pending, "of-one-writer"),
                                                   write(pending, "of-another")};
  publish(place, std::move(pending), manifest_of(records), {}, workers);
  EXPECT_THAT(entries(), ElementsAre("done"));
  const Directory done = Directory::open(fs, temporary / "done");
  const format::Manifest manifest = read_manifest(done);
  EXPECT_EQ(manifest.step, 7);
  ASSERT_EQ(manifest.files.size(), 2u);
  for (const format::FileRecord& record : records) {
    EXPECT_TRUE(*manifest.file(record.name) == record);
    EXPECT_EQ(done.open_file(record.name).size(), record.bytes);
  }
}

TEST_F(PublishTest, RenamesWhenEverythingIsDurable) {
  PendingCheckpoint pending = place.begin(7);
  const format::Manifest manifest = manifest_of({write(pending, "catalog.json")});
  int renames_before_the_sync = -1;
  const std::size_t before = fs->made().size();
  publish(place, std::move(pending), manifest,
          {[&] { renames_before_the_sync = fs->calls(testing::Call::kRename); }}, workers);
  EXPECT_EQ(renames_before_the_sync, 0);
  std::vector<std::string> order;  // what is fsynced, and the rename
  const std::vector<testing::MadeCall> made = fs->made();
  for (std::size_t i = before; i < made.size(); ++i)
    if (made[i].call == testing::Call::kFsync || made[i].call == testing::Call::kRename)
      order.push_back(made[i].path);
  EXPECT_THAT(order, ElementsAre(temporary / ".pending/manifest.json", temporary / ".pending",
                                 temporary / "done", temporary.path()));
}

TEST_F(PublishTest, MakesEveryCallOnce) {
  PendingCheckpoint pending = place.begin(7);
  const format::Manifest manifest = manifest_of({write(pending, "catalog.json")});
  std::atomic<int> first{0}, second{0};
  publish(place, std::move(pending), manifest, {[&] { ++first; }, [&] { ++second; }}, workers);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
}

TEST_F(PublishTest, CommitsNothingThatCouldNotBeMadeDurable) {
  {
    PendingCheckpoint pending = place.begin(7);
    const format::Manifest manifest = manifest_of({write(pending, "catalog.json")});
    const Syncs syncs = {[] { throw std::runtime_error("the journal's disk is gone"); }};
    EXPECT_THROW(publish(place, std::move(pending), manifest, syncs, workers), std::runtime_error);
    EXPECT_EQ(fs->calls(testing::Call::kRename), 0);
    EXPECT_THAT(entries(), ElementsAre(".pending")) << "a writer may still have files open there";
  }
  EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(PublishTest, CommitsNothingWithoutItsManifest) {
  for (const auto call : {testing::Call::kWrite, testing::Call::kFsync}) {
    {
      PendingCheckpoint pending = place.begin(7);
      const format::Manifest manifest = manifest_of({write(pending, "catalog.json")});
      fs->fail(call, ENOSPC);
      testing::expect_error(ErrorKind::kNoSpace, "manifest.json",
                            [&] { publish(place, std::move(pending), manifest, {}, workers); });
    }
    EXPECT_THAT(entries(), IsEmpty());
  }
}

TEST_F(PublishTest, SaysThatTheNameWasTakenMeanwhile) {
  {
    PendingCheckpoint pending = place.begin(7);
    const format::Manifest manifest = manifest_of({write(pending, "catalog.json")});
    Directory::open(fs, temporary.path()).make_directory("done");
    testing::expect_error(ErrorKind::kExists, temporary / "done",
                          [&] { publish(place, std::move(pending), manifest, {}, workers); });
  }
  EXPECT_THAT(entries(), ElementsAre("done"));
}

}  // namespace
}  // namespace holdfast
