// Values that may be absent (std::optional, std::unique_ptr) or of one of several types
// (std::variant).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include <holdfast/checkpoint/columns/number_columns.h>

namespace holdfast::columns {

// Calls action(number, columns) for each of a tuple of columns; `number` is a constant.
template <typename Tuple, typename Action, std::size_t... kNumbers>
void for_each_numbered(Tuple& columns, const Action& action, std::index_sequence<kNumbers...>) {
  (action(std::integral_constant<std::size_t, kNumbers>(), std::get<kNumbers>(columns)), ...);
}

// <name>/present, and <name>/value with the values that are there.
template <typename Holder, typename T, typename Outer>
class OptionalColumns : public AnyColumns {
  static_assert(std::is_default_constructible_v<T>,
                "Holdfast makes the value of an optional or a pointer anew when it loads it: give "
                "its type a constructor without arguments");

 public:
  static constexpr bool kIsFlat = false;

  void sample(const Holder*) { value_.sample(nullptr); }
  void put(const Holder& holder) {
    const bool present = static_cast<bool>(holder);
    present_.put(present);
    if (!present) return;
    value_.put(*holder);
    ++put_;
  }
  void get(Holder& holder) {
    bool present = false;
    present_.get(present);
    if (present && !holder) make(holder);
    if (present) value_.get(*holder);
    if (!present) holder.reset();
  }
  void clear() override {
    present_.clear();
    value_.clear();
    put_ = 0;
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    present_.write(to, name + "/present", leading);
    value_.write(to, name + "/value", {put_});
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    name_ = name;
    present_.open(from, name + "/present", leading);
    value_.open(from, name + "/value", 1);
  }
  std::optional<Shape> leading() const override { return present_.leading(); }
  void begin() override {
    value_.begin();
    Columns<bool> all = present_;
    std::uint64_t there = 0;
    for (std::uint64_t i = count_of(*present_.leading()); i > 0; --i) {
      bool present = false;
      all.get(present);
      there += present ? 1 : 0;
    }
    require_count(name_ + "/value", there, value_.leading());
  }

 private:
  static void make(std::optional<T>& holder) { holder.emplace(); }
  template <typename Deleter>
  static void make(std::unique_ptr<T, Deleter>& holder) {
    holder.reset(new T());
  }

  std::string name_;
  Columns<bool> present_;
  Columns<T, Outer> value_;
  std::int64_t put_ = 0;
};
template <typename T, typename Outer>
class Columns<std::optional<T>, Outer> final : public OptionalColumns<std::optional<T>, T, Outer> {
};
template <typename T, typename Outer>
class Columns<std::unique_ptr<T>, Outer> final
    : public OptionalColumns<std::unique_ptr<T>, T, Outer> {};

[[noreturn]] void refuse_valueless();

template <typename Outer>
class Columns<std::monostate, Outer> final : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;
  void sample(const std::monostate*) {}
  void put(const std::monostate&) {}
  void get(std::monostate&) {}
  bool is_void() const override { return true; }
  void clear() override {}
  void write(ColumnWriter&, const std::string&, const Shape&) override {}
  void open(const ColumnReader&, const std::string&, std::size_t) override {}
  std::optional<Shape> leading() const override { return std::nullopt; }
  void begin() override {}
};

// <name>/index, and <name>/0, <name>/1 … with the values of each alternative. A variant that lost
// its value to an exception is refused: Error(kUnsupported).
template <typename... Ts, typename Outer>
class Columns<std::variant<Ts...>, Outer> final : public AnyColumns {
  static_assert((std::is_default_constructible_v<Ts> && ...),
                "Holdfast makes the value of a variant anew when it loads it: give each type a "
                "constructor without arguments");
  using Variant = std::variant<Ts...>;

 public:
  static constexpr bool kIsFlat = false;

  void sample(const Variant*) {
    for_each([](auto, auto& columns) { columns.sample(nullptr); });
  }
  void put(const Variant& variant) {
    if (variant.valueless_by_exception()) refuse_valueless();
    index_.put(static_cast<std::int32_t>(variant.index()));
    for_each([&](auto number, auto& columns) {
      if (variant.index() != number()) return;
      columns.put(*std::get_if<number()>(&variant));
      ++put_[number()];
    });
  }
  void get(Variant& variant) {
    std::int32_t index = 0;
    index_.get(index);
    for_each([&](auto number, auto& columns) {
      if (static_cast<std::size_t>(index) != number()) return;
      if (variant.index() != number()) variant.template emplace<number()>();
      columns.get(*std::get_if<number()>(&variant));
    });
  }
  void clear() override {
    index_.clear();
    for_each([](auto, auto& columns) { columns.clear(); });
    put_.fill(0);
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    index_.write(to, name + "/index", leading);
    for_each([&](auto number, auto& columns) {
      columns.write(to, name + "/" + std::to_string(number()), {put_[number()]});
    });
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    name_ = name;
    index_.open(from, name + "/index", leading);
    for_each([&](auto number, auto& columns) {
      columns.open(from, name + "/" + std::to_string(number()), 1);
    });
  }
  std::optional<Shape> leading() const override { return index_.leading(); }
  void begin() override {
    std::array<std::uint64_t, sizeof...(Ts)> there{};
    Columns<std::int32_t> all = index_;
    for (std::uint64_t i = count_of(*index_.leading()); i > 0; --i) {
      std::int32_t index = 0;
      all.get(index);
      require_alternative(name_ + "/index", index, sizeof...(Ts));
      ++there[static_cast<std::size_t>(index)];
    }
    for_each([&](auto number, auto& columns) {
      columns.begin();
      require_count(name_ + "/" + std::to_string(number()), there[number()], columns.leading());
    });
  }

 private:
  template <typename Action>
  void for_each(const Action& action) {
    for_each_numbered(columns_, action, std::index_sequence_for<Ts...>());
  }

  std::string name_;
  Columns<std::int32_t> index_;
  std::tuple<Columns<Ts, Outer>...> columns_;
  std::array<std::int64_t, sizeof...(Ts)> put_{};
};

// std::pair and std::tuple: <name>/0, <name>/1 …, and for a pair <name>/first, <name>/second.
template <typename Tuple, typename Outer, typename... Ts>
class TupleColumns : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;

  void sample(const Tuple* tuple) {
    for_each([&](auto number, auto& columns) {
      columns.sample(tuple == nullptr ? nullptr : &std::get<number()>(*tuple));
    });
  }
  void put(const Tuple& tuple) {
    for_each([&](auto number, auto& columns) { columns.put(std::get<number()>(tuple)); });
  }
  bool is_void() const override {
    return std::apply([](const auto&... columns) { return (columns.is_void() && ...); }, columns_);
  }
  void get(Tuple& tuple) {
    for_each([&](auto number, auto& columns) { columns.get(std::get<number()>(tuple)); });
  }
  void clear() override {
    for_each([](auto, auto& columns) { columns.clear(); });
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    for_each([&](auto number, auto& columns) {
      columns.write(to, name + "/" + name_of(number()), leading);
    });
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    leading_.reset();
    for_each([&](auto number, auto& columns) {
      const std::string member = name + "/" + name_of(number());
      columns.open(from, member, leading);
      require_same_leading(member, leading_, columns.leading());
      if (!leading_) leading_ = columns.leading();
    });
  }
  std::optional<Shape> leading() const override { return leading_; }
  void begin() override {
    for_each([](auto, auto& columns) { columns.begin(); });
  }

 private:
  static std::string name_of(std::size_t number) {
    if (kIsPair) return number == 0 ? "first" : "second";
    return std::to_string(number);
  }
  template <typename Action>
  void for_each(const Action& action) {
    for_each_numbered(columns_, action, std::index_sequence_for<Ts...>());
  }

  static constexpr bool kIsPair = !std::is_same_v<Tuple, std::tuple<Ts...>>;
  std::tuple<Columns<Ts, Outer>...> columns_;
  std::optional<Shape> leading_;
};
template <typename First, typename Second, typename Outer>
class Columns<std::pair<First, Second>, Outer> final
    : public TupleColumns<std::pair<First, Second>, Outer, First, Second> {};
template <typename... Ts, typename Outer>
class Columns<std::tuple<Ts...>, Outer> final
    : public TupleColumns<std::tuple<Ts...>, Outer, Ts...> {};

}  // namespace holdfast::columns
