#include <holdfast/checkpoint/exchange/values/view_overlap.h>

#include <algorithm>

namespace holdfast::exchange {
namespace {

struct Axis {
  std::uint64_t count, stride;
};

// The dimensions with more than one element, the smallest stride first.
std::vector<Axis> axes_of(const View& view) {
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < view.shape.size(); ++d)
    if (view.shape[d] != 1)
      axes.push_back({static_cast<std::uint64_t>(view.shape[d]), view.strides[d]});
  std::sort(axes.begin(), axes.end(),
            [](const Axis& a, const Axis& b) { return a.stride < b.stride; });
  return axes;
}

bool is_empty(const View& view) {
  return std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end();
}

// A range of bytes of the storage.
struct Range {
  std::uint64_t begin, end;
};

// Which bytes of a range are taken.
class Bitmap {
 public:
  explicit Bitmap(const Range& range)
      : begin_(range.begin), words_((range.end - range.begin + kBits - 1) / kBits, 0) {}

  // True if one of them was taken already.
  bool take(const Range& bytes) {
    bool was_taken = false;
    const std::uint64_t end = bytes.end - begin_;
    for (std::uint64_t at = bytes.begin - begin_; at < end;) {
      const std::uint64_t bit = at % kBits, count = std::min(kBits - bit, end - at);
      const std::uint64_t mask = (~std::uint64_t{0} >> (kBits - count)) << bit;
      was_taken = was_taken || (words_[at / kBits] & mask) != 0;
      words_[at / kBits] |= mask;
      at += count;
    }
    return was_taken;
  }

 private:
  static constexpr std::uint64_t kBits = 64;
  std::uint64_t begin_;
  std::vector<std::uint64_t> words_;
};

// A view as runs of bytes.
class Runs {
 public:
  Runs(const TypedView& typed, std::size_t index)
      : index_(index), first_(typed.view.offset * typed.element_bytes), run_(typed.element_bytes) {
    axes_ = axes_of(typed.view);
    for (Axis& axis : axes_) axis.stride *= typed.element_bytes;
    const auto apart = std::find_if(axes_.begin(), axes_.end(), [this](const Axis& axis) {
      if (axis.stride != run_) return true;
      run_ *= axis.count;
      return false;
    });
    axes_.erase(axes_.begin(), apart);
    spans_.push_back(run_);
    for (const Axis& axis : axes_) spans_.push_back(spans_.back() + (axis.count - 1) * axis.stride);
  }

  std::size_t index() const { return index_; }
  Range range() const { return {first_, first_ + spans_.back()}; }

  // Calls `use` with each run in the range, cut to the range, until one returns true. Returns
  // whether one did.
  template <typename Use>
  bool any_in(const Range& range, const Use& use) const {
    return any_in(range, axes_.size(), first_, use);
  }

 private:
  template <typename Use>
  bool any_in(const Range& range, std::size_t axes, std::uint64_t at, const Use& use) const {
    if (axes == 0) {
      const Range run{std::max(at, range.begin), std::min(at + run_, range.end)};
      return run.begin < run.end && use(run);
    }
    const Axis& axis = axes_[axes - 1];
    const std::uint64_t end_of_first = at + spans_[axes - 1];
    std::uint64_t i =
        range.begin < end_of_first ? 0 : (range.begin - end_of_first) / axis.stride + 1;
    for (; i < axis.count && at + i * axis.stride < range.end; ++i)
      if (any_in(range, axes - 1, at + i * axis.stride, use)) return true;
    return false;
  }

  std::size_t index_;
  std::uint64_t first_, run_;         // where the view begins; the bytes of each run
  std::vector<Axis> axes_;            // in bytes, the smallest stride first
  std::vector<std::uint64_t> spans_;  // [n]: bytes from first to last element of the first n axes
};

using Pair = std::pair<std::size_t, std::size_t>;

// `last`, and the view before it that has taken bytes of it.
Pair earlier_of(const std::vector<const Runs*>& views, const Runs& last, const Range& range) {
  Bitmap own(range);
  last.any_in(range, [&](const Range& run) { return own.take(run), false; });
  const auto earlier = std::find_if(views.begin(), views.end(), [&](const Runs* view) {
    return view->any_in(range, [&](const Range& run) { return own.take(run); });
  });
  return std::minmax((*earlier)->index(), last.index());
}

std::optional<Pair> overlap_within(const std::vector<const Runs*>& views, const Range& range) {
  Bitmap taken(range);
  for (const Runs* view : views)
    if (view->any_in(range, [&](const Range& run) { return taken.take(run); }))
      return earlier_of(views, *view, range);
  return std::nullopt;
}

// Among views whose ranges intersect. Looks at one part of the whole range after the other.
std::optional<Pair> overlap_among(const std::vector<const Runs*>& views, const Range& all) {
  constexpr std::uint64_t kPartBytes = 64 << 20;
  for (std::uint64_t begin = all.begin; begin < all.end; begin += kPartBytes) {
    const Range part{begin, std::min(all.end, begin + kPartBytes)};
    if (const auto found = overlap_within(views, part)) return found;
  }
  return std::nullopt;
}

}  // namespace

bool has_separate_elements(const View& view) {
  if (is_empty(view)) return true;
  std::uint64_t span = 1;
  for (const Axis& axis : axes_of(view)) {
    if (axis.stride < span) return false;
    span += (axis.count - 1) * axis.stride;
  }
  return true;
}

std::optional<Pair> find_overlap(const std::vector<TypedView>& views) {
  std::vector<Runs> runs;
  for (std::size_t i = 0; i < views.size(); ++i)
    if (!is_empty(views[i].view)) runs.emplace_back(views[i], i);
  std::sort(runs.begin(), runs.end(),
            [](const Runs& a, const Runs& b) { return a.range().begin < b.range().begin; });
  for (std::size_t i = 0; i < runs.size();) {
    Range all = runs[i].range();
    std::vector<const Runs*> cluster;
    for (; i < runs.size() && runs[i].range().begin < all.end; ++i) {
      all.end = std::max(all.end, runs[i].range().end);
      cluster.push_back(&runs[i]);
    }
    if (cluster.size() == 1) continue;
    if (const auto found = overlap_among(cluster, all)) return found;
  }
  return std::nullopt;
}

}  // namespace holdfast::exchange
