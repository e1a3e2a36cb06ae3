#include <holdfast/checkpoint/transform/cast.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/item/element.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kElementsRead = 1 << 20;  // elements that are read at a time
constexpr std::size_t kElementsAtOnce = 512;      // elements that are converted at a time

void convert(DType from, ByteView elements, DType to, ByteSpan converted) {
  std::array<double, kElementsAtOnce> numbers;
  const std::size_t count = elements.size / size_of(from);
  for (std::size_t done = 0; done < count; done += kElementsAtOnce) {
    const std::size_t few = std::min(kElementsAtOnce, count - done);
    decode(from, elements.slice(done * size_of(from), few * size_of(from)), numbers.data());
    encode(to, numbers.data(), converted.slice(done * size_of(to), few * size_of(to)));
  }
}

class CastSource final : public Source {
 public:
  CastSource(std::shared_ptr<Source> source, DType from, DType to)
      : source_(std::move(source)), from_(from), to_(to) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    const std::uint64_t size = size_of(to_);
    const std::uint64_t end = offset + to.size;
    const std::uint64_t last = (end + size - 1) / size;
    std::vector<std::byte> read, converted;
    for (std::uint64_t first = offset / size; first < last; first += kElementsRead) {
      const std::uint64_t count = std::min(kElementsRead, last - first);
      read.resize(count * size_of(from_));
      converted.resize(count * size);
      source_->copy(first * size_of(from_), read);
      convert(from_, read, to_, converted);
      const std::uint64_t begin = std::max(offset, first * size);
      const std::uint64_t stop = std::min(end, (first + count) * size);
      std::memcpy(to.data + (begin - offset), converted.data() + (begin - first * size),
                  stop - begin);
    }
  }
  void release() noexcept override { source_.reset(); }

 private:
  std::shared_ptr<Source> source_;
  DType from_, to_;
};

}  // namespace

Item cast(Item item, DType to) {
  if (!is_floating_point(to))
    throw Error(ErrorKind::kInvalidArgument, "tensors are cast to floating-point dtypes only")
        .found(std::string(name_of(to)));
  if (to == DType::kFloat8E8M0FNU)
    throw Error(ErrorKind::kInvalidArgument, "float8_e8m0fnu holds powers of two without a sign")
        .remedy("cast to another dtype");
  if (item.kind != Kind::kTensor || !is_floating_point(item.dtype) || item.dtype == to) return item;
  if (item.source != nullptr)
    item.source = std::make_shared<CastSource>(std::move(item.source), item.dtype, to);
  item.dtype = to;
  return item;
}

}  // namespace holdfast
