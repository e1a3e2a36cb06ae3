// The columns of one value, as a load reads them from a checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/columns/column_io.h>

namespace holdfast {

class StoredColumns final : public ColumnReader {
 public:
  // Adds a column and returns the memory for its bytes, which a load fills before they are looked
  // at. Empty where the kind has none.
  ByteSpan add(const std::string& name, Kind kind, DType dtype, const Shape& shape);

  const StoredColumn* find(const std::string& name) const override;
  bool has_below(const std::string& name) const override;

  // The names that nobody has asked find() for.
  std::vector<std::string> left() const;

 private:
  struct Held {
    StoredColumn column;
    std::unique_ptr<std::byte[]> bytes;
  };
  std::map<std::string, Held> columns_;
  mutable std::set<std::string> found_;
};

}  // namespace holdfast
