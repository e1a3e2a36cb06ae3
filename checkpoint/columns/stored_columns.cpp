#include <holdfast/checkpoint/columns/stored_columns.h>

namespace holdfast {

ByteSpan StoredColumns::add(const std::string& name, Kind kind, DType dtype, const Shape& shape) {
  Held& held = columns_[name];
  held.column = {kind, dtype, shape, {}};
  if (!has_bytes(kind)) return {};
  const std::uint64_t size = bytes_of(dtype, shape);
  held.bytes.reset(new std::byte[size]);  // not zeroed: a load fills all of it
  held.column.bytes = {held.bytes.get(), size};
  return {held.bytes.get(), size};
}

const StoredColumn* StoredColumns::find(const std::string& name) const {
  const auto held = columns_.find(name);
  if (held == columns_.end()) return nullptr;
  found_.insert(name);
  return &held->second.column;
}

bool StoredColumns::has_below(const std::string& name) const {
  if (columns_.count(name) != 0) return true;
  const std::string start = name + "/";
  const auto next = columns_.lower_bound(start);
  return next != columns_.end() && next->first.compare(0, start.size(), start) == 0;
}

std::vector<std::string> StoredColumns::left() const {
  std::vector<std::string> names;
  for (const auto& [name, held] : columns_)
    if (found_.count(name) == 0) names.push_back(name);
  return names;
}

}  // namespace holdfast
