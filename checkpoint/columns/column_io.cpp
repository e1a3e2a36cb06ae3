#include <holdfast/checkpoint/columns/column_io.h>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {
namespace {

std::string describe(Kind kind, DType dtype) {
  if (kind == Kind::kText) return "a text";
  return "numbers of type " + std::string(name_of(dtype));
}

bool is_numbers(Kind kind) {
  return kind == Kind::kTensor || kind == Kind::kScalar;
}

}  // namespace

const StoredColumn& require_column(const ColumnReader& from, const std::string& name, Kind kind,
                                   DType dtype, std::size_t dimensions) {
  const StoredColumn* const found = from.find(name);
  if (found == nullptr)
    throw Error(ErrorKind::kMismatch, "the checkpoint has no such value")
        .at(name)
        .expected(describe(kind, dtype));
  const bool is_of_kind =
      kind == Kind::kText ? found->kind == kind : is_numbers(found->kind) && found->dtype == dtype;
  if (!is_of_kind)
    throw Error(ErrorKind::kMismatch, "the value is of another type")
        .at(name)
        .expected(describe(kind, dtype))
        .found(is_numbers(found->kind) || found->kind == Kind::kText
                   ? describe(found->kind, found->dtype)
                   : "the kind " + std::string(to_string(found->kind)));
  if (found->shape.size() < dimensions)
    refuse_shape(name, *found, std::to_string(dimensions) + " dimensions or more");
  return *found;
}

void refuse_shape(const std::string& name, const StoredColumn& column, const std::string& wanted) {
  throw Error(ErrorKind::kMismatch, "the value is of another shape")
      .at(name)
      .expected(wanted)
      .found(to_string(column.shape));
}

void refuse_size(const std::string& name, std::int64_t wanted, std::int64_t found) {
  throw Error(ErrorKind::kMismatch, "the array is of another size")
      .at(name)
      .expected(std::to_string(wanted))
      .found(std::to_string(found));
}

void require_same_leading(const std::string& name, const std::optional<Shape>& first,
                          const std::optional<Shape>& second) {
  if (!first || !second || *first == *second) return;
  throw Error(ErrorKind::kMismatch, "the parts of a value are not equally many")
      .at(name)
      .expected(to_string(*first))
      .found(to_string(*second));
}

void require_count(const std::string& name, std::uint64_t needed,
                   const std::optional<Shape>& there) {
  std::uint64_t count = 1;
  if (!there) return;
  for (const std::int64_t size : *there) count *= static_cast<std::uint64_t>(size);
  if (count == needed) return;
  throw Error(ErrorKind::kMismatch, "there are not as many values as are needed")
      .at(name)
      .expected(std::to_string(needed))
      .found(std::to_string(count));
}

void require_alternative(const std::string& name, std::int64_t index, std::size_t count) {
  if (index >= 0 && static_cast<std::uint64_t>(index) < count) return;
  throw Error(ErrorKind::kMismatch, "there is no such alternative of the variant")
      .at(name)
      .expected("0 to " + std::to_string(count - 1))
      .found(std::to_string(index));
}

}  // namespace holdfast
