#include <holdfast/checkpoint/checkpointer.h>

#include <exception>
#include <utility>

#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/loading.h>
#include <holdfast/checkpoint/log/event_teller.h>
#include <holdfast/checkpoint/log/failure_account.h>
#include <holdfast/checkpoint/protocol/job.h>
#include <holdfast/checkpoint/protocol/proving.h>
#include <holdfast/checkpoint/protocol/supervision.h>
#include <holdfast/checkpoint/run/journals.h>
#include <holdfast/checkpoint/run/recovery.h>
#include <holdfast/checkpoint/run/run_saves.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/state/capture.h>
#include <holdfast/checkpoint/state/environment.h>

namespace holdfast {
namespace {

using Metrics = std::map<std::string, double>;

RunSavesOptions save_options(const Options& from) {
  RunSavesOptions options;
  options.every_steps = from.every_steps;
  options.every = from.every;
  options.retention = from.retention;
  if (keeps_every_checkpoint()) options.retention.keep_last = 0;
  options.saver = {from.shards, from.max_staging_bytes, from.threads,
                   from.asynchronous && from.overlap};
  options.asynchronous = from.asynchronous;
  options.skips_when_busy = from.when_busy == Options::Busy::kSkip;
  options.on_error = from.on_error;
  return options;
}

void require_step(std::int64_t step) {
  if (step >= 0) return;
  throw Error(ErrorKind::kInvalidArgument, "a step is the number of completed optimizer steps")
      .expected("0 or more")
      .found(std::to_string(step));
}

}  // namespace

// The parts behind the door, and what takes several of them.
struct Checkpointer::Parts {
  Parts(const std::string& run, Options given);
  ~Parts();
  void require_owner() const;

  std::optional<Resumed> restore_latest(State& state, const RestoreOptions& how);
  Resumed restore(const std::string& checkpoint, State& state, const RestoreOptions& how);
  Resumed go_on_from(const CheckpointFiles& files);
  Resumed begin_with(const CheckpointFiles& files, const State& state);
  Resumed tell_resumed(const CheckpointFiles& files);
  bool save(std::int64_t step, const State& state, const Metrics& metrics);

  const OwnerProcess owner;
  Options options;
  RunStore store;
  EventTeller teller;
  FailureAccount failures;
  Heartbeat heartbeat;
  JobMemory job;
  Journals journals;
  Recovery recovery;
  Loading loading;
  RunSaves saves;
  std::map<std::string, std::string> environment;
  std::string run_id;
  std::optional<format::Origin> origin;
  Parts* kept_before = nullptr;  // see ~Checkpointer()
};

Checkpointer::Parts::Parts(const std::string& run, Options given)
    : options(with_defaults(std::move(given))),
      store(options.file_system, run),
      teller(store.root(), options.on_event),
      failures(store.root(), teller),
      job(store.root()),
      journals(
          store.root(),
          [this](const Journal& journal) { teller.tell(events::JournalAltered{journal.path()}); }),
      recovery(store, teller, options.threads),
      loading(options, failures),
      saves(store, teller, failures, save_options(options)),
      environment(holdfast::environment()),
      run_id(random_id()) {
  environment["hdf5"] = format::hdf5_version();
  announce_run(store.root());
  teller.tell(events::Open{host_name(), user_name(), process_id()});
  for (const Error& one : store.in_the_way()) teller.tell(events::InTheWay{one.what()});
  teller.rethrow();
}

// Waits first: the save in flight is newer than what a failure would be counted for.
Checkpointer::Parts::~Parts() {
  const bool thrown = failures.ends_by_exception();
  const bool is_news = thrown && !failures.is_explained();
  try {
    saves.wait();
  } catch (...) {  // recorded in events.jsonl
  }
  if (is_news) failures.count("an exception ended it");
  events::Close close{failures.newest(), saves.statistics().blocked_seconds, {}};
  if (thrown) close.failed = true;
  teller.tell(close);
}

// Opening and closing.

Checkpointer::Checkpointer(const std::string& run, Options options)
    : parts_(std::make_unique<Parts>(run, std::move(options))) {}

// A child's copy is as it was when the process was copied: a container may have been in the midst
// of a change, and a thread is waited for that is not there. So nothing of it is touched. It can be
// reached, so that no one who looks for leaks finds one.
Checkpointer::~Checkpointer() {
  static Parts* kept = nullptr;
  if (parts_->owner.is_this()) return;
  parts_->kept_before = std::exchange(kept, parts_.get());
  static_cast<void>(parts_.release());
}

Checkpointer::Parts& Checkpointer::own() const {
  parts_->require_owner();
  return *parts_;
}

// Every member function calls this first, before it locks anything. In a process that was forked,
// only the thread that called fork() goes on: a lock that another thread held stays locked for
// ever.
void Checkpointer::Parts::require_owner() const {
  if (owner.is_this()) return;
  throw Error(ErrorKind::kInvalidArgument, "the run was opened by another process")
      .at(store.path())
      .expected("calls by that process, not by one that it has forked")
      .remedy("save there; here, read with Reader, or open a run of its own");
}

// Restoring.

std::optional<Resumed> Checkpointer::restore_latest(State& state, const RestoreOptions& options) {
  own().saves.wait();
  auto resumed = own().restore_latest(state, options);
  own().teller.rethrow();
  return resumed;
}

Resumed Checkpointer::restore(const std::string& checkpoint, State& state,
                              const RestoreOptions& options) {
  own().saves.wait();
  Resumed resumed = own().restore(checkpoint, state, options);
  own().teller.rethrow();
  return resumed;
}

std::optional<Resumed> Checkpointer::Parts::restore_latest(State& state,
                                                           const RestoreOptions& how) {
  const std::optional<std::int64_t> passed_over =
      recovery.step_to_pass_over(failures.log(), options.max_failures,
                                 options.after_failures == Options::AfterFailures::kOlder);
  return loading.run([&]() -> std::optional<Resumed> {
    const auto files = recovery.load_latest(
        [&](const CheckpointFiles& found, bool touched) {
          loading.load(found, state, how, touched);
        },
        [this](const CheckpointFiles& found) { return loading.accepts(found); }, passed_over);
    if (!files) {
      journals.cut_back({});
      return std::nullopt;
    }
    if (passed_over) failures.pass_over(*passed_over, files->manifest().step);
    return go_on_from(*files);
  });
}

Resumed Checkpointer::Parts::restore(const std::string& checkpoint, State& state,
                                     const RestoreOptions& how) {
  if (!store.steps().empty() && job.has_gone_back_to(checkpoint)) {
    Resumed resumed = *restore_latest(state, how);
    resumed.had_gone_back = true;
    return resumed;
  }
  return loading.run([&] {
    const CheckpointFiles files =
        recovery.load_from(checkpoint, [&](const CheckpointFiles& found, bool touched) {
          loading.load(found, state, how, touched);
        });
    failures.forget();  // the user knows better
    job.remember(checkpoint);
    return store.steps().empty() ? begin_with(files, state) : go_on_from(files);
  });
}

// A checkpoint of this run. Others may have been moved out of the way.
Resumed Checkpointer::Parts::go_on_from(const CheckpointFiles& files) {
  const format::Manifest& manifest = files.manifest();
  failures.go_on_from(manifest.step);
  saves.restored(manifest.step, manifest.metrics);
  run_id = manifest.run_id;
  origin = origin_of(files);
  heartbeat.resumed(manifest.step);
  journals.cut_back(manifest.journals);
  teller.tell(events::Resume{manifest.step, origin->path});
  return tell_resumed(files);
}

// A checkpoint of another run. It is saved at once, so that what goes on from here on is this run,
// whatever happens to the other.
Resumed Checkpointer::Parts::begin_with(const CheckpointFiles& files, const State& state) {
  const format::Manifest& manifest = files.manifest();
  origin = origin_of(files);
  heartbeat.resumed(manifest.step);
  journals.cut_back({});
  teller.tell(events::Fork{manifest.step, origin->path});
  const Resumed resumed = tell_resumed(files);
  save(manifest.step, state, manifest.metrics);
  saves.wait();
  return resumed;
}

Resumed Checkpointer::Parts::tell_resumed(const CheckpointFiles& files) {
  const Resumed resumed = loading.resumed(files);
  for (const ModeChange& change : resumed.mode_changes)
    teller.tell(events::ModeChanged{resumed.step, to_string(change)});
  return resumed;
}

// Training and saving.

void Checkpointer::completed(std::int64_t step) {
  Parts& parts = own();
  require_step(step);
  parts.heartbeat.completed(step);
}

bool Checkpointer::due(std::int64_t step) const {
  const Parts& parts = own();
  require_step(step);
  return parts.saves.is_due(step);
}

bool Checkpointer::save(std::int64_t step, const State& state, const Metrics& metrics) {
  completed(step);
  Parts& parts = own();
  if (parts.saves.has_finished()) parts.saves.wait();  // throws why the save before has failed
  parts.teller.rethrow();
  const bool is_begun = parts.save(step, state, metrics);
  if (!parts.options.asynchronous) parts.teller.rethrow();
  return is_begun;
}

bool Checkpointer::Parts::save(std::int64_t step, const State& state, const Metrics& metrics) {
  return saves.save(step, metrics, [&](std::vector<Item> used) {
    SaveJob job;
    job.manifest.step = step;
    job.manifest.created = utc_now();
    job.manifest.run_id = run_id;
    job.manifest.resumed_from = origin;
    job.manifest.environment = environment;
    job.manifest.configuration = options.configuration;
    job.manifest.metrics = metrics;
    job.manifest.retention = options.retention;
    job.manifest.journals = journals.marks();
    job.items = capture(state, std::move(used));
    require_owner();  // an object of the user's may have forked while it was asked for its state
    job.before_commit = [open = journals.all()] {
      for (Journal* journal : open) journal->sync();
    };
    return job;
  });
}

void Checkpointer::before_step() {
  own().saves.finish_staging();
  own().teller.rethrow();
}

void Checkpointer::wait() {
  own().saves.wait();
  own().teller.rethrow();
}

// Journals, failures, and what is known of the run.

Journal& Checkpointer::journal(const std::string& name) {
  return own().journals.open(name);
}

void Checkpointer::count_failure(const std::string& reason) {
  Parts& parts = own();
  parts.saves.wait();  // a save in flight is newer than what this failure is counted for
  parts.failures.count(reason);
}

void Checkpointer::note_fatal_signal(int signal) noexcept {
  if (parts_->owner.is_this()) parts_->failures.count_signal(signal);
}

std::vector<std::int64_t> Checkpointer::steps() const {
  return own().saves.steps();
}

SaveStatistics Checkpointer::statistics() const {
  return own().saves.statistics();
}

std::optional<SaveProgress> Checkpointer::in_flight() const {
  return own().saves.in_flight();
}

const std::string& Checkpointer::run_id() const {
  return parts_->run_id;
}

const std::string& Checkpointer::path() const {
  return parts_->store.path();
}

}  // namespace holdfast
