#include <holdfast/checkpoint/save/skeleton_series.h>

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

constexpr std::size_t kManyNew = 4;         // "many at once": one in so many items or more
constexpr std::size_t kRemembered = 1'000;  // names of items that have gone

}  // namespace

std::shared_ptr<const Skeleton> SkeletonSeries::next(const std::vector<Item>& items) {
  if (skeleton_ == nullptr) {
    build(items);
    return skeleton_;
  }
  if (skeleton_->fits(items)) return skeleton_;
  const StructureChange change = skeleton_->change_to(items);
  const bool adapts = can_adapt(items, change);
  learn(items, change);
  if (!adapts || (has_idled_too_long(items, change) && promote(items))) {
    build(items);
  } else {
    adapt(items, change);
  }
  return skeleton_;
}

bool SkeletonSeries::can_adapt(const std::vector<Item>& items,
                               const StructureChange& change) const {
  return skeleton_->has_varying_shard() && change.steady_fits &&
         change.added * kManyNew < items.size();
}

void SkeletonSeries::learn(const std::vector<Item>& items, const StructureChange& change) {
  bool was_promoted = false;
  for (const std::string& name : change.unsteady) {
    known_.insert(name);
    was_promoted = was_promoted || promoted_.count(name) > 0;
  }
  if (was_promoted) {
    known_.merge(promoted_);
    promoted_.clear();
    patience_ *= 2;
  }
  const bool few = change.added * kManyNew < items.size();
  for (const std::size_t i : change.other) {
    changed_.insert(items[i].name);
    if (change.was[i] != StructureChange::kNone || (few && has_grown_))
      known_.insert(items[i].name);
  }
  has_grown_ = has_grown_ || change.added > 0;
}

// Counts those that vary and have not changed.
bool SkeletonSeries::has_idled_too_long(const std::vector<Item>& items,
                                        const StructureChange& change) {
  const std::size_t varying = skeleton_->varying_count() + change.added;
  idle_ += varying - std::min(varying, change.other.size());
  return idle_ >= patience_ * items.size();
}

// Takes for steady what has not changed in this period; true if that is anything. Begins a new
// period.
bool SkeletonSeries::promote(const std::vector<Item>& items) {
  bool any = false;
  for (const Item& item : items) {
    if (changed_.count(item.name) > 0 || known_.erase(item.name) == 0) continue;
    promoted_.insert(item.name);
    any = true;
  }
  changed_.clear();
  idle_ = 0;
  return any;
}

void SkeletonSeries::adapt(const std::vector<Item>& items, const StructureChange& change) {
  forget_what_went(items);
  const std::shared_ptr<Skeleton> skeleton = std::exchange(skeleton_, nullptr);
  skeleton->adapt(items, change);
  skeleton_ = skeleton;
  ++adaptions_;
}

void SkeletonSeries::build(const std::vector<Item>& items) {
  forget_what_went(items);
  skeleton_ = nullptr;
  skeleton_ = std::make_shared<Skeleton>(items, shards_, known_);
  ++builds_;
}

// A state may for ever get new names and lose old ones: keeps the names of items that are there.
void SkeletonSeries::forget_what_went(const std::vector<Item>& items) {
  const std::size_t limit = items.size() + kRemembered;
  for (Names* names : {&known_, &changed_}) {
    if (names->size() < limit) continue;
    Names still;
    for (const Item& item : items)
      if (names->count(item.name) > 0) still.insert(item.name);
    *names = std::move(still);
  }
}

}  // namespace holdfast
