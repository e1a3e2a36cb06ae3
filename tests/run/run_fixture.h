// A run directory, and verbs to make and damage checkpoints in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <holdfast/checkpoint/run/run_store.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

using Steps = std::vector<std::int64_t>;

class StoreTest : public ::testing::Test {
 protected:
  std::string run() const { return temporary / "run"; }
  std::string checkpoints() const { return run() + "/checkpoints"; }
  RunStore start() { return RunStore(fs, run()); }

  // A pending checkpoint with one file, written as a writer does it.
  static PendingCheckpoint begin(RunStore& store, std::int64_t step) {
    PendingCheckpoint pending = store.begin(step);
    File file = pending.directory().create_file("manifest.json");
    file.write_at(0, ByteView(content_of(step)));
    file.sync();
    file.close();
    return pending;
  }
  static void save(RunStore& store, std::int64_t step) { store.commit(begin(store, step)); }
  void save_in_a_run_of_its_own(std::int64_t step) {
    RunStore store(posix_file_system(), run());
    save(store, step);
  }

  static std::string content_of(std::int64_t step) { return "step " + std::to_string(step); }
  static std::string read(const Directory& directory) {
    return std::string(ByteView(directory.open_file("manifest.json").read_all(100)).text());
  }

  // Past the file system under test.
  static Directory look(const std::string& path) {
    return Directory::open(posix_file_system(), path);
  }
  std::vector<std::string> entries() const { return look(checkpoints()).list(); }

  TemporaryDirectory temporary;
  std::shared_ptr<FaultFileSystem> fs = std::make_shared<FaultFileSystem>();
};

}  // namespace holdfast::testing
