#include <holdfast/checkpoint/item/shape.h>

#include <algorithm>
#include <limits>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

Error does_not_fit(DType dtype, const Shape& shape) {
  return Error(ErrorKind::kCorrupt, "the bytes of a tensor don't fit into 63 bits")
      .found(std::string(name_of(dtype)) + " " + to_string(shape));
}

}  // namespace

std::uint64_t bytes_of(DType dtype, const Shape& shape) {
  const bool negative = std::any_of(shape.begin(), shape.end(), [](auto size) { return size < 0; });
  if (negative) throw does_not_fit(dtype, shape);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::uint64_t bytes = size_of(dtype);
  for (std::int64_t size : shape) {
    if (bytes > kLargest / static_cast<std::uint64_t>(size)) throw does_not_fit(dtype, shape);
    bytes *= static_cast<std::uint64_t>(size);
  }
  return bytes;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace holdfast
