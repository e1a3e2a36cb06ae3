// The generators and distributions of <random>.
#pragma once

#include <cstdint>
#include <istream>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <holdfast/checkpoint/columns/text_columns.h>

namespace holdfast::columns {

template <typename T, typename = void>
struct IsStreamed : std::false_type {};
template <typename T>
struct IsStreamed<T,
                  std::void_t<typename T::result_type,
                              decltype(std::declval<std::ostream&>() << std::declval<const T&>()),
                              decltype(std::declval<std::istream&>() >> std::declval<T&>())>>
    : std::true_type {};

template <typename T, typename = void>
struct IsEngine : std::false_type {};
template <typename T>
struct IsEngine<T, std::void_t<decltype(std::declval<T&>()()), decltype(std::declval<T&>().seed()),
                               decltype(std::declval<T&>().discard(1))>> : IsStreamed<T> {};

template <typename T, typename = void>
struct IsDistribution : std::false_type {};
template <typename T>
struct IsDistribution<T, std::void_t<typename T::param_type, decltype(std::declval<T&>().reset())>>
    : IsStreamed<T> {};

// The texts that the standard defines for both, in the C locale: read back, they give an equal
// object.
std::string text_of(const void* object, void (*write)(std::ostream&, const void*));
void read_text(const std::string& text, void* object, void (*read)(std::istream&, void*));

template <typename T>
std::string text_of(const T& object) {
  return text_of(&object,
                 [](std::ostream& to, const void* it) { to << *static_cast<const T*>(it); });
}
template <typename T>
void read_text(const std::string& text, T& object) {
  read_text(text, &object, [](std::istream& from, void* it) { from >> *static_cast<T*>(it); });
}

// The numbers of an engine's text, and back. Their count is the same for all states of a class.
std::vector<std::uint64_t> numbers_of(const std::string& text);
std::string text_of(const std::vector<std::uint64_t>& numbers);
[[noreturn]] void refuse_text();
[[noreturn]] void refuse_engine(const std::string& name);

// True if the numbers, from `next` on, are a state of the engine; moves `next` behind them. An
// engine of the standard library takes any numbers that it reads, and may then use them as indices.
// Engines of other classes must look at theirs themselves.
template <typename T>
struct EngineState {
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    next = numbers.size();
    return true;
  }
};
// True if the next `count` numbers are there and none is larger than `most`.
bool are_at_most(const std::vector<std::uint64_t>& numbers, std::size_t& next, std::size_t count,
                 std::uint64_t most);

template <typename UInt, UInt kA, UInt kC, UInt kM>
struct EngineState<std::linear_congruential_engine<UInt, kA, kC, kM>> {
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    return are_at_most(numbers, next, 1, std::linear_congruential_engine<UInt, kA, kC, kM>::max());
  }
};
template <typename UInt, std::size_t kW, std::size_t kN, std::size_t kM, std::size_t kR, UInt kA,
          std::size_t kU, UInt kD, std::size_t kS, UInt kB, std::size_t kT, UInt kC, std::size_t kL,
          UInt kF>
struct EngineState<
    std::mersenne_twister_engine<UInt, kW, kN, kM, kR, kA, kU, kD, kS, kB, kT, kC, kL, kF>> {
  using Engine =
      std::mersenne_twister_engine<UInt, kW, kN, kM, kR, kA, kU, kD, kS, kB, kT, kC, kL, kF>;
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    return are_at_most(numbers, next, kN, Engine::max()) && are_at_most(numbers, next, 1, kN);
  }
};
template <typename UInt, std::size_t kW, std::size_t kS, std::size_t kR>
struct EngineState<std::subtract_with_carry_engine<UInt, kW, kS, kR>> {
  using Engine = std::subtract_with_carry_engine<UInt, kW, kS, kR>;
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    return are_at_most(numbers, next, kR, Engine::max()) && are_at_most(numbers, next, 1, 1) &&
           are_at_most(numbers, next, 1, kR - 1);
  }
};
template <typename Base, std::size_t kBlock, std::size_t kUsed>
struct EngineState<std::discard_block_engine<Base, kBlock, kUsed>> {
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    return EngineState<Base>::fits(numbers, next) && are_at_most(numbers, next, 1, kBlock);
  }
};
template <typename Base, std::size_t kW, typename UInt>
struct EngineState<std::independent_bits_engine<Base, kW, UInt>> : EngineState<Base> {};
template <typename Base, std::size_t kSize>
struct EngineState<std::shuffle_order_engine<Base, kSize>> {
  static bool fits(const std::vector<std::uint64_t>& numbers, std::size_t& next) {
    if (!EngineState<Base>::fits(numbers, next)) return false;
    const std::size_t first = next;
    if (!are_at_most(numbers, next, kSize + 1, Base::max())) return false;
    for (std::size_t i = first; i < next; ++i)
      if (numbers[i] < Base::min()) return false;
    return true;
  }
};

// An engine: all its numbers, as uint64 [n].
template <typename T, typename Outer>
class Columns<T, Outer, std::enable_if_t<IsEngine<T>::value && !IsDistribution<T>::value>> final
    : public AnyColumns {
 public:
  static constexpr bool kIsFlat = true;

  void sample(const T*) {}
  void put(const T& engine) {
    for (const std::uint64_t number : numbers_of(text_of(engine))) numbers_.put(number);
  }
  void get(T& engine) {
    std::vector<std::uint64_t> numbers(size_);
    numbers_.get_all(numbers.data(), numbers.size());
    std::size_t next = 0;
    if (!EngineState<T>::fits(numbers, next) || next != numbers.size()) refuse_engine(name_);
    T loaded = engine;
    read_text(text_of(numbers), loaded);
    if (numbers_of(text_of(loaded)) != numbers) refuse_engine(name_);
    engine = loaded;
  }
  void clear() override { numbers_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    Shape all = leading;
    all.push_back(size_of_state());
    numbers_.write(to, name, all);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    name_ = name;
    numbers_.open(from, name, leading + 1);
    leading_ = *numbers_.leading();
    if (leading_.back() != size_of_state()) refuse_size(name, size_of_state(), leading_.back());
    size_ = static_cast<std::size_t>(leading_.back());
    leading_.pop_back();
  }
  std::optional<Shape> leading() const override { return leading_; }
  void begin() override {}

 private:
  static std::int64_t size_of_state() {
    static const auto size = static_cast<std::int64_t>(numbers_of(text_of(T())).size());
    return size;
  }

  std::string name_;
  Columns<std::uint64_t> numbers_;
  std::size_t size_ = 0;
  Shape leading_;
};

// A distribution: the text of its parameters, and of a value that it has drawn in advance.
template <typename T, typename Outer>
class Columns<T, Outer, std::enable_if_t<IsDistribution<T>::value>> final : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;

  void sample(const T*) {}
  // Reads the text back: libstdc++ does not do so exactly for piecewise distributions.
  void put(const T& distribution) {
    const std::string text = text_of(distribution);
    T again = distribution;
    read_text(text, again);
    if (text_of(again) != text) refuse_text();
    text_.put_copy(text);
  }
  void get(T& distribution) {
    std::string text;
    text_.get(text);
    T loaded = distribution;
    read_text(text, loaded);
    if (text_of(loaded) != text) refuse_engine(name_);
    distribution = loaded;
  }
  void clear() override { text_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    text_.write(to, name, leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    name_ = name;
    text_.open(from, name, leading);
  }
  std::optional<Shape> leading() const override { return text_.leading(); }
  void begin() override { text_.begin(); }

 private:
  std::string name_;
  Columns<std::string> text_;
};

}  // namespace holdfast::columns
