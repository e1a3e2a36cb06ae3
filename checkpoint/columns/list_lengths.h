// How many elements each of several lists has: the column <name>/length.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/columns/number_columns.h>

namespace holdfast::columns {

class Lengths {
 public:
  void put(std::size_t length) {
    const std::uint64_t value = length;
    lengths_.put(value);
    total_ += static_cast<std::int64_t>(length);
  }
  std::int64_t total_put() const { return total_; }
  void clear() {
    lengths_.clear();
    total_ = 0;
  }
  // Error(kUnsupported) if there are elements and these have no columns: a load would refuse them.
  void require_columns(const std::string& name, bool is_void) const;
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) {
    lengths_.write(to, name + "/length", leading);
  }

  void open(const ColumnReader& from, const std::string& name, std::size_t leading) {
    name_ = name;
    lengths_.open(from, name + "/length", leading);
  }
  std::optional<Shape> leading() const { return lengths_.leading(); }
  // Error(kMismatch) unless the lengths add up to as many elements as there are. `elements`: the
  // sizes of the dimension that numbers them; empty if nothing says.
  void begin(const std::optional<Shape>& elements);
  std::size_t next() {
    std::uint64_t length = 0;
    lengths_.get(length);
    return static_cast<std::size_t>(length);
  }

 private:
  std::string name_;
  Columns<std::uint64_t> lengths_;
  std::int64_t total_ = 0;
};

}  // namespace holdfast::columns
