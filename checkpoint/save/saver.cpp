#include <holdfast/checkpoint/save/saver.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/save/publish.h>
#include <holdfast/checkpoint/save/skeleton_writer.h>

namespace holdfast {
namespace {

// The segments of all shards: the first of each, then the second of each, and so on, so that all
// files are written at the same time.
std::vector<Segment> segments_of(const Skeleton& skeleton) {
  std::vector<Segment> segments;
  bool more = true;
  for (std::uint64_t offset = 0; more; offset += kSegmentBytes) {
    more = false;
    for (std::size_t shard = 0; shard < skeleton.shards().size(); ++shard) {
      const std::uint64_t size = skeleton.shards()[shard].file_bytes;
      if (offset >= size) continue;
      Segment segment;
      segment.shard = shard;
      segment.offset = offset;
      segment.bytes.size = std::min(kSegmentBytes, size - offset);
      segments.push_back(segment);
      more = true;
    }
  }
  return segments;
}

// Moves the segments that hold bytes of volatile items to the front. Returns how many they are.
std::size_t volatile_first(std::vector<Segment>& segments, const Skeleton& skeleton,
                           const std::vector<Item>& items) {
  std::set<std::pair<std::size_t, std::uint64_t>> volatiles;  // shard, number of the segment
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_volatile) continue;
    for (const format::Piece& piece : skeleton.catalog().entries[i].pieces) {
      const std::uint64_t end = (piece.offset + piece.bytes + kSegmentBytes - 1) / kSegmentBytes;
      for (std::uint64_t n = piece.offset / kSegmentBytes; piece.bytes > 0 && n < end; ++n)
        volatiles.emplace(static_cast<std::size_t>(piece.shard), n);
    }
  }
  const auto calm =
      std::stable_partition(segments.begin(), segments.end(), [&](const Segment& segment) {
        return volatiles.count({segment.shard, segment.offset / kSegmentBytes}) != 0;
      });
  return static_cast<std::size_t>(calm - segments.begin());
}

// A segment's memory, which goes back to the staging unless it is submitted.
class Lease {
 public:
  explicit Lease(Staging& staging) : staging_(staging), memory_(staging.acquire()) {}
  ~Lease() {
    if (memory_.data != nullptr) staging_.release(memory_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ByteSpan memory() const { return memory_; }
  void submit(Segment segment) {
    segment.bytes.data = memory_.data;
    staging_.submit(segment);
    memory_.data = nullptr;
  }

 private:
  Staging& staging_;
  ByteSpan memory_;
};

// The first exception of several threads.
class FirstFailure {
 public:
  void capture() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failure_ == nullptr) failure_ = std::current_exception();
  }
  std::exception_ptr get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

Saver::Saver(CheckpointPlace& place, const SaverOptions& options)
    : place_(place),
      options_(options),
      skeletons_(options.shards),
      staging_(options.staging_allocator),
      writing_(options.threads) {}

Saver::~Saver() {
  try {
    crew_.join();
  } catch (...) {  // dropped, as the header says
  }
  if (result_.valid()) result_.wait();
}

void Saver::Ending::operator()(Saver* saver) const noexcept {
  if (saver->owner_.is_this()) delete saver;
}

void Saver::require_owner() const {
  if (owner_.is_this()) return;
  throw Error(ErrorKind::kInvalidArgument, "cannot save in a forked process")
      .expected("the process that made the saver")
      .found("a child of it")
      .remedy("save in the parent, or open a run of the child's own");
}

void Saver::save(SaveJob job) {
  require_owner();
  const auto start = std::chrono::steady_clock::now();
  const int builds = skeletons_.builds();
  skeleton_ = nullptr;
  skeleton_ = skeletons_.next(job.items);
  const bool is_one_of_many = skeletons_.builds() == builds;
  failed_ = abandoned_ = false;
  written_ = 0;
  total_ = skeleton_->bytes();
  staging_.open(options_.max_staging_bytes -
                std::min(options_.max_staging_bytes, skeleton_->memory_bytes()));

  items_ = std::move(job.items);
  try {
    result_ = run_aside(
        [this, start, is_one_of_many, skeleton = skeleton_, job = std::move(job)]() mutable {
          write(*skeleton, std::move(job), start, is_one_of_many);
        });
    std::vector<Segment> segments = segments_of(*skeleton_);
    const std::size_t now =
        options_.overlap ? volatile_first(segments, *skeleton_, items_) : segments.size();
    const std::vector<Segment> calm(segments.begin() + static_cast<std::ptrdiff_t>(now),
                                    segments.end());
    segments.resize(now);
    stage(std::move(segments), Ahead::kNo, calm.empty());
    crew_.join();
    if (!calm.empty()) stage(calm, Ahead::kYes, true);
  } catch (...) {  // the background thread must not wait for segments that never come
    abandon();
    if (result_.valid()) drop_result();
    release_items();
    throw;
  }
  if (!crew_.in_progress()) release_items();
}

void Saver::abandon() {
  abandoned_ = true;
  staging_.close();
}

void Saver::release_items() {
  for (const Item& item : items_)
    if (item.source.use_count() == 1) item.source->release();
}

void Saver::drop_result() {
  result_.wait();
  result_ = {};
}

void Saver::finish_staging() {
  require_owner();
  if (!crew_.in_progress()) return;
  try {
    crew_.join();
  } catch (...) {
    release_items();
    drop_result();
    throw;
  }
  release_items();
}

// Fills the segments on other threads, and on this one when it joins the crew. After the last ones
// the background thread is told that it has all.
void Saver::stage(std::vector<Segment> segments, Ahead ahead, bool last) {
  const std::size_t count = segments.size();
  const auto most = static_cast<int>(std::min<std::size_t>(count, std::numeric_limits<int>::max()));
  const int workers = std::min(workers_of(options_.threads), most);
  // Where save() waits, its own thread is one of the workers.
  const int threads = ahead == Ahead::kYes ? workers : std::max(workers - 1, 0);
  auto stage_one = [this, skeleton = skeleton_, segments = std::move(segments)](std::size_t i) {
    if (failed_) return;
    Lease lease(staging_);
    const Segment& segment = segments[i];
    skeleton->fill(segment.shard, segment.offset, lease.memory().slice(0, segment.bytes.size),
                   items_);
    lease.submit(segment);
  };
  std::function<void(bool)> at_end;
  if (last)
    at_end = [this](bool complete) {
      if (!complete) abandoned_ = true;
      staging_.close();
    };
  crew_.start(count, threads, std::move(stage_one), std::move(at_end));
}

// Takes every segment, also after a failure: a thread that waits for a free segment must get one.
// `writer` is null if it could not be made. Returns the first failure.
std::exception_ptr Saver::drain(SkeletonWriter* writer) {
  FirstFailure failure;
  const auto attempt = [&](const auto& action) {
    try {
      if (writer != nullptr && !failed_ && !abandoned_) action();
    } catch (...) {
      failed_ = true;
      failure.capture();
    }
  };
  const auto write_segments = [&] {
    while (const std::optional<Segment> segment = staging_.take()) {
      attempt([&] { writer->write(*segment); });
      written_ += segment->bytes.size;
      staging_.release(segment->bytes);
    }
  };
  const auto write_structure = [&] { attempt([&] { writer->write_structure(); }); };
  // With several threads, one writes catalog and index while the first segments are filled.
  const auto workers = static_cast<std::size_t>(writing_.count());
  try {
    writing_.for_each(workers, [&](std::size_t i) {
      if (i == 0 && workers > 1) write_structure();
      write_segments();
    });
    if (workers == 1) write_structure();
  } catch (...) {  // there is no memory or no thread for the workers
    failed_ = true;
    failure.capture();
    write_segments();  // after a failure that only gives them back
  }
  return failure.get();
}

void Saver::write(const Skeleton& skeleton, SaveJob job,
                  std::chrono::steady_clock::time_point start, bool is_one_of_many) {
  std::optional<PendingCheckpoint> pending;
  std::optional<SkeletonWriter> writer;  // destroyed first: it has files open in the directory
  std::exception_ptr failure;
  try {
    pending.emplace(place_.begin(job.manifest.step));
    writer.emplace(pending->directory(), skeleton);
  } catch (...) {
    failed_ = true;
    failure = std::current_exception();
  }
  const std::exception_ptr write_failure = drain(writer ? &*writer : nullptr);
  if (failure == nullptr) failure = write_failure;
  if (failure != nullptr) std::rethrow_exception(failure);
  if (abandoned_) return;

  SaveReport report;
  report.step = job.manifest.step;
  report.bytes = skeleton.bytes();
  job.manifest.files = writer->take_records();
  std::vector<std::function<void()>> syncs = writer->syncs();
  if (job.before_commit) syncs.push_back(job.before_commit);
  publish(place_, std::move(*pending), job.manifest, std::move(syncs), writing_);
  const std::chrono::duration<double> durable = std::chrono::steady_clock::now() - start;
  report.durable_seconds = durable.count();
  if (job.after_commit) job.after_commit(report);
  if (is_one_of_many) prepare_next(skeleton);
}

// Allocates what this save had too little of, so that the next one need not. Called only after a
// save that built nothing: more are likely to follow. Failing is no failure of this save, which is
// committed, nor of the next, which asks again for what it needs.
void Saver::prepare_next(const Skeleton& skeleton) {
  std::uint64_t bytes = 0;
  for (const ShardSkeleton& shard : skeleton.shards())
    bytes += round_up(shard.file_bytes, kSegmentBytes);
  try {
    staging_.reserve(bytes);
  } catch (...) {
  }
}

bool Saver::finished() const {
  return !result_.valid() || result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void Saver::wait() {
  finish_staging();
  if (!result_.valid()) return;
  std::future<void> result = std::move(result_);
  result.get();
}

}  // namespace holdfast
