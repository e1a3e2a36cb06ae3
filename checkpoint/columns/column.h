// Columns<T> turns values of the C++ type T into columns, and back. This header has what all kinds
// of types share; columns.h has them all.
//
// A Columns<T> takes one value or many. Of many values each number becomes one array: a
// vector<pair<int, double>> is two arrays, however long it is. The value that is registered is the
// root; its columns have no dimension for the number of values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include <holdfast/checkpoint/columns/column_io.h>

namespace holdfast::columns {

// The structs that a type stands within, from the outside in: to notice a struct that contains
// itself, such as a tree.
template <typename... Structs>
struct Within {};

// The part of a Columns<T> that does not depend on T. All memory that write() hands out stays valid
// until clear().
class AnyColumns {
 public:
  virtual ~AnyColumns() = default;

  // True if no value of the type has a column: std::monostate, a struct without fields.
  virtual bool is_void() const { return false; }
  // Forgets the values and keeps the memory for the next ones.
  virtual void clear() = 0;
  // Writes the values that were put in. `leading`: the first dimensions of every column, which
  // run over the values; their product is how many values there are. [] for the root.
  virtual void write(ColumnWriter& to, const std::string& name, const Shape& leading) = 0;
  // Makes ready for get(). Checks that every column is there and of the right type; it does not
  // look at bytes. `leading`: how many dimensions run over the values. Error(kMismatch) if
  // something does not fit.
  virtual void open(const ColumnReader& from, const std::string& name, std::size_t leading) = 0;
  // The sizes of the dimensions that run over the values, after open(). Empty if nothing says,
  // since a value has no columns.
  virtual std::optional<Shape> leading() const = 0;
  // Called before the first get(), when the bytes are there. Error(kMismatch) if lengths do not
  // fit. After it, get() stays within the columns for as many values as leading() numbers.
  virtual void begin() = 0;
};

// The product of sizes.
inline std::uint64_t count_of(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

// For a type whose values are stored as those of another type, by the columns `Inner`.
template <typename Inner>
class ForwardedColumns : public AnyColumns {
 public:
  static constexpr bool kIsFlat = Inner::kIsFlat;

  bool is_void() const override { return inner_.is_void(); }
  void clear() override { inner_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    inner_.write(to, name, leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    inner_.open(from, name, leading);
  }
  std::optional<Shape> leading() const override { return inner_.leading(); }
  void begin() override { inner_.begin(); }

 protected:
  Inner inner_;
};

template <typename T>
inline constexpr bool kNever = false;

// Beside what AnyColumns has, each has
//   void put(const T& value);      // adds a value
//   void get(T& value);            // the next value
//   void sample(const T* value);   // called before write() or open(): a value of the type, or null
//   static constexpr bool kIsFlat; // one column under the name itself
template <typename T, typename Outer = Within<>, typename = void>
class Columns {
  static_assert(
      kNever<T>,
      "Holdfast cannot store this type. Standard numbers, strings, containers, optionals, "
      "variants, generators and distributions are stored as they are. For a struct of "
      "yours, name its fields with HOLDFAST_FIELDS(a, b, c), give it a member template "
      "<class Archive> void serialize(Archive&), or derive it from holdfast::Stateful. "
      "For memory behind a pointer, pass the pointer and its shape to State::add().");
};

}  // namespace holdfast::columns
