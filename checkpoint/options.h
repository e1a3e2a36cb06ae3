// Every knob of a Checkpointer: its default, its unit, its cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/load_report.h>
#include <holdfast/checkpoint/log/events.h>
#include <holdfast/checkpoint/run/retention.h>
#include <holdfast/checkpoint/state/mode_change.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

// What a restore found.
struct Resumed {
  std::int64_t step = 0;  // completed optimizer steps
  std::string path;       // of the checkpoint directory
  std::string run_id;
  std::map<std::string, std::string> configuration;  // of the run that saved it
  std::map<std::string, std::string> environment;    // that it was saved in
  std::map<std::string, double> metrics;
  // What Checkpointer::restore_latest() and restore() changed of how models train, in the order in
  // which it was done. Empty where nothing was restored, as in Reader::info().
  std::vector<ModeChange> mode_changes;
  // Of Checkpointer::restore(): this job had gone back to the checkpoint that was asked for before,
  // and goes on from its own newest instead.
  bool had_gone_back = false;
  // What was put back and what was not; empty while nothing is (Reader::info, before_restore).
  LoadReport load;
};

struct Options {
  // When due() says yes: when a multiple of so many steps was reached or passed since the last
  // save, and whenever so much time has passed since then. 0: not by that rule. Neither: every
  // 1,000 steps.
  std::int64_t every_steps = 0;
  std::chrono::duration<double> every{0};

  // What is kept. By default the newest three.
  RetentionPolicy retention;

  // False: save() returns when the checkpoint is durable, and throws if it could not be made so.
  bool asynchronous = true;

  // True: save() returns sooner, while parameters and optimizer state are still being copied, and
  // they must not change until before_step() has returned. A change that LibTorch's version
  // counters see fails the save; writes through data_ptr() or .data() they do not see, and those
  // would be saved torn. Everything else (buffers, generators, counters, objects of the user's) is
  // copied when save() returns.
  bool overlap = false;

  // HDF5 files in a checkpoint. Several are written at once, which helps where one writer does not
  // keep the disk busy. Entries whose shape or length changes between saves get one file more.
  int shards = 1;

  // Memory that staging may take, in bytes, kept between saves: the images of what is written, and
  // the structure of the files, some 2 KiB a tensor (the first save builds it, which takes up to
  // 100 MiB more). A larger state goes through it in windows, and save() then waits for the disk.
  // At least 16 MiB of windows are taken.
  std::uint64_t max_staging_bytes = std::uint64_t{2} << 30;

  // Threads that copy (the one that waits is one of them), and as many that digest and write, or
  // read and verify. They are busy only meanwhile, and mostly wait: for the memory and the disk.
  int threads = 2;

  // What save() does while the save before is still being written.
  enum class Busy { kWait, kSkip };
  Busy when_busy = Busy::kWait;

  // After so many failures of the program's own from the same checkpoint, without a newer one,
  // restore_latest() throws Error(kRestartLoop), or passes over to the next older checkpoint and
  // sets the newer aside, but never past the oldest. Counted, in <run>/failures.log, are exceptions
  // that leave the scope of the checkpointer (not those of a failed save), count_failure() and
  // note_fatal_signal(); not a process that is killed. 0: never.
  int max_failures = 0;
  enum class AfterFailures { kStop, kOlder };
  AfterFailures after_failures = AfterFailures::kStop;

  // Goes into every manifest and to Resumed: the effective configuration of the run.
  std::map<std::string, std::string> configuration;

  // Called on the thread that calls the checkpointer when a save has failed; what it throws comes
  // out of that call. Empty: the next call throws the error instead, and so does wait().
  std::function<void(const Error&)> on_error;

  // Gets each event that also goes to events.jsonl, on the thread it happens on: the caller's or
  // the background thread. What it throws undoes nothing: a checkpoint stays committed, and counts.
  // The first is kept and thrown by the end of the constructor, of a restore, of before_step() or
  // wait(), or by the next save(), which then begins nothing.
  std::function<void(const Event&)> on_event;

  // Called with what a restore is about to put back, before any object is changed. It throws to
  // refuse.
  std::function<void(const Resumed&)> before_restore;

  // Called by restore_latest() when a checkpoint has been put back. False refuses it, as one
  // that the training diverges from: it is set aside in superseded/, and the next older is taken.
  // Error(kDiverged): there is none.
  std::function<bool(const Resumed&)> accepts;

  // Empty: the operating system's own.
  std::shared_ptr<FileSystem> file_system;
};

// The options with what was left open filled in. Error(kInvalidArgument): one is out of range.
Options with_defaults(Options options);

}  // namespace holdfast
