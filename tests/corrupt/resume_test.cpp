// What a run does when it resumes and its newest checkpoint is damaged, or only looks like it.
#include <cerrno>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/run_names.h>

#include "corrupt/checkpoint_image.h"
#include "crash/counted_run.h"
#include "support/expect_error.h"
#include "support/fault_file_system.h"

namespace holdfast {
namespace {

using testing::Call;
using testing::CountedTraining;
using testing::Disk;
using testing::FaultFileSystem;
using testing::kRunPath;
using testing::MemoryFileSystem;
using testing::NodeId;

using Files = std::map<std::string, std::string>;  // by their paths

constexpr const char* kNewest = "/training/run/checkpoints/step-000000000003/";
constexpr const char* kQuarantined = "/training/run/quarantine/step-000000000003";

void add_files(const Disk& disk, NodeId id, const std::string& path, Files& files) {
  const testing::Node& node = *disk.find(id);
  if (!node.directory)
    files[path] = {reinterpret_cast<const char*>(node.bytes.data()), node.bytes.size()};
  for (const auto& [name, child] : node.entries) add_files(disk, child, path + "/" + name, files);
}

// Whatever was a checkpoint once, where it is now.
Files files_on(const Disk& disk) {
  Files files;
  for (const char* name : {format::kCheckpointsDirectory, format::kQuarantineDirectory,
                           format::kSupersededDirectory}) {
    const std::string path = std::string(kRunPath) + "/" + name;
    if (const auto directory = disk.at(path)) add_files(disk, *directory, path, files);
  }
  return files;
}

std::string difference(const Files& before, const Files& after) {
  std::string text;
  for (const auto& [path, content] : before)
    if (after.count(path) == 0 || after.at(path) != content)
      text += "changed or gone: " + path + "\n";
  for (const auto& [path, content] : after)
    if (before.count(path) == 0) text += "new: " + path + "\n";
  return text;
}

class ResumeAfterDamage : public ::testing::Test {
 protected:
  ResumeAfterDamage() {
    const auto fs = std::make_shared<MemoryFileSystem>();
    testing::train(fs, 3);
    sound_ = fs->disk();
    put_back();
  }

  void put_back() {
    memory_ = std::make_shared<MemoryFileSystem>(sound_);
    fs_ = std::make_shared<FaultFileSystem>(memory_);
    events_.clear();
  }
  std::string sound_content(const std::string& file) const { return files_on(sound_).at(file); }

  // Gives a file of the newest checkpoint another content.
  void write(const std::string& file, const std::string& content) {
    const int fd = memory_->open(AT_FDCWD, (kNewest + file).c_str(), O_WRONLY, 0);
    memory_->ftruncate(fd, 0);
    memory_->pwrite(fd, content.data(), content.size(), 0);
    memory_->close(fd);
  }
  void flip_bit(const std::string& file, std::size_t at) {
    std::string content = sound_content(kNewest + file);
    content[at] = static_cast<char>(content[at] ^ 1 << (at % 8));
    write(file, content);
  }

  // The step that is resumed; its values are right.
  std::int64_t resumed_step() {
    CountedTraining training;
    Options options = testing::counted_options(fs_);
    options.on_event = [this](const Event& event) { events_[event.name] = event; };
    Checkpointer checkpoints(kRunPath, options);
    const auto resumed = checkpoints.restore_latest(training.state());
    EXPECT_EQ(training.problem(), "");
    EXPECT_EQ(training.steps(), resumed->step);
    EXPECT_EQ(checkpoints.steps().back(), resumed->step);
    return resumed->step;
  }
  std::string reason_told(const std::string& event) const {
    const auto found = events_.find(event);
    if (found == events_.end()) return "no such event";
    for (const auto& [name, value] : found->second.fields)
      if (name == "reason") return std::get<std::string>(value);
    return "no reason";
  }

  void expect_newest_in_quarantine(const std::string& file, const std::string& how) {
    EXPECT_EQ(resumed_step(), 2) << how;
    const Files files = files_on(memory_->disk());
    EXPECT_EQ(files.count(kNewest + std::string("manifest.json")), 0u) << how;
    const auto reason = files.find(std::string(kQuarantined) + ".reason.txt");
    ASSERT_NE(reason, files.end()) << how;
    EXPECT_THAT(reason->second, ::testing::HasSubstr(file)) << how;
    EXPECT_THAT(reason->second, ::testing::HasSubstr(reason_told("quarantine"))) << how;
    EXPECT_EQ(files.count(std::string(kQuarantined) + "/index.h5"), 1u) << how;
  }
  void expect_refused_and_nothing_moved(ErrorKind kind, const std::string& words) {
    const Files before = files_on(memory_->disk());
    testing::expect_error(kind, words, [&] { resumed_step(); });
    EXPECT_EQ(difference(before, files_on(memory_->disk())), "");
    EXPECT_EQ(events_.count("quarantine"), 0u);
  }

  Disk sound_;
  std::shared_ptr<MemoryFileSystem> memory_;
  std::shared_ptr<FaultFileSystem> fs_;
  std::map<std::string, Event> events_;
};

TEST_F(ResumeAfterDamage, TakesTheNextOlderWhateverFileIsDamagedWherever) {
  int cases = 0;
  for (const std::string file :
       {"manifest.json", "catalog.json", "shard-00000-of-00002.h5", "shard-00001-of-00002.h5"}) {
    const std::size_t size = sound_content(kNewest + file).size();
    for (std::size_t at = 0; at < size; at += 1 + size / 25, ++cases) {
      put_back();
      flip_bit(file, at);
      expect_newest_in_quarantine(file, file + " at " + std::to_string(at));
      if (HasFailure()) return;
    }
    put_back();
    write(file, "");
    expect_newest_in_quarantine(file, file + " empty");
    put_back();
    memory_->unlink(AT_FDCWD, (kNewest + file).c_str(), 0);
    expect_newest_in_quarantine(file, file + " missing");
  }
  std::cout << cases << " flipped bits\n";
}

TEST_F(ResumeAfterDamage, NamesTheTensorsThatAreHurt) {
  flip_bit("shard-00001-of-00002.h5", 9000);
  resumed_step();
  const std::string reason = reason_told("quarantine");
  EXPECT_THAT(reason, ::testing::HasSubstr("block 0"));
  EXPECT_THAT(reason, ::testing::HasSubstr("hurts models/net/"));
}

TEST_F(ResumeAfterDamage, RebuildsAnIndexThatIsDamagedAnywhere) {
  const std::string index = kNewest + std::string("index.h5");
  const std::string content = sound_content(index);
  for (std::size_t at = 0; at < content.size(); at += 1 + content.size() / 25) {
    put_back();
    flip_bit("index.h5", at);
    EXPECT_EQ(resumed_step(), 3);
    EXPECT_EQ(files_on(memory_->disk()).at(index), content) << at;
    EXPECT_THAT(reason_told("index_rebuilt"), ::testing::HasSubstr("index.h5"));
  }
}

TEST_F(ResumeAfterDamage, MovesNothingForANewerVersion) {
  write("manifest.json", testing::with_own_digest(testing::replaced(
                             sound_content(kNewest + std::string("manifest.json")),
                             "\"version\": 2", "\"version\": 4")));
  expect_refused_and_nothing_moved(ErrorKind::kVersion, "newer Holdfast");
}

TEST_F(ResumeAfterDamage, MovesNothingForAnEncodingThatIsNotKnownYet) {
  testing::CheckpointImage image;
  for (const char* file : {"manifest.json", "catalog.json"})
    image.files[file] = sound_content(kNewest + std::string(file));
  testing::forge(image, "catalog.json",
                 testing::replaced(image.files["catalog.json"], "\"raw\"", "\"zst\""));
  for (const auto& [name, content] : image.files) write(name, content);
  expect_refused_and_nothing_moved(ErrorKind::kVersion, "encoding");
}

TEST_F(ResumeAfterDamage, MovesNothingWhereAccessIsRefused) {
  for (const Call call : {Call::kOpen, Call::kRead, Call::kStat, Call::kStatAt, Call::kList}) {
    put_back();
    resumed_step();
    const int calls = fs_->calls(call);
    EXPECT_GT(calls, call == Call::kList ? 0 : 2);
    for (int k = 1; k <= calls; ++k) {
      put_back();
      fs_->fail(call, EACCES, k, FaultFileSystem::kForever);
      const Files before = files_on(memory_->disk());
      try {
        EXPECT_EQ(resumed_step(), 3);
      } catch (const Error& error) {
        EXPECT_EQ(error.os_error(), EACCES) << error.what();
      }
      EXPECT_EQ(difference(before, files_on(memory_->disk())), "") << "call " << k;
      EXPECT_EQ(events_.count("quarantine"), 0u) << "call " << k;
    }
  }
}

// The newest is damaged, and before that is proven, or while it is moved away, the disk fails.
TEST_F(ResumeAfterDamage, MovesTheDamagedOneOrNothingWhereTheDiskFailsMeanwhile) {
  flip_bit("shard-00000-of-00002.h5", 5000);
  resumed_step();
  const int calls = fs_->calls();
  EXPECT_GT(calls, 60);
  for (int k = 1; k <= calls; ++k) {
    put_back();
    flip_bit("shard-00000-of-00002.h5", 5000);
    fs_->fail_any(EIO, k);
    try {
      EXPECT_EQ(resumed_step(), 2) << "call " << k;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kIo) << "call " << k << ": " << error.what();
    }
    fs_->heal();
    EXPECT_EQ(resumed_step(), 2) << "call " << k;
    const Files files = files_on(memory_->disk());
    // As -2 where only the reason was written before.
    const std::size_t quarantined = files.count(std::string(kQuarantined) + "/manifest.json") +
                                    files.count(std::string(kQuarantined) + "-2/manifest.json");
    EXPECT_EQ(quarantined, 1u) << "call " << k;
    EXPECT_EQ(files.count("/training/run/checkpoints/step-000000000002/manifest.json"), 1u);
  }
}

}  // namespace
}  // namespace holdfast
