// A run directory for one test, with functions to save into it and to look at it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/save/saver.h>

#include "support/items.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {

class SavedRun {
 public:
  explicit SavedRun(std::shared_ptr<FileSystem> fs = posix_file_system()) : fs_(std::move(fs)) {}

  std::string path() const { return directory_ / "run"; }
  std::string path_of(std::int64_t step) const {
    return path() + "/checkpoints/" + format::step_directory_name(step);
  }

  // Saves, and waits until the checkpoint is durable.
  void save(std::int64_t step, std::vector<Item> items, SaverOptions options = {}) {
    save(job(step, std::move(items)), options);
  }
  void save(SaveJob job, SaverOptions options = {}) {
    RunStore store(fs_, path());
    Saver saver(store, options);
    saver.save(std::move(job));
    saver.wait();
  }

  static SaveJob job(std::int64_t step, std::vector<Item> items) {
    SaveJob job;
    job.manifest.step = step;
    job.manifest.created = "2026-01-31T12:00:00.000Z";
    job.manifest.run_id = std::string(32, 'a');
    job.items = std::move(items);
    return job;
  }

  Directory directory(std::int64_t step) const { return Directory::open(fs_, path_of(step)); }
  CheckpointFiles open(std::int64_t step) const { return CheckpointFiles(directory(step)); }

  std::string file(std::int64_t step, const std::string& name) const {
    return path_of(step) + "/" + name;
  }
  void flip_bit(const std::string& path, std::uint64_t offset) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }

 private:
  std::shared_ptr<FileSystem> fs_;
  TemporaryDirectory directory_;
};

}  // namespace holdfast::testing
