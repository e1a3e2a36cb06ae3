// A small checkpoint with every byte of every file damaged in turn: each damage is found, blamed on
// the right file, and no value is handed out that is not the one that was saved.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "support/expect_error.h"
#include "support/items.h"

namespace holdfast {
namespace {

using testing::CheckpointImage;
using testing::Values;

// What is true of the checkpoint before it is damaged.
struct Truth {
  CheckpointImage image = testing::saved_image(3);
  Values values = testing::values_of(image);
  format::Catalog catalog = testing::catalog_of(image);
};

const Truth& truth() {
  static const Truth truth;
  return truth;
}

class DamagedFile : public ::testing::TestWithParam<const char*> {
 protected:
  DamagedFile() {
    for (int shard = 0; shard < 2; ++shard)
      if (format::shard_file_name(shard, 2) == name_)
        hurt_ = testing::entries_in(truth().catalog, shard, 0, sound_.size());
  }
  void TearDown() override { std::cout << cases_ << " cases\n"; }

  // With this in place of its content. False after a failure: then it is enough.
  bool expect_found(std::string content, const std::string& how, std::uint64_t where) {
    CheckpointImage image = truth().image;
    image.files[name_] = std::move(content);
    return expect_found(image, how + " " + std::to_string(where));
  }
  bool expect_found(const CheckpointImage& image, const std::string& how) {
    ++cases_;
    const Directory directory = testing::on_disk(image);
    const std::vector<Damage> damage = verify(directory, VerifyDepth::kFull, 1);
    EXPECT_EQ(damage.size(), 1u) << how;
    if (damage.size() != 1) return false;
    EXPECT_EQ(damage[0].file, name_) << how;
    EXPECT_THAT(damage[0].entries, ::testing::UnorderedElementsAreArray(hurt_)) << how;
    expect_true_values(directory, how);
    return !HasFailure();
  }

  const std::string name_ = GetParam();
  const std::string sound_ = truth().image.files.at(name_);

 private:
  // Without the manifest or the catalog nothing can be read.
  bool is_read_first() const {
    return name_ == format::kManifestFile || name_ == format::kCatalogFile;
  }
  bool is_hurt(const format::Entry& entry) const {
    const std::string& stored = entry.alias_of.empty() ? entry.name : entry.alias_of;
    return std::find(hurt_.begin(), hurt_.end(), stored) != hurt_.end();
  }

  // All entries that are not hurt have their values, and of the others one is asked for each time.
  void expect_true_values(const Directory& directory, const std::string& how) const {
    try {
      const CheckpointFiles files(Directory::open(directory.file_system(), directory.path()));
      EXPECT_FALSE(is_read_first()) << how;
      expect_values_of_sound_entries(files, how);
      if (hurt_.empty()) return;
      const std::string& entry = hurt_[static_cast<std::size_t>(cases_) % hurt_.size()];
      testing::expect_error(ErrorKind::kCorrupt, name_, [&] { testing::read_entry(files, entry); });
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << how << ": " << error.what();
      EXPECT_TRUE(is_read_first()) << how << ": " << error.what();
    }
  }
  void expect_values_of_sound_entries(const CheckpointFiles& files, const std::string& how) const {
    std::vector<std::pair<std::string, testing::MemorySink>> sound;
    for (const format::Entry& entry : files.catalog().entries)
      if (!is_hurt(entry))
        sound.emplace_back(entry.name, testing::MemorySink(format::bytes_of(entry)));
    std::vector<ReadRequest> requests;
    for (auto& [name, sink] : sound) requests.push_back({files.find(name), &sink});
    files.read(requests, 1);
    for (const auto& [name, sink] : sound)
      EXPECT_TRUE(sink.bytes == truth().values.at(name)) << how << ": " << name;
  }

  std::vector<std::string> hurt_;
  int cases_ = 0;
};

TEST_P(DamagedFile, IsSoundBeforeItIsDamaged) {
  const Directory directory = testing::on_disk(truth().image);
  EXPECT_THAT(verify(directory, VerifyDepth::kDeep, 1), ::testing::IsEmpty());
  const auto is_cut = [](const format::Entry& entry) { return entry.pieces.size() == 2; };
  const std::vector<format::Entry>& entries = truth().catalog.entries;
  EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), is_cut));
}

TEST_P(DamagedFile, IsFoundWithABitFlippedInAnyByte) {
  for (std::size_t i = 0; i < sound_.size(); ++i) {
    std::string content = sound_;
    content[i] = static_cast<char>(content[i] ^ 1 << (i % 8));
    if (!expect_found(std::move(content), "a bit of byte", i)) return;
  }
}

TEST_P(DamagedFile, IsFoundCutAtAnyLength) {
  for (std::size_t length = 0; length < sound_.size(); ++length)
    if (!expect_found(sound_.substr(0, length), "cut to", length)) return;
}

TEST_P(DamagedFile, IsFoundWithAnythingBehindIt) {
  for (const std::size_t more : {1, 2, 45, 511, 512, 4095, 4096, 1 << 20}) {
    expect_found(sound_ + std::string(more, '\0'), "longer by zeros", more);
    expect_found(sound_ + std::string(more, ' '), "longer by blanks", more);
    expect_found(sound_ + sound_.substr(0, more), "longer by its own beginning", more);
  }
}

TEST_P(DamagedFile, IsFoundWithASectorThatWasLost) {
  for (std::size_t sector = 0; sector < sound_.size(); sector += 512) {
    const std::size_t bytes = std::min<std::size_t>(512, sound_.size() - sector);
    for (const char fill : {'\0', '\xFF'}) {
      std::string content = sound_;
      content.replace(sector, bytes, bytes, fill);
      if (content != sound_) expect_found(std::move(content), "a lost sector at", sector);
    }
  }
}

TEST_P(DamagedFile, IsFoundWithTwoSectorsExchanged) {
  for (std::size_t sector = 0; sector + 1024 <= sound_.size(); sector += 512) {
    std::string content = sound_;
    std::rotate(&content[sector], &content[sector + 512], &content[sector] + 1024);
    if (content != sound_) expect_found(std::move(content), "exchanged sectors at", sector);
  }
}

TEST_P(DamagedFile, IsFoundMissingOrReplacedByADirectory) {
  CheckpointImage image = truth().image;
  image.files.erase(name_);
  if (name_ != format::kManifestFile) expect_found(image, "missing");
  image.directories.insert(name_);
  expect_found(image, "a directory");
}

std::string letters_of(const ::testing::TestParamInfo<const char*>& info) {
  std::string text = info.param;
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return !std::isalnum(c); }),
             text.end());
  return text;
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedFile,
                         ::testing::Values("manifest.json", "catalog.json", "index.h5",
                                           "shard-00000-of-00002.h5", "shard-00001-of-00002.h5"),
                         letters_of);

}  // namespace
}  // namespace holdfast
