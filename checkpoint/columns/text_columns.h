// std::string: a text for the root, else the lengths and all bytes one after another.
#pragma once

#include <string>
#include <vector>

#include <holdfast/checkpoint/columns/list_lengths.h>
#include <holdfast/checkpoint/columns/number_columns.h>

namespace holdfast::columns {

template <typename Outer>
class Columns<std::string, Outer> final : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;

  void sample(const std::string*) {}
  void put(const std::string& value) {
    lengths_.put(value.size());
    bytes_.put_lasting(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
  }
  // For a string that is gone before the save has copied it.
  void put_copy(const std::string& value) {
    lengths_.put(value.size());
    for (const char c : value) bytes_.put(static_cast<std::uint8_t>(c));
  }
  void get(std::string& value) {
    value.resize(is_root_ ? static_cast<std::size_t>(bytes_.leading()->front()) : lengths_.next());
    bytes_.get_all(reinterpret_cast<std::uint8_t*>(value.data()), value.size());
  }

  void clear() override {
    lengths_.clear();
    bytes_.clear();
  }

  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    if (leading.empty()) {
      bytes_.write_text(to, name);
    } else {
      lengths_.write(to, name, leading);
      bytes_.write(to, name + "/bytes", {lengths_.total_put()});
    }
  }

  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    is_root_ = leading == 0;
    if (is_root_) {
      bytes_.open_text(from, name);
    } else {
      lengths_.open(from, name, leading);
      bytes_.open(from, name + "/bytes", 1);
    }
  }
  std::optional<Shape> leading() const override { return is_root_ ? Shape() : lengths_.leading(); }
  void begin() override {
    if (!is_root_) lengths_.begin(bytes_.leading());
  }

 private:
  Lengths lengths_;
  Columns<std::uint8_t, Outer> bytes_;
  bool is_root_ = false;
};

}  // namespace holdfast::columns
