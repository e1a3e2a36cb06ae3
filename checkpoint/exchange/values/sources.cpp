#include <holdfast/checkpoint/exchange/values/sources.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace holdfast::exchange {
namespace {

// The most bytes that are read at once, with the gaps between the elements.
constexpr std::uint64_t kMostReadBytes = 1 << 20;

// The largest gap between elements that are read at once. Reading such a gap takes less time than a
// second read.
constexpr std::uint64_t kMostGapBytes = 16 << 10;

// One dimension of a box of elements. The strides say how far apart neighbours are in the storage
// and in the result.
struct Axis {
  std::uint64_t count, stride, result_stride;
};

// A loop over the axes of a box, the first one innermost.
class Odometer {
 public:
  Odometer(const Axis* axes, std::size_t count) : axes_(axes), index_(count, 0) {}

  std::uint64_t position() const { return position_; }  // in the storage
  std::uint64_t result() const { return result_; }

  // False after the last.
  bool next() {
    for (std::size_t i = 0; i < index_.size(); ++i) {
      const Axis& axis = axes_[i];
      position_ += axis.stride;
      result_ += axis.result_stride;
      if (++index_[i] < axis.count) return true;
      position_ -= axis.count * axis.stride;
      result_ -= axis.count * axis.result_stride;
      index_[i] = 0;
    }
    return false;
  }

 private:
  const Axis* axes_;
  std::vector<std::uint64_t> index_;
  std::uint64_t position_ = 0, result_ = 0;
};

template <std::size_t kBytes>
void scatter_line(const std::byte* from, std::byte* to, const Axis& axis) {
  for (std::uint64_t i = 0; i < axis.count; ++i) {
    std::memcpy(to, from, kBytes);
    from += axis.stride * kBytes;
    to += axis.result_stride * kBytes;
  }
}

void scatter_line(const std::byte* from, std::byte* to, const Axis& axis, std::size_t bytes) {
  if (axis.stride == 1 && axis.result_stride == 1) {
    std::memcpy(to, from, axis.count * bytes);
    return;
  }
  switch (bytes) {
    case 1:
      return scatter_line<1>(from, to, axis);
    case 2:
      return scatter_line<2>(from, to, axis);
    case 4:
      return scatter_line<4>(from, to, axis);
    case 8:
      return scatter_line<8>(from, to, axis);
    default:
      return scatter_line<16>(from, to, axis);
  }
}

class ViewSource final : public Source {
 public:
  ViewSource(std::shared_ptr<Source> storage, std::size_t element_bytes, View view)
      : storage_(std::move(storage)), bytes_(element_bytes), view_(std::move(view)) {
    volumes_.assign(view_.shape.size() + 1, 1);
    for (std::size_t d = view_.shape.size(); d-- > 0;)
      volumes_[d] = volumes_[d + 1] * static_cast<std::uint64_t>(view_.shape[d]);
  }

  void copy(std::uint64_t offset, ByteSpan to) const override {
    const std::uint64_t first = offset / bytes_;
    const std::uint64_t end = (offset + to.size + bytes_ - 1) / bytes_;
    if (offset % bytes_ == 0 && to.size % bytes_ == 0) {
      gather(0, view_.offset, first, end - first, to.data);
      return;
    }
    std::vector<std::byte> whole((end - first) * bytes_);
    gather(0, view_.offset, first, end - first, whole.data());
    std::memcpy(to.data, whole.data() + (offset - first * bytes_), to.size);
  }

  void release() noexcept override { storage_.reset(); }

 private:
  // Elements [first, first + count) of the block of dimensions from `dimension` on whose first
  // element is at `position` of the storage.
  void gather(std::size_t dimension, std::uint64_t position, std::uint64_t first,
              std::uint64_t count, std::byte* to) const {
    if (count == 0) return;
    if (count == volumes_[dimension]) return gather_box(dimension, position, count, to);
    const std::uint64_t volume = volumes_[dimension + 1];  // of the blocks within this one
    const auto position_of = [&](std::uint64_t index) {
      return position + index * view_.strides[dimension];
    };
    const std::uint64_t skipped = first % volume;
    const std::uint64_t head = skipped == 0 ? 0 : std::min(count, volume - skipped);
    gather(dimension + 1, position_of(first / volume), skipped, head, to);
    const std::uint64_t next = (first + volume - 1) / volume;
    const std::uint64_t whole = (count - head) / volume * volume;
    to += head * bytes_;
    if (whole > 0) gather_box(dimension, position_of(next), whole, to);
    to += whole * bytes_;
    gather(dimension + 1, position_of(next + whole / volume), 0, count - head - whole, to);
  }

  // The first `count` elements of a block, which are whole blocks of the next dimension.
  void gather_box(std::size_t dimension, std::uint64_t position, std::uint64_t count,
                  std::byte* to) const {
    gather_axes(axes_of(dimension, count), position, to);
  }

  void gather_axes(std::vector<Axis> axes, std::uint64_t position, std::byte* to) const {
    std::uint64_t span = 1;  // of the axes that are read at once, in the storage
    std::size_t at_once = 0;
    for (; at_once < axes.size(); ++at_once) {
      const std::uint64_t wider = span + (axes[at_once].count - 1) * axes[at_once].stride;
      if (wider > kMostReadBytes / bytes_) break;
      span = wider;
    }
    if (at_once < axes.size() && axes[at_once].stride <= kMostGapBytes / bytes_) {
      const std::uint64_t fit = 1 + (kMostReadBytes / bytes_ - span) / axes[at_once].stride;
      gather_rest(axes, at_once, fit, position, to);
      span += (fit - 1) * axes[at_once].stride;
      split(axes, at_once++, fit);
    }
    if (at_once == 0) {  // elements one by one
      axes.insert(axes.begin(), Axis{1, 0, 0});
      at_once = 1;
    }

    std::vector<std::byte> buffer(span * bytes_);
    Odometer outer(axes.data() + at_once, axes.size() - at_once);
    do {
      storage_->copy((position + outer.position()) * bytes_, buffer);
      Odometer inner(axes.data() + 1, at_once - 1);
      do {
        scatter_line(buffer.data() + inner.position() * bytes_,
                     to + (outer.result() + inner.result()) * bytes_, axes[0], bytes_);
      } while (inner.next());
    } while (outer.next());
  }

  // Gathers the elements of an axis that are left over after whole parts of `part` elements.
  void gather_rest(std::vector<Axis> axes, std::size_t which, std::uint64_t part,
                   std::uint64_t position, std::byte* to) const {
    Axis& axis = axes[which];
    const std::uint64_t rest = axis.count % part, before = axis.count - rest;
    if (rest == 0) return;
    position += before * axis.stride;
    to += before * axis.result_stride * bytes_;
    axis.count = rest;
    gather_axes(std::move(axes), position, to);
  }

  // Splits an axis in two: one of `part` elements, and one that counts the whole parts.
  static void split(std::vector<Axis>& axes, std::size_t which, std::uint64_t part) {
    const Axis whole = axes[which];
    axes[which].count = part;
    axes.insert(axes.begin() + static_cast<std::ptrdiff_t>(which) + 1,
                {whole.count / part, whole.stride * part, whole.result_stride * part});
  }

  // The dimensions that have more than one element, the smallest stride in the storage first.
  std::vector<Axis> axes_of(std::size_t dimension, std::uint64_t count) const {
    std::vector<Axis> axes;
    for (std::size_t d = dimension; d < view_.shape.size(); ++d) {
      const std::uint64_t volume = volumes_[d + 1];
      const auto size =
          d == dimension ? count / volume : static_cast<std::uint64_t>(view_.shape[d]);
      if (size > 1) axes.push_back({size, view_.strides[d], volume});
    }
    std::stable_sort(axes.begin(), axes.end(),
                     [](const Axis& a, const Axis& b) { return a.stride < b.stride; });
    return axes;
  }

  std::shared_ptr<Source> storage_;
  std::uint64_t bytes_;  // of an element
  View view_;
  std::vector<std::uint64_t> volumes_;  // elements of the dimensions from each one on
};

// A row-major view that begins behind the start of its storage.
class SliceSource final : public Source {
 public:
  SliceSource(std::shared_ptr<Source> storage, std::uint64_t offset)
      : storage_(std::move(storage)), offset_(offset) {}
  void copy(std::uint64_t offset, ByteSpan to) const override {
    storage_->copy(offset_ + offset, to);
  }
  void release() noexcept override { storage_.reset(); }

 private:
  std::shared_ptr<Source> storage_;
  std::uint64_t offset_;
};

bool is_row_major(const View& view) {
  const std::vector<std::uint64_t> strides = row_major_strides(view.shape);
  for (std::size_t d = 0; d < strides.size(); ++d)
    if (view.shape[d] != 1 && view.strides[d] != strides[d]) return false;
  return true;
}

}  // namespace

std::vector<std::uint64_t> row_major_strides(const Shape& shape) {
  std::vector<std::uint64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * static_cast<std::uint64_t>(std::max<std::int64_t>(shape[d], 1));
  return strides;
}

std::vector<std::uint64_t> column_major_strides(const Shape& shape) {
  std::vector<std::uint64_t> strides(shape.size(), 1);
  for (std::size_t d = 1; d < shape.size(); ++d)
    strides[d] =
        strides[d - 1] * static_cast<std::uint64_t>(std::max<std::int64_t>(shape[d - 1], 1));
  return strides;
}

std::optional<std::uint64_t> extent_of(const View& view) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (std::find(view.shape.begin(), view.shape.end(), 0) != view.shape.end()) return 0;
  if (view.offset >= kMost) return std::nullopt;
  std::uint64_t extent = view.offset + 1;
  for (std::size_t d = 0; d < view.shape.size(); ++d) {
    const auto steps = static_cast<std::uint64_t>(view.shape[d] - 1);
    if (steps > 0 && view.strides[d] > (kMost - extent) / steps) return std::nullopt;
    extent += steps * view.strides[d];
  }
  return extent;
}

std::shared_ptr<Source> view_of(std::shared_ptr<Source> storage, std::size_t element_bytes,
                                View view) {
  if (!is_row_major(view))
    return std::make_shared<ViewSource>(std::move(storage), element_bytes, std::move(view));
  if (view.offset == 0) return storage;
  return std::make_shared<SliceSource>(std::move(storage), view.offset * element_bytes);
}

}  // namespace holdfast::exchange
