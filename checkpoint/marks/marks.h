// Marks on a run's checkpoints: pins (keep this one), tags (a name for this one) and notes that a
// checkpoint was verified.
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

// Identifies a checkpoint of a run. The step alone does not: after the run has gone back to an
// older checkpoint, it may save the same step again. That checkpoint has a different manifest.
struct CheckpointId {
  std::int64_t step = 0;
  Digest manifest;  // of the bytes of manifest.json

  bool operator==(const CheckpointId& other) const {
    return step == other.step && manifest == other.manifest;
  }
};

// A note that all bytes of a checkpoint were read back and were sound.
struct Verification {
  CheckpointId checkpoint;
  std::string time;  // "2026-01-31T12:00:00.000Z"
};

// The id of the checkpoint in a directory. Error(kNotFound) if the directory has no manifest.
CheckpointId identify(const Directory& checkpoint, std::int64_t step);

// True if the text can be a tag: 1 to 100 letters, digits, '.', '_' and '-'. It must not begin with
// '.' or '-', must not be all digits (that is a step), and must not be "latest" or "best", which
// have a meaning of their own.
bool is_tag(std::string_view name);

// The pins and tags of a run, as read at one time.
struct ProtectedCheckpoints {
  std::set<std::pair<std::int64_t, std::string>> marked;  // step, and the manifest's digest in hex
  std::set<std::int64_t> unread;                          // steps of pins that cannot be read
  std::set<std::string> unread_tags;                      // each may be of any checkpoint

  // True if retention must keep this checkpoint of the run, whatever its directory is called by
  // now. Throws Error if the answer depends on the checkpoint's manifest and that cannot be read.
  bool has(const Directory& checkpoint, std::int64_t step) const;
};

// Reads and writes marks. Each mark is a small file in <run>/pins, <run>/tags or <run>/verified,
// and is replaced as a whole. No lock is needed: the run may be training meanwhile, and other
// processes may make marks, even the same ones.
//
// Files with other names are ignored and not removed. A pin or a tag that cannot be read or
// understood still protects: such a pin protects the checkpoint of its step; such a tag may be of
// any checkpoint, so it protects all of them.
class Marks {
 public:
  explicit Marks(const Directory& run) : run_(run) {}  // `run` must outlive this object

  // Retention never removes a pinned or tagged checkpoint. The changes are durable when these
  // functions return. tag() moves a tag that exists already. unpin() and remove_tag() return false
  // if there was no such mark. Error(kInvalidArgument) if `name` cannot be a tag.
  void pin(const CheckpointId& checkpoint);
  bool unpin(std::int64_t step);
  void tag(const std::string& name, const CheckpointId& checkpoint);
  bool remove_tag(const std::string& name);

  // Notes that all of the checkpoint was read back and was sound, and when ("time" as to_utc()
  // writes it).
  void set_verified(const CheckpointId& checkpoint, const std::string& time);
  void clear_verified(std::int64_t step);

  // All pins, ordered by step. If `unread` is not null, adds the steps of pins that cannot be read.
  std::vector<CheckpointId> pins(std::set<std::int64_t>* unread = nullptr) const;
  // All tags, by name. If `unread` is not null, adds the names of tags that cannot be read.
  std::map<std::string, CheckpointId> tags(std::set<std::string>* unread = nullptr) const;
  std::map<std::int64_t, Verification> verified() const;  // by step

  // The steps of the checkpoints that retention must keep, because they are pinned or tagged.
  // `checkpoints` is the run's directory of checkpoints. A marked step counts if its checkpoint
  // there is the one that was marked, or cannot be read. All steps count while a tag cannot be
  // read.
  std::vector<std::int64_t> protected_steps(const Directory& checkpoints) const;
  // The same for directories that may have other names by now (ProtectedCheckpoints::has()).
  ProtectedCheckpoints read_protected() const;

 private:
  const Directory& run_;
};

}  // namespace holdfast
