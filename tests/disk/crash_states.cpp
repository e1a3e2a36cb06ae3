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

// The sectors or pages that a write touches.
struct Units {
  Units(const Change& write, std::uint64_t unit)
      : bytes(unit),
        first(write.offset / unit),
        count((write.offset + write.bytes.size() + unit - 1) / unit - first) {}

  std::uint64_t bytes, first, count;
};

// The size without the data: a write of nothing at the end.
Change grown_to_end_of(const Change& write) {
  Change grown = write;
  grown.offset += write.bytes.size();
  grown.bytes.clear();
  return grown;
}

// What of the write lies in its ith unit.
Change part_of(const Change& write, const Units& units, std::uint64_t i) {
  const std::uint64_t end = write.offset + write.bytes.size();
  const std::uint64_t from = std::max((units.first + i) * units.bytes, write.offset);
  const std::uint64_t to = std::min((units.first + i + 1) * units.bytes, end);
  const auto begin = write.bytes.begin() + static_cast<std::ptrdiff_t>(from - write.offset);
  Change part = write;
  part.offset = from;
  part.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(to - from));
  return part;
}

// `kept` says of which units the content is there. `grown`: the file has its new size in any case.
template <typename Kept>
Tear tear_of(const Change& write, const Units& units, bool grown, const Kept& kept) {
  Tear tear;
  if (grown) tear.push_back(grown_to_end_of(write));
  for (std::uint64_t i = 0; i < units.count; ++i)
    if (kept(i)) tear.push_back(part_of(write, units, i));
  return tear;
}

// Only its first units, for each number of them, and all but one, for each.
std::vector<Tear> tears_of(const Change& write, const Units& units) {
  std::vector<Tear> tears;
  for (const bool grown : {false, true}) {
    for (std::uint64_t n = 0; n < units.count; ++n) {
      tears.push_back(tear_of(write, units, grown, [&](std::uint64_t i) { return i < n; }));
      tears.push_back(tear_of(write, units, grown, [&](std::uint64_t i) { return i != n; }));
    }
  }
  return tears;
}

class Enumerator {
 public:
  // `visited`: the states that need no visit any more; grows.
  Enumerator(const Disk& start, const CrashOptions& options,
             const std::function<void(const CrashState&)>& visit,
             std::unordered_set<std::string>& visited)
      : durable_(start),
        options_(options),
        visit_(visit),
        random_(options.seed),
        visited_(visited) {
    visit_if_new(durable_, "before anything");
  }

  void add(const LogEntry& entry) {
    ++position_;
    if (const auto* const change = std::get_if<Change>(&entry)) {
      pending_.push_back({position_, *change, false});
      visit_states(true);
      if (change->kind == Change::Kind::kWrite) visit_newest_cut();
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
    const Units units(write, (random_() & 1) != 0 ? kSectorBytes : kPageBytes);
    const std::uint64_t cut = random_() % (units.count + 1);
    const int pattern = static_cast<int>(random_() % 3);
    const bool grown = (random_() & 1) != 0;
    return tear_of(write, units, grown, [&](std::uint64_t i) {
      return pattern == 0 ? i < cut : pattern == 1 ? i >= cut : (random_() & 1) != 0;
    });
  }

  // The newest change is a write: what CrashOptions::cuts says of it.
  void visit_newest_cut() {
    const std::size_t newest = pending_.size() - 1;
    const Change& write = pending_.back().change;
    for (const std::uint64_t unit : {kSectorBytes, kPageBytes}) {
      const Units units(write, unit);
      if (units.count > options_.cuts) continue;
      for (const Tear& tear : tears_of(write, units)) {
        visit_subset(Subset(pending_.size(), true), &tear, newest);
        visit_subset(with_its_name(newest), &tear, newest);
      }
      return;
    }
  }

  // The change, and what leads to what it changes.
  Subset with_its_name(std::size_t index) const {
    Subset subset(pending_.size(), false);
    subset[index] = true;
    std::vector<NodeId> nodes = {pending_[index].change.node};
    while (!nodes.empty()) {
      const NodeId node = nodes.back();
      nodes.pop_back();
      for (std::size_t i = 0; i < pending_.size(); ++i) {
        if (subset[i] || !gives_a_name_to(node, pending_[i].change)) continue;
        subset[i] = true;
        nodes.push_back(pending_[i].change.node);
      }
    }
    return subset;
  }

  static bool gives_a_name_to(NodeId node, const Change& change) {
    return change.target == node &&
           (change.kind == Change::Kind::kLink || change.kind == Change::Kind::kMove);
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
    visit_if_new(disk, tear == nullptr ? story(subset) : story(subset) + story(*tear, torn));
  }

  std::string story(const Subset& subset) const {
    std::string text = "crash after entry " + std::to_string(position_) + " of the log; lost:";
    for (std::size_t i = 0; i < subset.size(); ++i)
      if (!subset[i]) text += "\n  " + describe(pending_[i].change);
    return text;
  }

  std::string story(const Tear& tear, std::size_t torn) const {
    std::string text = "\ntorn: " + describe(pending_[torn].change) + "; of it there are:";
    for (const Change& part : tear) text += "\n  " + describe(part);
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
  std::unordered_set<std::string>& visited_;
  std::int64_t mark_ = -1;
  std::size_t position_ = 0;
};

}  // namespace

std::size_t for_each_crash_state(const Disk& start, const std::vector<std::vector<LogEntry>>& logs,
                                 const CrashOptions& options,
                                 const std::function<void(const CrashState&)>& visit) {
  std::unordered_set<std::string> visited;
  for (const std::vector<LogEntry>& log : logs) {
    Enumerator enumerator(start, options, visit, visited);
    for (const LogEntry& entry : log) enumerator.add(entry);
  }
  return visited.size();
}

}  // namespace holdfast::testing
