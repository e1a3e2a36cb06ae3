#include <holdfast/checkpoint/run/run_saves.h>

#include <exception>
#include <utility>

#include <holdfast/checkpoint/save/save_failure.h>

namespace holdfast {

using Clock = SaveSchedule::Clock;

RunSaves::RunSaves(RunStore& store, EventTeller& teller, FailureAccount& failures,
                   RunSavesOptions options)
    : store_(store),
      teller_(teller),
      failures_(failures),
      options_(std::move(options)),
      schedule_(options_.every_steps, options_.every, Clock::now()),
      ledger_(store),
      retirement_(store, options_.retention),
      saver_(store, options_.saver) {}

bool RunSaves::is_due(std::int64_t step) const {
  return step != ledger_.newest_request() && schedule_.is_due(step, Clock::now());
}

void RunSaves::restored(std::int64_t step, const Metrics& metrics) {
  ledger_.restored(step, metrics);
  schedule_.begin_anew(step, Clock::now());
}

bool RunSaves::save(std::int64_t step, const Metrics& metrics, const MakeJob& make_job) {
  if (ledger_.has(step)) {
    ledger_.require_kept(step, metrics);
    return false;
  }
  ledger_.require_may_save(step);
  if (saver_.in_flight()) {
    if (options_.skips_when_busy) return false;
    wait();
  }
  block([&] { begin(step, metrics, make_job); });
  if (!options_.asynchronous) wait();
  return ledger_.newest_request() == step;
}

void RunSaves::begin(std::int64_t step, const Metrics& metrics, const MakeJob& make_job) {
  ledger_.begin(step, metrics);
  schedule_.begin_anew(step, Clock::now());
  SaveJob job = make_job(saver_.take_used_items());
  job.after_commit = [this, metrics](const SaveReport& report) {
    try {
      follow_up(report, metrics);
    } catch (const std::exception& error) {  // the checkpoint is durable all the same
      teller_.keep(std::make_exception_ptr(
          Error(ErrorKind::kIo,
                std::string("it is saved, and what follows has failed: ") + error.what())
              .at(store_.path() + "/" + format::kCheckpointsDirectory + "/" +
                  format::step_directory_name(report.step))));
    }
  };
  saver_.save(std::move(job));
}

void RunSaves::follow_up(const SaveReport& report, const Metrics& metrics) {
  ledger_.commit(report.step);
  failures_.committed(report.step);
  const double blocked = tally_.committed(report);
  teller_.tell(events::Save{report.step, static_cast<std::int64_t>(report.bytes),
                            report.durable_seconds, blocked});
  retire(report.step, metrics);
}

// A failure is told, and tried again after the next commit.
void RunSaves::retire(std::int64_t newest, const Metrics& metrics) {
  try {
    retirement_.after_commit(newest, metrics, [this](std::int64_t step) { ledger_.retire(step); });
  } catch (const std::exception& error) {
    teller_.tell(events::RetireFailed{newest, error.what()});
  }
}

void RunSaves::finish_staging() {
  block([this] { saver_.finish_staging(); });
}

void RunSaves::wait() {
  block([this] { saver_.wait(); });
}

// Does what holds up the training, and counts the time that it takes.
template <typename Work>
void RunSaves::block(const Work& work) {
  const auto start = Clock::now();
  try {
    try {
      work();
    } catch (...) {
      rethrow_as_save_failure(store_.path());
    }
  } catch (const Error& error) {
    if (!owner_.is_this()) throw;  // a child has nothing to tell of the run
    tally_.failed();
    teller_.tell(events::SaveFailed{ledger_.fail().value_or(failures_.newest()), error.what()});
    failures_.save_failed();
    if (!options_.on_error) throw;
    options_.on_error(error);
  }
  tally_.blocked(std::chrono::duration<double>(Clock::now() - start).count());
}

std::optional<SaveProgress> RunSaves::in_flight() const {
  const auto step = ledger_.newest_request();
  if (saver_.finished() || !step) return std::nullopt;
  return SaveProgress{*step, saver_.bytes_written(), saver_.bytes_to_write()};
}

}  // namespace holdfast
