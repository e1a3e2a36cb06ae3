// Saves a state while training goes on: stages it into memory, then writes and commits it in the
// background.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/save/crew.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>
#include <holdfast/checkpoint/save/skeleton_series.h>
#include <holdfast/checkpoint/save/staging.h>

namespace holdfast {

class CheckpointWriter;

struct SaverOptions {
  int shards = 1;                             // and one more for what varies
  std::uint64_t max_staging_bytes = 1 << 30;  // the skeleton's memory included
  int threads = 2;                            // for copying, and as many for digesting and writing
  bool overlap = false;  // save() returns before all sources are copied: see finish_staging()
};

struct SaveReport {
  std::int64_t step = 0;
  std::uint64_t bytes = 0;     // of all shard files
  double durable_seconds = 0;  // from the call of save() until the commit
};

struct SaveJob {
  format::Manifest manifest;  // all but the file records
  // Sources that nobody else has are released when they are not needed any more.
  std::vector<Item> items;
  std::function<void()> before_commit;  // on a background thread, while the shards become durable
  // The same, the checkpoint being durable: what it throws would not be a failure of the save, and
  // it must not throw.
  std::function<void(const SaveReport&)> after_commit;
};

// The road of a save. One is in flight at a time. Methods are for one thread. In a child made by
// fork(2) there is neither its memory nor a thread that works for it: a method that would need them
// is an Error(kInvalidArgument) there.
class Saver {
 public:
  Saver(CheckpointPlace& place, const SaverOptions& options);  // the place outlives the saver
  ~Saver();  // waits; drops what wait() would have thrown. Never called in a child: see Owned

  // For whoever may be in a child at the end of its scope: there, nothing is destroyed.
  struct Ending {
    void operator()(Saver* saver) const noexcept;
  };
  using Owned = std::unique_ptr<Saver, Ending>;

  // Precondition: nothing is in flight. Returns when the items' sources are not needed any more or,
  // with overlap, those of restless items are not. Throws what a source threw: then nothing was
  // saved. All later failures are thrown by wait().
  void save(SaveJob job);

  // Copies what the threads behind save() have not begun, and returns when the sources of the save
  // in flight are not needed any more. Throws what one threw: then nothing was saved.
  void finish_staging();

  // The items of the last save, released, for their memory. Empty if they were taken before.
  // Precondition: nothing is in flight.
  std::vector<Item> take_used_items() { return std::exchange(items_, {}); }

  bool in_flight() const { return result_.valid(); }
  bool finished() const;  // in flight no more, or wait() would not have to wait

  // Waits for the save in flight, if there is one. Throws why it failed; it is forgotten then.
  void wait();

  std::uint64_t bytes_to_write() const { return total_; }  // of the last save
  std::uint64_t bytes_written() const { return written_; }

 private:
  enum class Ahead { kNo, kYes };  // of the thread that will wait for it

  void require_owner() const;
  void stage(std::vector<Segment> segments, Ahead ahead, bool last);
  void abandon();  // the save in flight must not be committed: its staging has failed
  void release_items();
  void drop_result();  // waits for the writer of an abandoned save
  void write(const Skeleton& skeleton, SaveJob job, std::chrono::steady_clock::time_point start,
             bool is_one_of_many);
  void prepare_next(const Skeleton& skeleton);
  std::exception_ptr drain(CheckpointWriter* writer);

  CheckpointPlace& place_;
  SaverOptions options_;
  const OwnerProcess owner_;
  SkeletonSeries skeletons_;
  std::shared_ptr<const Skeleton> skeleton_;  // of the last save
  Staging staging_;
  std::vector<Item> items_;  // that are staged, or were
  // The threads that copy are others (crew.h): oneTBB has one a core, for all arenas together, and
  // would leave the copy to the thread that waits for it while they write.
  Workers writing_;
  std::atomic<bool> failed_{false};     // of the save in flight: staging need not go on
  std::atomic<bool> abandoned_{false};  // a source threw: it must not be committed
  std::atomic<std::uint64_t> written_{0}, total_{0};
  std::future<void> result_;
  Crew crew_;  // that copies; with overlap in progress until finish_staging()
};

}  // namespace holdfast
