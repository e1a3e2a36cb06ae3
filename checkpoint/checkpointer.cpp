#include <holdfast/checkpoint/checkpointer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <utility>

#include <c10/util/Exception.h>

#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/shard.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/log/failure_log.h>
#include <holdfast/checkpoint/protocol/job.h>
#include <holdfast/checkpoint/protocol/proving.h>
#include <holdfast/checkpoint/protocol/supervision.h>
#include <holdfast/checkpoint/reader.h>
#include <holdfast/checkpoint/run/journals.h>
#include <holdfast/checkpoint/run/recovery.h>
#include <holdfast/checkpoint/run/retirement.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/save/saver.h>
#include <holdfast/checkpoint/state/capture.h>
#include <holdfast/checkpoint/state/environment.h>
#include <holdfast/checkpoint/state/restore.h>

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

RetentionPolicy retention_of(const Options& options) {
  RetentionPolicy policy = options.retention;
  if (keeps_every_checkpoint()) policy.keep_last = 0;
  return policy;
}

}  // namespace

class Checkpointer::Impl {
 public:
  Impl(const std::string& run, Options options)
      : options_(with_defaults(std::move(options))),
        store_(options_.file_system, run),
        events_(store_.root()),
        failures_(store_.root()),
        journals_(store_.root(),
                  [this](const Journal& journal) {
                    tell({"journal_altered", {{"file", journal.path()}}});
                  }),
        retirement_(store_, retention_of(options_)),
        committed_(store_.steps()),
        saver_(store_, {options_.shards, options_.max_staging_bytes, options_.threads,
                        options_.asynchronous && options_.overlap}),
        environment_(environment()),
        run_id_(random_id()),
        may_save_(committed_.empty()) {
    environment_["hdf5"] = format::hdf5_version();
    announce_run(store_.root());
    tell({"open", {{"host", host_name()}, {"user", user_name()}, {"pid", process_id()}}});
    for (const Error& one : store_.in_the_way())
      tell({"in_the_way", {{"reason", std::string(one.what())}}});
    throw_what_on_event_threw();
  }

  ~Impl() {
    const bool thrown = std::uncaught_exceptions() > exceptions_;
    const bool unexplained = thrown && !is_explained_;
    try {
      wait_for_save();
    } catch (...) {  // recorded in events.jsonl
    }
    if (unexplained) add_failure("an exception ended it");
    Event close = {"close",
                   {{"step", newest_.load()}, {"blocked_seconds", statistics().blocked_seconds}}};
    if (thrown) close.fields.push_back({"failed", true});
    tell(std::move(close));
  }

  bool is_owner() const noexcept { return owner_.is_this(); }

  // Ahead of everything: in a child, what another thread held when it was copied stays locked, and
  // who waits for such a thread waits for ever.
  void require_owner() const {
    if (is_owner()) return;
    throw Error(ErrorKind::kInvalidArgument, "the run was opened by another process")
        .at(store_.path())
        .expected("calls by that process, not by one that it has forked")
        .remedy("save there; here, read with Reader, or open a run of its own");
  }

  std::vector<std::int64_t> steps() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return committed_;
  }

  std::optional<Resumed> restore_latest(State& state, const RestoreOptions& options) {
    wait_for_save();
    const std::optional<std::int64_t> passed_over =
        recovery().step_to_pass_over(failures_, options_.max_failures,
                                     options_.after_failures == Options::AfterFailures::kOlder);
    return without_blame([&]() -> std::optional<Resumed> {
      const auto accepts = [this](const CheckpointFiles& found) {
        return !options_.accepts || options_.accepts(restored(found));
      };
      const auto load_one = [&](const CheckpointFiles& found, bool touched) {
        load(found, state, options, touched);
      };
      const auto files = recovery().load_latest(load_one, accepts, passed_over);
      if (!files) {
        journals_.cut_back({});
        return std::nullopt;
      }
      if (passed_over) note_pass_over(*passed_over, files->manifest().step);
      return adopt(*files);
    });
  }

  Resumed restore(const std::string& checkpoint, State& state, const RestoreOptions& options) {
    wait_for_save();
    if (!store_.steps().empty() && job_has_restored(store_.root(), checkpoint)) {
      Resumed resumed = *restore_latest(state, options);
      resumed.had_gone_back = true;
      return resumed;
    }
    return without_blame([&] {
      const CheckpointFiles files =
          recovery().load_from(checkpoint, [&](const CheckpointFiles& found, bool touched) {
            load(found, state, options, touched);
          });
      failures_.forget();  // the user knows better
      remember_restore(store_.root(), checkpoint);
      return store_.steps().empty() ? fork(files, state) : adopt(files);
    });
  }

  bool due(std::int64_t step) const {
    require_step(step);
    heartbeat_.completed(step);
    if (step == last_requested_) return false;
    if (options_.every_steps > 0 && has_reached_a_multiple(step)) return true;
    return options_.every.count() > 0 && Clock::now() - last_request_time_ >= options_.every;
  }

  bool save(std::int64_t step, const State& state, const std::map<std::string, double>& metrics) {
    require_step(step);
    heartbeat_.completed(step);
    if (saver_.finished()) wait_for_save();
    throw_what_on_event_threw();
    const bool is_begun = save_step(step, state, metrics);
    if (!options_.asynchronous) throw_what_on_event_threw();
    return is_begun;
  }

  bool save_step(std::int64_t step, const State& state,
                 const std::map<std::string, double>& metrics) {
    if (step == last_requested_ || is_committed(step)) {
      require_metrics_kept(step, metrics);
      return false;
    }
    check_may_save(step);
    if (saver_.in_flight()) {
      if (options_.when_busy == Options::Busy::kSkip) return false;
      wait_for_save();
    }
    const auto start = Clock::now();
    settle([&] { begin(step, state, metrics); });
    add_blocked(seconds_since(start));
    if (!options_.asynchronous) wait_for_save();
    return last_requested_ == step;
  }

  void before_step() {
    const auto start = Clock::now();
    settle([this] { saver_.finish_staging(); });
    add_blocked(seconds_since(start));
    throw_what_on_event_threw();
  }

  void wait() {
    wait_for_save();
    throw_what_on_event_threw();
  }

  // What on_event threw first since the last time. Whatever it was told of has happened.
  void throw_what_on_event_threw() {
    std::exception_ptr thrown;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      thrown = std::exchange(thrown_, nullptr);
    }
    if (thrown != nullptr) std::rethrow_exception(thrown);
  }

  Journal& journal(const std::string& name) { return journals_.open(name); }

  void count_failure(const std::string& reason) {
    wait_for_save();  // a save in flight is newer than what this failure is counted for
    is_explained_ = true;
    add_failure(reason);
  }

  void note_fatal_signal(int signal) noexcept {
    if (newest_ >= 0) failures_.add_from_signal_handler(newest_, signal);
  }

  SaveStatistics statistics() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return statistics_;
  }

  std::optional<SaveProgress> in_flight() const {
    if (saver_.finished() || !last_requested_) return std::nullopt;
    return SaveProgress{*last_requested_, saver_.bytes_written(), saver_.bytes_to_write()};
  }

  const std::string& run_id() const { return run_id_; }
  const std::string& path() const { return store_.path(); }

  Impl* kept_before = nullptr;  // see ~Checkpointer()

 private:
  void wait_for_save() {
    const auto start = Clock::now();
    settle([this] { saver_.wait(); });
    add_blocked(seconds_since(start));
  }

  // By steps of any size: since the last that was asked for. At the beginning, step 0 is one.
  bool has_reached_a_multiple(std::int64_t step) const {
    const std::int64_t every = options_.every_steps;
    if (!due_since_) return step == 0 || step >= every;
    return step / every > *due_since_ / every;
  }

  static void require_step(std::int64_t step) {
    if (step >= 0) return;
    throw Error(ErrorKind::kInvalidArgument, "a step is the number of completed optimizer steps")
        .expected("0 or more")
        .found(std::to_string(step));
  }

  Recovery recovery() {
    return Recovery(
        store_, [this](Event event) { tell(std::move(event)); }, options_.threads);
  }

  void load(const CheckpointFiles& files, State& state, RestoreOptions options, bool touched) {
    if (touched) options.allow_missing = false;  // nothing of the damaged one may stay
    if (options_.before_restore) options_.before_restore(describe(files));
    if (options.threads == 0) options.threads = options_.threads;
    newest_ = files.manifest().step;
    report_ = holdfast::restore(files, state, options);
    const std::vector<ModeChange> changes = mode_changes(state);
    mode_changes_.insert(mode_changes_.end(), changes.begin(), changes.end());
  }

  // What was put back and not yet accepted.
  Resumed restored(const CheckpointFiles& files) const {
    Resumed resumed = describe(files);
    resumed.load = report_;
    resumed.mode_changes = mode_changes_;
    return resumed;
  }

  void add_failure(const std::string& reason) noexcept {
    const std::int64_t step = newest_;
    try {
      tell({"failed", {{"step", step}, {"reason", reason}}});
      if (step >= 0) failures_.add(step, reason);  // from the beginning: there is none to blame
    } catch (const std::exception&) {  // what keeps it from being counted is not the run's failure
    }
  }

  // An Error of a restore says why it came to nothing: the checkpoint is not to blame. Any other
  // exception, one that an object of the program has thrown among them, or a signal, is counted
  // against the one that was being loaded.
  template <typename Restore>
  auto without_blame(const Restore& restore) -> decltype(restore()) {
    mode_changes_.clear();
    try {
      return restore();
    } catch (const Error& error) {
      if (!holds_another(error)) newest_ = -1;
      throw;
    }
  }

  // True if an exception that is none of ours is nested in it (stateful.h).
  static bool holds_another(const Error& error) {
    try {
      std::rethrow_if_nested(error);
      return false;
    } catch (const Error&) {
      return false;
    } catch (const c10::Error&) {
      return false;
    } catch (...) {
      return true;
    }
  }

  void note_pass_over(std::int64_t step, std::int64_t to) {
    tell({"passed_over",
          {{"step", step}, {"to_step", to}, {"reason", failures_.last_reason(step)}}});
    failures_.add_pass_over(step);
  }

  // What came back, for the caller and for events.jsonl.
  Resumed resumed_from(const CheckpointFiles& files) {
    Resumed resumed = restored(files);
    mode_changes_.clear();
    for (const ModeChange& change : resumed.mode_changes)
      tell({"mode_changed", {{"step", resumed.step}, {"change", to_string(change)}}});
    return resumed;
  }

  // The run goes on from this checkpoint. Others may have been moved out of the way.
  Resumed adopt(const CheckpointFiles& files) {
    const format::Manifest& manifest = files.manifest();
    failures_.go_on_from(manifest.step);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      committed_ = store_.steps();
    }
    is_explained_ = false;
    run_id_ = manifest.run_id;
    origin_ = origin_of(files);
    heartbeat_.resumed(manifest.step);
    may_save_ = true;
    note_request(manifest.step);
    last_metrics_ = manifest.metrics;
    journals_.cut_back(manifest.journals);
    tell({"resume", {{"step", manifest.step}, {"from", origin_->path}}});
    return resumed_from(files);
  }

  // A run of its own that begins with another run's state. It is saved at once, so that what goes
  // on from here on is this run, whatever happens to the other.
  Resumed fork(const CheckpointFiles& files, const State& state) {
    const format::Manifest& manifest = files.manifest();
    origin_ = origin_of(files);
    heartbeat_.resumed(manifest.step);
    journals_.cut_back({});
    tell({"fork", {{"step", manifest.step}, {"from", origin_->path}}});
    const Resumed resumed = resumed_from(files);
    save_step(manifest.step, state, manifest.metrics);
    wait_for_save();
    return resumed;
  }

  bool is_committed(std::int64_t step) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return may_save_ && std::binary_search(committed_.begin(), committed_.end(), step);
  }

  // None where somebody has removed the checkpoint meanwhile.
  std::map<std::string, double> kept_metrics(std::int64_t step) const {
    try {
      return CheckpointFiles(store_.open(step)).manifest().metrics;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound && error.kind() != ErrorKind::kRetired) throw;
      return {};
    }
  }

  // A checkpoint never changes once it is committed: metrics that it does not have would be lost.
  void require_metrics_kept(std::int64_t step, const std::map<std::string, double>& metrics) const {
    if (metrics.empty()) return;
    const std::map<std::string, double> kept =
        step == last_requested_ ? last_metrics_ : kept_metrics(step);
    for (const auto& [name, value] : metrics) {
      const auto found = kept.find(name);
      if (found != kept.end() &&
          (found->second == value || (value != value && found->second != found->second)))
        continue;
      throw Error(ErrorKind::kInvalidArgument, "the step is saved already, and the metric " +
                                                   format::in_quotes(name) +
                                                   " of this call would be lost")
          .at(store_.path())
          .expected("the metrics with the first save of step " + std::to_string(step) +
                    ", or none with a later one")
          .found(found == kept.end() ? "no such metric in the checkpoint" : "another value in it")
          .remedy("evaluate before the step is saved");
    }
  }

  void check_may_save(std::int64_t step) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!may_save_)
      throw Error(ErrorKind::kInvalidArgument, "the run has checkpoints that were not restored")
          .at(store_.path())
          .expected("restore_latest() before the first save, or an empty run directory")
          .found("checkpoints up to step " + std::to_string(committed_.back()));
    std::optional<std::int64_t> newest = last_requested_;
    if (!committed_.empty()) newest = std::max(committed_.back(), newest.value_or(0));
    if (newest && step <= *newest)
      throw Error(ErrorKind::kInvalidArgument, "a save must be of a newer step than the last")
          .at(store_.path())
          .expected("a step after " + std::to_string(*newest))
          .found(std::to_string(step));
  }

  void begin(std::int64_t step, const State& state, const std::map<std::string, double>& metrics) {
    note_request(step);
    last_metrics_ = metrics;
    SaveJob job;
    job.manifest.step = step;
    job.manifest.created = utc_now();
    job.manifest.run_id = run_id_;
    job.manifest.resumed_from = origin_;
    job.manifest.environment = environment_;
    job.manifest.configuration = options_.configuration;
    job.manifest.metrics = metrics;
    job.manifest.retention = options_.retention;
    job.manifest.journals = journals_.marks();
    job.items = capture(state, saver_.take_used_items());
    require_owner();  // an object of the user's may have forked while it was asked for its state
    job.before_commit = [journals = journals_.all()] {
      for (Journal* journal : journals) journal->sync();
    };
    job.after_commit = [this, metrics](const SaveReport& report) {
      try {
        committed(report, metrics);
      } catch (const std::exception& error) {  // the checkpoint is durable all the same
        keep(std::make_exception_ptr(
            Error(ErrorKind::kIo,
                  std::string("it is saved, and what follows has failed: ") + error.what())
                .at(store_.path() + "/" + kCheckpointsDirectory + "/" +
                    step_directory_name(report.step))));
      }
    };
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      committed_.reserve(committed_.size() + 1);
    }
    saver_.save(std::move(job));
  }

  void note_request(std::int64_t step) {
    last_requested_ = due_since_ = step;
    last_request_time_ = Clock::now();
  }

  // On the background thread.
  void committed(const SaveReport& report, const std::map<std::string, double>& metrics) {
    list_again(report.step);
    newest_ = report.step;
    is_explained_ = false;
    forget_failures(report.step);
    double blocked = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      statistics_.saves += 1;
      statistics_.last_step = report.step;
      statistics_.bytes += report.bytes;
      statistics_.last_durable_seconds = report.durable_seconds;
      blocked =
          statistics_.blocked_seconds - std::exchange(told_blocked_, statistics_.blocked_seconds);
    }
    tell({"save",
          {{"step", report.step},
           {"bytes", static_cast<std::int64_t>(report.bytes)},
           {"durable_seconds", report.durable_seconds},
           {"blocked_seconds", blocked}}});
    retire(report.step, metrics);
  }

  // Advisory: what stays is of an older step, and counts for nothing.
  void forget_failures(std::int64_t committed) {
    try {
      failures_.go_on_from(committed);
    } catch (const Error&) {
    }
  }

  // An earlier save that failed may have left a whole checkpoint that it could not take back: this
  // commit has made it durable too.
  void list_again(std::int64_t newest) {
    std::vector<std::int64_t> found;
    try {
      found = store_.steps();
    } catch (const std::exception&) {
      const std::lock_guard<std::mutex> lock(mutex_);
      committed_.push_back(newest);  // has room for it
      return;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    committed_ = std::move(found);
  }

  // The checkpoint is durable whatever comes of this: a failure is told, and tried again next time.
  void retire(std::int64_t newest, const std::map<std::string, double>& metrics) {
    try {
      retirement_.after_commit(newest, metrics, [this](std::int64_t step) {
        const std::lock_guard<std::mutex> lock(mutex_);
        committed_.erase(std::remove(committed_.begin(), committed_.end(), step), committed_.end());
      });
    } catch (const std::exception& error) {
      tell({"retire_failed", {{"after_step", newest}, {"reason", std::string(error.what())}}});
    }
  }

  // Waits as told. A failure of the save in flight is recorded, and thrown or reported, as an
  // Error; what was thrown as anything else is nested in it.
  template <typename Wait>
  void settle(const Wait& wait) {
    try {
      as_errors(wait);
    } catch (const Error& error) {
      if (!is_owner()) throw;  // a child has nothing to tell of the run
      note_failure(error);
      if (!options_.on_error) throw;
      options_.on_error(error);
    }
  }

  template <typename Wait>
  void as_errors(const Wait& wait) const {
    try {
      wait();
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      std::throw_with_nested(
          Error(ErrorKind::kIo, "the save has failed: memory has run out")
              .at(store_.path())
              .remedy("free some, or raise its limit (ulimit -v; memory.max of the cgroup), or "
                      "take less by max_staging_bytes; the next save tries again"));
    } catch (const std::exception& error) {
      std::throw_with_nested(
          Error(ErrorKind::kIo, std::string("the save has failed: ") + error.what()));
    } catch (...) {
      std::throw_with_nested(
          Error(ErrorKind::kIo, "the save has failed with something that is no std::exception"));
    }
  }

  void note_failure(const Error& error) {
    const std::int64_t step = std::exchange(last_requested_, std::nullopt).value_or(newest_);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      statistics_.failures += 1;
    }
    tell({"save_failed", {{"step", step}, {"reason", std::string(error.what())}}});
    is_explained_ = true;  // a disk that fails is no failure of the program
  }

  void add_blocked(double seconds) {
    const std::lock_guard<std::mutex> lock(mutex_);
    statistics_.blocked_seconds += seconds;
  }

  void tell(Event event) {
    events_.append(event);
    if (!options_.on_event) return;
    try {
      options_.on_event(event);
    } catch (...) {
      keep(std::current_exception());
    }
  }

  void keep(std::exception_ptr thrown) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (thrown_ == nullptr) thrown_ = std::move(thrown);
  }

  const OwnerProcess owner_;
  Options options_;
  RunStore store_;
  EventLog events_;
  FailureLog failures_;
  Journals journals_;
  Retirement retirement_;
  // That was restored or committed by this process; -1, which is no step: none. Signals' handlers
  // read it.
  std::atomic<std::int64_t> newest_{-1};
  mutable std::mutex mutex_;  // guards the next four
  std::vector<std::int64_t> committed_;
  SaveStatistics statistics_;
  double told_blocked_ = 0;    // of its blocked_seconds, in events
  std::exception_ptr thrown_;  // by on_event, and not thrown yet
  Saver saver_;                // its background thread uses what stands above
  std::map<std::string, std::string> environment_;
  std::string run_id_;
  std::optional<format::Origin> origin_;
  bool may_save_;  // the run was empty, or a checkpoint of it was restored
  std::optional<std::int64_t> last_requested_;  // committed or in flight; empty: none, or it failed
  std::map<std::string, double> last_metrics_;  // of last_requested_
  std::optional<std::int64_t> due_since_;       // the last that was asked for or restored
  std::vector<ModeChange> mode_changes_;        // of the restore in progress
  Clock::time_point last_request_time_ = Clock::now();
  LoadReport report_;  // of the last load
  mutable Heartbeat heartbeat_;
  const int exceptions_ = std::uncaught_exceptions();
  // Until the next commit, an exception that ends the run was counted, or comes of a failed save.
  std::atomic<bool> is_explained_{false};
};

Checkpointer::Checkpointer(const std::string& run, Options options)
    : impl_(std::make_unique<Impl>(run, std::move(options))) {}

// A child's copy is as it was when the process was copied: a container may have been in the midst
// of a change, and a thread is waited for that is not there. So nothing of it is touched. It can be
// reached, so that no one who looks for leaks finds one.
Checkpointer::~Checkpointer() {
  static Impl* kept = nullptr;
  if (impl_->is_owner()) return;
  impl_->kept_before = std::exchange(kept, impl_.get());
  static_cast<void>(impl_.release());
}

Checkpointer::Impl& Checkpointer::own() const {
  impl_->require_owner();
  return *impl_;
}

std::vector<std::int64_t> Checkpointer::steps() const {
  return own().steps();
}

std::optional<Resumed> Checkpointer::restore_latest(State& state, const RestoreOptions& options) {
  auto resumed = own().restore_latest(state, options);
  own().throw_what_on_event_threw();
  return resumed;
}

Resumed Checkpointer::restore(const std::string& checkpoint, State& state,
                              const RestoreOptions& options) {
  Resumed resumed = own().restore(checkpoint, state, options);
  own().throw_what_on_event_threw();
  return resumed;
}

void Checkpointer::before_step() {
  own().before_step();
}
bool Checkpointer::due(std::int64_t step) const {
  return own().due(step);
}

bool Checkpointer::save(std::int64_t step, const State& state,
                        const std::map<std::string, double>& metrics) {
  return own().save(step, state, metrics);
}

void Checkpointer::wait() {
  own().wait();
}
Journal& Checkpointer::journal(const std::string& name) {
  return own().journal(name);
}
void Checkpointer::count_failure(const std::string& reason) {
  own().count_failure(reason);
}
void Checkpointer::note_fatal_signal(int signal) noexcept {
  if (impl_->is_owner()) impl_->note_fatal_signal(signal);
}
SaveStatistics Checkpointer::statistics() const {
  return own().statistics();
}
std::optional<SaveProgress> Checkpointer::in_flight() const {
  return own().in_flight();
}
const std::string& Checkpointer::run_id() const {
  return impl_->run_id();
}
const std::string& Checkpointer::path() const {
  return impl_->path();
}

}  // namespace holdfast
