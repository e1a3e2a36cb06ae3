// The options of a Checkpointer, each with its default, its unit and its cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/checkpoint_info.h>
#include <holdfast/checkpoint/log/events.h>
#include <holdfast/checkpoint/run/retention.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

struct Options {
  // When due() is true: if a multiple of `every_steps` was reached or passed since the last save,
  // or if the time `every` has passed since then. 0 switches a rule off. If both are 0, every 1,000
  // steps.
  std::int64_t every_steps = 0;
  std::chrono::duration<double> every{0};

  // Which checkpoints are kept. By default the newest three.
  RetentionPolicy retention;

  // True: save() returns when the state is copied, and a background thread writes it. False: save()
  // returns when the checkpoint is durable, or throws why it is not.
  bool asynchronous = true;

  // True: save() returns while parameters and optimizer state are still being copied. These must
  // not change until before_step() has returned. If one does, LibTorch's version counter tells, and
  // the save fails; but a write through data_ptr() or .data() is not counted, and a torn value
  // would be saved. Everything else (buffers, generators, counters, the user's objects) is copied
  // before save() returns.
  bool overlap = false;

  // The number of HDF5 files in a checkpoint. They are written at the same time, which is faster if
  // one writer does not keep the disk busy. Entries whose shape or length changes between saves go
  // into one more file.
  int shards = 1;

  // The memory, in bytes, that saves may use. It is kept between saves. It holds the copy of the
  // state, and the structure of the files: about 2 KiB for each tensor (and up to 100 MiB more
  // while the first save builds it). A state that does not fit is copied part by part, and save()
  // then waits for the disk. At least 16 MiB are used for the copy, whatever the limit.
  std::uint64_t max_staging_bytes = std::uint64_t{2} << 30;

  // The number of threads that copy, the thread that waits for the copy among them. Another as many
  // digest and write, or read and verify. They work only during saves and loads, and mostly wait
  // for memory and disk.
  int threads = 2;

  // What save() does if the save before is still being written: wait for it, or skip the new save.
  enum class Busy { kWait, kSkip };
  Busy when_busy = Busy::kWait;

  // What to do if the program fails again and again after it resumed from the same checkpoint, and
  // never saves a newer one. After `max_failures` failures restore_latest() throws
  // Error(kRestartLoop); or, with kOlder, it sets the checkpoint aside and takes the next older
  // one, but never sets the oldest aside. 0: no limit. A failure is an exception that leaves the
  // scope of the checkpointer (unless a failed save threw it), a call of count_failure(), or one of
  // note_fatal_signal(). A process that is killed is not counted. Failures are kept in
  // <run>/failures.log.
  int max_failures = 0;
  enum class AfterFailures { kStop, kOlder };
  AfterFailures after_failures = AfterFailures::kStop;

  // The effective configuration of the run. It is written into every manifest, and comes back in
  // CheckpointInfo.
  std::map<std::string, std::string> configuration;

  // Called when a save has failed, on the thread that uses the checkpointer: within the call that
  // learns of the failure. What it throws leaves that call. If it is empty, that call throws the
  // error itself.
  std::function<void(const Error&)> on_error;

  // Called with each event that is written to events.jsonl, on the thread where it happens: the
  // caller's or the background thread. What it throws undoes nothing: a checkpoint stays committed.
  // The first exception is kept. It is thrown at the end of the constructor, of a restore, of
  // before_step() or of wait(), or by the next save(), which then begins nothing.
  std::function<void(const Event&)> on_event;

  // Called before a restore changes any object, with the checkpoint that it is about to restore. It
  // may throw, to refuse the restore.
  std::function<void(const CheckpointInfo&)> before_restore;

  // Called by restore_latest() after a checkpoint has been restored. It returns false to refuse the
  // checkpoint, for example since the training diverges from it: then the checkpoint is moved to
  // superseded/, and the next older one is restored. If there is no older one, restore_latest()
  // throws Error(kDiverged).
  std::function<bool(const Resumed&)> accepts;

  // Empty stands for the file system of the operating system.
  std::shared_ptr<FileSystem> file_system;
};

// Returns the options with defaults filled in. Error(kInvalidArgument) if one is out of range.
Options with_defaults(Options options);

}  // namespace holdfast
