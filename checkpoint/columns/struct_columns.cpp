#include <holdfast/checkpoint/columns/struct_columns.h>

#include <algorithm>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast::columns {
namespace {

[[noreturn]] void refuse_other_fields(const std::string& found) {
  throw Error(ErrorKind::kUnsupported, "a struct visits other fields than before")
      .expected("the same fields, in the same order, in each call of fields() or serialize()")
      .found(found);
}

}  // namespace

void Fields::add(std::string_view name, const void* type, std::unique_ptr<AnyColumns> columns) {
  for (const Field& field : fields_)
    if (field.name == name)
      throw Error(ErrorKind::kInvalidArgument, "two fields of a struct have this name")
          .found(in_quotes(name))
          .remedy("give each a name of its own");
  fields_.push_back({std::string(name), format::escape(name), type, std::move(columns)});
}

AnyColumns& Fields::at(std::size_t i, std::string_view name, const void* type) {
  if (i >= fields_.size() || fields_[i].type != type || fields_[i].name != name)
    refuse_other_fields("the field " + in_quotes(name));
  return *fields_[i].columns;
}

void Fields::require_all(std::size_t visited) const {
  if (visited != fields_.size())
    refuse_other_fields(std::to_string(visited) + " instead of " + std::to_string(fields_.size()));
}

bool Fields::is_void() const {
  return std::all_of(fields_.begin(), fields_.end(),
                     [](const Field& field) { return field.columns->is_void(); });
}

void Fields::clear() {
  for (Field& field : fields_) field.columns->clear();
}

void Fields::write(ColumnWriter& to, const std::string& name, const Shape& leading) {
  for (Field& field : fields_) field.columns->write(to, name + "/" + field.escaped, leading);
}

void Fields::open(const ColumnReader& from, const std::string& name, std::size_t leading) {
  leading_.reset();
  for (Field& field : fields_) {
    const std::string path = name + "/" + field.escaped;
    field.columns->open(from, path, leading);
    require_same_leading(path, leading_, field.columns->leading());
    if (!leading_) leading_ = field.columns->leading();
  }
}

void Fields::begin() {
  for (Field& field : fields_) field.columns->begin();
}

}  // namespace holdfast::columns
