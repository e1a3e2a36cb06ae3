// What people say of a run's checkpoints: that one is to stay, its name, that it was verified.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Which checkpoint: another that has the same step, as after going back, has another manifest.
struct CheckpointId {
  std::int64_t step = 0;
  Digest manifest;  // of the bytes of manifest.json

  bool operator==(const CheckpointId& other) const {
    return step == other.step && manifest == other.manifest;
  }
};

struct Verification {
  CheckpointId checkpoint;
  std::string time;  // "2026-01-31T12:00:00.000Z"
};

// Of a checkpoint directory. Error(kNotFound) without a manifest.
CheckpointId identify(const Directory& checkpoint, std::int64_t step);

// A tag is 1 to 100 letters, digits, '.', '_' and '-', begins with no '.' or '-', is not all digits
// (a step) and neither "latest" nor "best", which name themselves.
bool is_tag(std::string_view name);

// The pins and tags of a run, as read at one time.
struct SparedCheckpoints {
  std::set<std::pair<std::int64_t, std::string>> marked;  // step, and the manifest's digest in hex
  std::set<std::int64_t> unread;                          // steps of pins that cannot be read
  std::set<std::string> unread_tags;                      // each may be of any checkpoint

  // Whether retention must spare this checkpoint of the run, in whatever directory it is by now.
  // An Error if that depends on its manifest, which cannot be read.
  bool has(const Directory& checkpoint, std::int64_t step) const;
};

// Small files in <run>/pins, tags and verified, each replaced as one. Needs no lock: a run may be
// training meanwhile, and others may make marks, the same ones too. What is not as it should be
// there counts for nothing, and is not removed; but what has the name of a pin or a tag and cannot
// be read, or says nothing that can be understood, spares what it may be of: the checkpoint of that
// step, or all.
class Marks {
 public:
  explicit Marks(const Directory& run) : run_(run) {}  // the run outlives this

  // A pinned or tagged checkpoint is never retired. Durable when they return.
  void pin(const CheckpointId& checkpoint);
  bool unpin(std::int64_t step);                                      // false: it was not pinned
  void tag(const std::string& name, const CheckpointId& checkpoint);  // a tag that exists moves
  bool remove_tag(const std::string& name);                           // false: there is none

  // Remembers that all of it was read back, and when.
  void set_verified(const CheckpointId& checkpoint, const std::string& time);
  void clear_verified(std::int64_t step);

  // By step. `unread` gets the steps of pins that cannot be read.
  std::vector<CheckpointId> pins(std::set<std::int64_t>* unread = nullptr) const;
  // By name. `unread` gets the names of tags that cannot be read.
  std::map<std::string, CheckpointId> tags(std::set<std::string>* unread = nullptr) const;
  std::map<std::int64_t, Verification> verified() const;  // by step

  // Steps whose checkpoints, as pinned or tagged, are there: all that retention must spare, in
  // `checkpoints`, the run's directory of them. One that cannot be looked into is spared; all are
  // while a tag cannot be read, as it may be of any.
  std::vector<std::int64_t> spared(const Directory& checkpoints) const;
  // The same, of one directory of the run, whatever its name is by now. Reads no pins but its own.
  bool spares(const Directory& checkpoint, std::int64_t step) const;
  // For many directories: reads each pin and tag once.
  SparedCheckpoints read_spared() const;

 private:
  const Directory& run_;
};

}  // namespace holdfast
