#include "diagnosis.h"

#include <algorithm>
#include <utility>

namespace holdfast::tool {
namespace {

// What usually goes wrong if the checkpoints have such state, but it differs after a resume.
const char* hint_if_saved(StateKind kind) {
  switch (kind) {
    case StateKind::kDataOrder:
      return "the sampler does not go on where it was: it is not restored, or begins its epoch "
             "anew "
             "after the restore";
    case StateKind::kGenerator:
      return "it is seeded after the restore, or the start of the program draws from it (an "
             "initialization, an evaluation, a shuffle): restore last, and seed before it";
    case StateKind::kScheduler:
      return "it is made anew after the restore, or a start steps it once more or less than a run "
             "that goes on";
    case StateKind::kMode:
      return "train(), eval() or requires_grad_() is called after the restore, which brings all "
             "three back, or RestoreOptions leave them out";
    case StateKind::kGradient:
      return "gradients are set or cleared after the restore, or RestoreOptions leave them out";
    case StateKind::kOptimizer:
      return "it is made anew, or its options are set again, after the restore";
    case StateKind::kBuffer:
      return "they are reset after the restore, or the start makes a forward pass in training mode "
             "(a warm-up, an evaluation without eval())";
    case StateKind::kProgress:
      return "it counts from the start of the process: set it from what was restored";
    case StateKind::kParameter:
    case StateKind::kOwn:
      return "its save() leaves out what its load() needs, or it is changed after the restore";
  }
  return "";
}

// What usually goes wrong if the checkpoints have no such state.
const char* hint_if_missing(StateKind kind) {
  switch (kind) {
    case StateKind::kDataOrder:
      return "no sampler is in the checkpoints, so the order of the data begins anew with each "
             "start: add state.sampler(…). If it follows from saved generators alone, it is "
             "something else that nobody registered";
    case StateKind::kGenerator:
      return "no generator is in the checkpoints, so dropout, shuffling and noise are drawn anew "
             "after a resume: add state.rng()";
    case StateKind::kScheduler:
      return "no scheduler is in the checkpoints, so the learning rate is scheduled from the "
             "beginning with each start: add state.scheduler(…)";
    case StateKind::kOptimizer:
      return "no optimizer is in the checkpoints, so its moments begin anew with each start: add "
             "state.optimizer(…)";
    default:
      return "all that is in the checkpoints was the same before, so it is something that nobody "
             "registered: a counter, a cache, a generator or a tensor of the program's own; or "
             "gradients that are accumulated over several steps (state.gradients(…)); or the "
             "optimizer is made anew, or a model changed, after the restore; or the number of "
             "threads has changed";
  }
}

Diagnosis is_itself(StateKind kind) {
  return {kind, true, hint_if_saved(kind)};
}

Diagnosis is_missing(StateKind kind) {
  return {kind, false, hint_if_missing(kind)};
}

bool any(const std::vector<std::string>& entries, bool (*is)(std::string_view)) {
  return std::any_of(entries.begin(), entries.end(), is);
}

std::set<StateKind> kinds_of(const std::vector<std::string>& entries) {
  std::set<StateKind> kinds;
  for (const std::string& entry : entries) kinds.insert(kind_of(entry));
  return kinds;
}

std::pair<StateKind, bool> rank_of(const std::string& entry) {
  return {kind_of(entry), !is_optimizer_option(entry) && !is_optimizer_count(entry)};
}

}  // namespace

Diagnosis diagnose(const std::vector<std::string>& different, const std::set<StateKind>& saved) {
  const std::set<StateKind> kinds = kinds_of(different);
  const auto differs = [&](StateKind kind) { return kinds.count(kind) != 0; };
  const auto lacks = [&](StateKind kind) { return saved.count(kind) == 0; };
  for (const StateKind kind :
       {StateKind::kDataOrder, StateKind::kGenerator, StateKind::kScheduler, StateKind::kMode})
    if (differs(kind)) return is_itself(kind);
  if (any(different, is_optimizer_count)) return is_itself(StateKind::kOptimizer);
  if (any(different, is_optimizer_option))
    return lacks(StateKind::kScheduler) ? is_missing(StateKind::kScheduler)
                                        : is_itself(StateKind::kOptimizer);
  if (!differs(StateKind::kOptimizer) && !differs(StateKind::kParameter))
    return is_itself(*kinds.begin());
  for (const StateKind kind : {StateKind::kOptimizer, StateKind::kGenerator, StateKind::kDataOrder})
    if (lacks(kind)) return is_missing(kind);
  return is_missing(StateKind::kOwn);
}

Diagnosis diagnose_unrepeatable(const std::vector<std::string>& different) {
  return {kind_of(different[first_cause(different)]), true,
          "no resume is to blame: the program itself does not do the same twice. Seed every "
          "generator, use no clock and no address as a seed, and mind algorithms that add in any "
          "order (threads, atomic additions on a GPU)"};
}

std::size_t first_cause(const std::vector<std::string>& different) {
  const auto first = std::min_element(
      different.begin(), different.end(),
      [](const std::string& a, const std::string& b) { return rank_of(a) < rank_of(b); });
  return static_cast<std::size_t>(first - different.begin());
}

}  // namespace holdfast::tool
