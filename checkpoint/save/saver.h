// Saves a state while training goes on: copies it into staging memory, then writes and publishes it
// in the background.
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
#include <holdfast/checkpoint/save/save_options.h>
#include <holdfast/checkpoint/save/skeleton_series.h>
#include <holdfast/checkpoint/save/staging.h>

namespace holdfast {

class SkeletonWriter;

struct SaveJob {
  format::Manifest manifest;  // without the file records, which the save adds
  std::vector<Item> items;    // sources that nobody else holds are released once they are copied
  // Called on a background thread while the shards become durable, for what must be durable before
  // the commit too. What it throws fails the save.
  std::function<void()> before_commit;
  // Called on a background thread once the checkpoint is durable. Must not throw: the save has
  // succeeded.
  std::function<void(const SaveReport&)> after_commit;
};

// Runs saves, one at a time. Methods are for one thread. In a child made by fork(2) the threads and
// the staging memory are missing: a method that needs them throws Error(kInvalidArgument) there.
class Saver {
 public:
  // The place outlives the saver.
  Saver(CheckpointPlace& place, const SaverOptions& options);
  // Waits for the save in flight and drops what wait() would have thrown. Must not run in a child:
  // see Owned.
  ~Saver();

  // Owns a saver that may go out of scope in a child: there, nothing is destroyed.
  struct Ending {
    void operator()(Saver* saver) const noexcept;
  };
  using Owned = std::unique_ptr<Saver, Ending>;

  // Returns when all sources are copied or, with overlap, those of volatile items. Throws what a
  // source or the staging allocator threw: then nothing was saved. Later failures are thrown by
  // wait(). Precondition: nothing is in flight.
  void save(SaveJob job);

  // Returns when all sources of the save in flight are copied; helps to copy them. Throws what a
  // source or the staging allocator threw: then nothing was saved.
  void finish_staging();

  // The items of the last save, with their sources released, so that the caller can fill them
  // again. Empty if they were taken before. Precondition: nothing is in flight.
  std::vector<Item> take_used_items() { return std::exchange(items_, {}); }

  bool in_flight() const { return result_.valid(); }
  bool finished() const;  // nothing is in flight, or wait() would return at once

  // Waits for the save in flight, if there is one. If it failed, throws why, once.
  void wait();

  std::uint64_t bytes_to_write() const { return total_; }  // of the last save
  std::uint64_t bytes_written() const { return written_; }

 private:
  enum class Ahead { kNo, kYes };  // whether save() returns before the segments are filled

  void require_owner() const;
  void stage(std::vector<Segment> segments, Ahead ahead, bool last);
  void abandon();  // staging has failed: the save in flight must not be committed
  void release_items();
  void drop_result();  // waits until the background thread of an abandoned save has ended
  void write(const Skeleton& skeleton, SaveJob job, std::chrono::steady_clock::time_point start,
             bool is_one_of_many);
  void prepare_next(const Skeleton& skeleton);
  std::exception_ptr drain(SkeletonWriter* writer);

  CheckpointPlace& place_;
  SaverOptions options_;
  const OwnerProcess owner_;
  SkeletonSeries skeletons_;
  std::shared_ptr<const Skeleton> skeleton_;  // of the last save
  Staging staging_;
  std::vector<Item> items_;  // of the last save
  // Threads that digest and write. Those that copy are others (crew.h): oneTBB has one a core for
  // all arenas together, so while they write the thread that waits would have to copy alone.
  Workers writing_;
  std::atomic<bool> failed_{false};     // writing has failed: staging need not go on
  std::atomic<bool> abandoned_{false};  // staging has failed: the save must not be committed
  std::atomic<std::uint64_t> written_{0}, total_{0};
  std::future<void> result_;
  Crew crew_;  // copies; with overlap, in progress until finish_staging()
};

}  // namespace holdfast
