#include <holdfast/checkpoint/run/save_ledger.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {
namespace {

bool are_same(double a, double b) {
  return a == b || (a != a && b != b);  // NaN as well
}

}  // namespace

SaveLedger::SaveLedger(const RunStore& store)
    : store_(store), committed_(store.steps()), may_save_(committed_.empty()) {}

std::vector<std::int64_t> SaveLedger::committed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return committed_;
}

bool SaveLedger::has(std::int64_t step) const {
  if (step == requested_) return true;
  const std::lock_guard<std::mutex> lock(mutex_);
  return may_save_ && std::binary_search(committed_.begin(), committed_.end(), step);
}

// None where somebody has removed the checkpoint meanwhile.
SaveLedger::Metrics SaveLedger::kept_metrics(std::int64_t step) const {
  if (step == requested_) return metrics_;
  try {
    return CheckpointFiles(store_.open(step)).manifest().metrics;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound && error.kind() != ErrorKind::kRetired) throw;
    return {};
  }
}

void SaveLedger::require_kept(std::int64_t step, const Metrics& metrics) const {
  if (metrics.empty()) return;
  const Metrics kept = kept_metrics(step);
  for (const auto& [name, value] : metrics) {
    const auto found = kept.find(name);
    if (found != kept.end() && are_same(found->second, value)) continue;
    throw Error(ErrorKind::kInvalidArgument, "the step is saved already, and the metric " +
                                                 in_quotes(name) + " of this call would be lost")
        .at(store_.path())
        .expected("the metrics with the first save of step " + std::to_string(step) +
                  ", or none with a later one")
        .found(found == kept.end() ? "no such metric in the checkpoint" : "another value in it")
        .remedy("evaluate before the step is saved");
  }
}

void SaveLedger::require_may_save(std::int64_t step) const {
  const std::vector<std::int64_t> committed = this->committed();
  if (!may_save_)
    throw Error(ErrorKind::kInvalidArgument, "the run has checkpoints that were not restored")
        .at(store_.path())
        .expected("restore_latest() before the first save, or an empty run directory")
        .found("checkpoints up to step " + std::to_string(committed.back()));
  std::optional<std::int64_t> newest = requested_;
  if (!committed.empty()) newest = std::max(committed.back(), newest.value_or(0));
  if (newest && step <= *newest)
    throw Error(ErrorKind::kInvalidArgument, "a save must be of a newer step than the last")
        .at(store_.path())
        .expected("a step after " + std::to_string(*newest))
        .found(std::to_string(step));
}

void SaveLedger::begin(std::int64_t step, const Metrics& metrics) {
  requested_ = step;
  metrics_ = metrics;
  const std::lock_guard<std::mutex> lock(mutex_);
  committed_.reserve(committed_.size() + 1);
}

std::optional<std::int64_t> SaveLedger::fail() {
  return std::exchange(requested_, std::nullopt);
}

void SaveLedger::restored(std::int64_t step, const Metrics& metrics) {
  std::vector<std::int64_t> found = store_.steps();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    committed_ = std::move(found);
  }
  may_save_ = true;
  requested_ = step;
  metrics_ = metrics;
}

void SaveLedger::commit(std::int64_t step) {
  std::vector<std::int64_t> found;
  try {
    found = store_.steps();
  } catch (const std::exception&) {
    const std::lock_guard<std::mutex> lock(mutex_);
    committed_.push_back(step);  // has room for it
    return;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  committed_ = std::move(found);
}

void SaveLedger::retire(std::int64_t step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  committed_.erase(std::remove(committed_.begin(), committed_.end(), step), committed_.end());
}

}  // namespace holdfast
