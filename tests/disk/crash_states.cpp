#include "disk/crash_states.h"

#include <algorithm>
#include <random>
#include <unordered_set>
#include <utility>

namespace holdfast::testing {
namespace {

constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kPageBytes = 4096;

using Subset = std::vector<bool>;  // of the pending changes: which are on the disk

// Of a write, the parts that reached the disk.
using Tear = std::vector<Change>;

class Enumerator {
 public:
  Enumerator(const Disk& start, const CrashOptions& options,
             const std::function<void(const CrashState&)>& visit)
      : durable_(start), options_(options), visit_(visit), random_(options.seed) {
    visit_if_new(durable_, "before anything");
  }

  void add(const LogEntry& entry) {
    ++position_;
    if (const auto* const change = std::get_if<Change>(&entry)) {
      pending_.push_back({position_, *change, false});
      visit_states(true);
    } else if (const auto* const sync = std::get_if<Sync>(&entry)) {
      make_durable(sync->node);
    } else if (const auto* const failed = std::get_if<FailedSync>(&entry)) {
      for (Pending& one : pending_)
        one.doomed |= one.change.node == failed->node && one.change.kind == Change::Kind::kWrite;
    } else {
      mark_ = std::get<Mark>(entry).value;
      visit_states(false);
    }
  }

  std::size_t count() const { return visited_.size(); }

 private:
  struct Pending {
    std::size_t sequence;
    Change change;
    bool doomed = false;  // no fsync makes it durable any more
    bool needs(const Pending& other) const {
      return change.needs_previous && other.sequence + 1 == sequence;
    }
  };

  // A change that is durable is so with the one that it cannot be without.
  void make_durable(NodeId node) {
    std::vector<Pending> left;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const bool next_needs_it = i + 1 < pending_.size() && pending_[i + 1].change.node == node &&
                                 pending_[i + 1].needs(pending_[i]);
      const bool synced = pending_[i].change.node == node && !pending_[i].doomed;
      if (synced || next_needs_it) {
        durable_.apply(pending_[i].change);
      } else {
        left.push_back(std::move(pending_[i]));
      }
    }
    pending_ = std::move(left);
  }

  // `newest`: only those that have the newest change; the others were visited before it was made.
  void visit_states(bool newest) {
    const std::size_t count = pending_.size();
    const std::size_t fixed = newest ? 1 : 0;
    if (count <= options_.exhaustive) {
      for (std::uint64_t bits = 0; bits < std::uint64_t{1} << (count - fixed); ++bits) {
        Subset subset(count, true);
        for (std::size_t i = 0; i < count - fixed; ++i) subset[i] = (bits >> i & 1) != 0;
        visit_subset(subset);
      }
    } else {
      visit_some_subsets();
    }
    visit_torn();
  }

  void visit_some_subsets() {
    const std::size_t count = pending_.size();
    visit_subset(Subset(count, false));
    visit_subset(Subset(count, true));
    for (std::size_t i = 0; i < count; ++i) {
      Subset alone(count, false);
      alone[i] = true;
      visit_subset(alone);
      Subset dropped(count, true);
      dropped[i] = false;
      visit_subset(dropped);
      for (std::size_t j = 0; j < i; ++j) {
        dropped[j] = false;
        visit_subset(dropped);
        dropped[j] = true;
      }
    }
    for (int n = 0; n < options_.samples; ++n) visit_subset(random_subset());
  }

  void visit_torn() {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if (pending_[i].change.kind != Change::Kind::kWrite) continue;
      for (int n = 0; n < options_.torn; ++n) {
        Subset subset = n % 2 == 0 ? Subset(pending_.size(), true) : random_subset();
        subset[i] = true;
        const Tear tear = random_tear(pending_[i].change);
        visit_subset(subset, &tear, i);
      }
    }
  }

  Subset random_subset() {
    Subset subset(pending_.size());
    for (std::size_t i = 0; i < subset.size(); ++i) subset[i] = (random_() & 1) != 0;
    return subset;
  }

  Tear random_tear(const Change& write) {
    const std::uint64_t unit = (random_() & 1) != 0 ? kSectorBytes : kPageBytes;
    const std::uint64_t end = write.offset + write.bytes.size();
    const std::uint64_t first = write.offset / unit;
    const std::uint64_t units = (end + unit - 1) / unit - first;
    const std::uint64_t cut = random_() % (units + 1);
    const int pattern = static_cast<int>(random_() % 3);
    Tear tear;
    if ((random_() & 1) != 0) tear.push_back(grown_to(write, end));
    for (std::uint64_t i = 0; i < units; ++i) {
      const bool kept = pattern == 0 ? i < cut : pattern == 1 ? i >= cut : (random_() & 1) != 0;
      if (!kept) continue;
      const std::uint64_t from = std::max((first + i) * unit, write.offset);
      const std::uint64_t to = std::min((first + i + 1) * unit, end);
      Change part = write;
      part.offset = from;
      const auto begin = write.bytes.begin() + static_cast<std::ptrdiff_t>(from - write.offset);
      part.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(to - from));
      tear.push_back(std::move(part));
    }
    return tear;
  }

  // The size without the data: a write of nothing at the end.
  static Change grown_to(const Change& write, std::uint64_t end) {
    Change grown = write;
    grown.offset = end;
    grown.bytes.clear();
    return grown;
  }

  void visit_subset(Subset subset, const Tear* tear = nullptr, std::size_t torn = 0) {
    for (std::size_t i = 1; i < subset.size(); ++i)
      if (subset[i] && pending_[i].needs(pending_[i - 1])) subset[i - 1] = true;
    Disk disk = durable_;
    for (std::size_t i = 0; i < subset.size(); ++i) {
      if (!subset[i]) continue;
      if (tear == nullptr || i != torn) {
        disk.apply(pending_[i].change);
      } else {
        for (const Change& part : *tear) disk.apply(part);
      }
    }
    visit_if_new(disk, tear == nullptr ? story(subset, subset.size()) : story(subset, torn));
  }

  std::string story(const Subset& subset, std::size_t torn) const {
    std::string text = "crash after entry " + std::to_string(position_) + " of the log; lost:";
    for (std::size_t i = 0; i < subset.size(); ++i) {
      if (!subset[i]) text += "\n  " + describe(pending_[i].change);
      if (i == torn) text += "\n  torn: " + describe(pending_[i].change);
    }
    return text;
  }

  void visit_if_new(const Disk& disk, std::string story) {
    const std::string key = disk.fingerprint() + std::to_string(mark_);
    if (visited_.insert(key).second) visit_({disk, mark_, std::move(story)});
  }

  Disk durable_;
  std::vector<Pending> pending_;  // in their order
  const CrashOptions options_;
  const std::function<void(const CrashState&)>& visit_;
  std::mt19937_64 random_;
  std::unordered_set<std::string> visited_;
  std::int64_t mark_ = -1;
  std::size_t position_ = 0;
};

}  // namespace

std::size_t for_each_crash_state(const Disk& start, const std::vector<LogEntry>& log,
                                 const CrashOptions& options,
                                 const std::function<void(const CrashState&)>& visit) {
  Enumerator enumerator(start, options, visit);
  for (const LogEntry& entry : log) enumerator.add(entry);
  return enumerator.count();
}

}  // namespace holdfast::testing
