#include <holdfast/checkpoint/inspect/statistics.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>

#include <holdfast/checkpoint/item/element.h>

namespace holdfast {
namespace {

constexpr std::size_t kAtOnce = 512;  // elements that are decoded at a time
// Entries are read in groups of about this many bytes. While a group is read, a tally is kept for
// each of its blocks, so this limits the memory.
constexpr std::uint64_t kBatchBytes = std::uint64_t{1} << 36;

// The running totals of some elements.
struct Tally {
  std::uint64_t elements = 0;
  std::uint64_t nans = 0;
  std::uint64_t infinities = 0;
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  double sum = 0;  // of the finite elements

  void add(double number) {
    ++elements;
    if (std::isnan(number)) {
      ++nans;
      return;
    }
    minimum = std::min(minimum, number);
    maximum = std::max(maximum, number);
    if (std::isinf(number)) {
      ++infinities;
    } else {
      sum += number;
    }
  }

  void add(const Tally& later) {
    elements += later.elements;
    nans += later.nans;
    infinities += later.infinities;
    minimum = std::min(minimum, later.minimum);
    maximum = std::max(maximum, later.maximum);
    sum += later.sum;
  }
};

double modulus(double real, double imaginary) {
  // An element with a NaN in either part counts as NaN. hypot() would give infinity for a NaN
  // beside an infinity.
  return std::isnan(real) || std::isnan(imaginary) ? Statistics::kNone
                                                   : std::hypot(real, imaginary);
}

Tally tally_of(DType dtype, ByteView bytes) {
  Tally tally;
  std::array<double, 2 * kAtOnce> numbers;
  const std::size_t size = size_of(dtype);
  for (std::size_t done = 0; done < bytes.size; done += kAtOnce * size) {
    const ByteView few = bytes.slice(done, std::min(kAtOnce * size, bytes.size - done));
    decode(dtype, few, numbers.data());
    const std::size_t count = few.size / size;
    for (std::size_t i = 0; i < count; ++i)
      tally.add(numbers_in(dtype) == 2 ? modulus(numbers[2 * i], numbers[2 * i + 1]) : numbers[i]);
  }
  return tally;
}

// Keeps a tally for each part of an entry that is written to it. The parts come in any order and
// from any thread, but are summed up by their offsets, so that the result is always the same bits.
class TallySink final : public Sink {
 public:
  TallySink(DType dtype, const Progress& progress) : dtype_(dtype), progress_(progress) {}

  void write(std::uint64_t offset, ByteView bytes) override {
    const Tally tally = tally_of(dtype_, bytes);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      parts_.emplace(offset, tally);
    }
    if (progress_) progress_(bytes.size);
  }

  Statistics statistics() const {
    Tally all;
    for (const auto& [offset, part] : parts_) all.add(part);
    Statistics found{all.elements, all.nans, all.infinities};
    const std::uint64_t finite = all.elements - all.nans - all.infinities;
    if (all.elements > all.nans) found.minimum = all.minimum, found.maximum = all.maximum;
    if (finite > 0) found.mean = all.sum / static_cast<double>(finite);
    return found;
  }

 private:
  const DType dtype_;
  const Progress& progress_;
  std::mutex mutex_;
  std::map<std::uint64_t, Tally> parts_;
};

}  // namespace

std::vector<Statistics> statistics_of(const CheckpointFiles& files,
                                      const std::vector<const format::Entry*>& entries, int threads,
                                      const Progress& progress) {
  std::vector<Statistics> statistics;
  for (std::size_t next = 0; next < entries.size();) {
    std::deque<TallySink> sinks;
    std::vector<ReadRequest> requests;
    for (std::uint64_t bytes = 0; next < entries.size() && bytes < kBatchBytes; ++next) {
      sinks.emplace_back(entries[next]->dtype, progress);
      requests.push_back({entries[next], &sinks.back()});
      bytes += format::bytes_of(*entries[next]);
    }
    files.read(requests, threads);
    for (const TallySink& sink : sinks) statistics.push_back(sink.statistics());
  }
  return statistics;
}

}  // namespace holdfast
