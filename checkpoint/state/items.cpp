#include <holdfast/checkpoint/state/items.h>

#include <utility>

namespace holdfast {
namespace {

std::shared_ptr<const Source> owned(const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(data);
  return std::make_shared<OwnedBytes>(std::vector<std::byte>(begin, begin + size));
}

template <typename T>
Item scalar_item(std::string name, DType dtype, T value) {
  return {std::move(name), format::Kind::kScalar, dtype, {}, {}, owned(&value, sizeof value)};
}

}  // namespace

Item integer_item(std::string name, std::int64_t value) {
  return scalar_item(std::move(name), DType::kInt64, value);
}

Item real_item(std::string name, double value) {
  return scalar_item(std::move(name), DType::kFloat64, value);
}

Item boolean_item(std::string name, bool value) {
  return scalar_item(std::move(name), DType::kBool, value);
}

Item text_item(std::string name, std::string_view value) {
  const auto size = static_cast<std::int64_t>(value.size());
  return {std::move(name),
          format::Kind::kText,
          DType::kUInt8,
          {size},
          {},
          owned(value.data(), value.size())};
}

Item none_item(std::string name) {
  return {std::move(name), format::Kind::kNone, DType::kUInt8, {}, {}, nullptr};
}

Item undefined_item(std::string name) {
  return {std::move(name), format::Kind::kUndefined, DType::kUInt8, {}, {}, nullptr};
}

}  // namespace holdfast
