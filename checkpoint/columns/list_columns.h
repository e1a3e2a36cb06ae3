// Sequences, sets and the adaptors of containers: how long each is, and all elements in order.
#pragma once

#include <array>
#include <bitset>
#include <deque>
#include <forward_list>
#include <iterator>
#include <list>
#include <queue>
#include <set>
#include <stack>
#include <vector>

#include <holdfast/checkpoint/columns/list_lengths.h>

namespace holdfast::columns {

// The elements of lists. Those of one list, the root, that are flat are one column, <name>. Else
// there are <name>/length and <name>/items.
template <typename T, typename Outer>
class Elements {
 public:
  void put_length(std::size_t length) { lengths_.put(length); }
  Columns<T, Outer>& items() { return items_; }
  std::size_t next_length() {
    return is_bare_ ? static_cast<std::size_t>(items_.leading()->front()) : lengths_.next();
  }

  void clear() {
    lengths_.clear();
    items_.clear();
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) {
    items_.sample(nullptr);
    lengths_.require_columns(name, items_.is_void());
    if (is_bare(leading.size())) {
      items_.write(to, name, {lengths_.total_put()});
    } else {
      lengths_.write(to, name, leading);
      items_.write(to, name + "/items", {lengths_.total_put()});
    }
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) {
    is_bare_ = is_bare(leading);
    items_.sample(nullptr);
    if (!is_bare_) lengths_.open(from, name, leading);
    items_.open(from, is_bare_ ? name : name + "/items", 1);
  }
  std::optional<Shape> leading() const { return is_bare_ ? Shape() : lengths_.leading(); }
  void begin() {
    items_.begin();
    if (!is_bare_) lengths_.begin(items_.leading());
  }

 private:
  static bool is_bare(std::size_t leading) { return leading == 0 && Columns<T, Outer>::kIsFlat; }

  Lengths lengths_;
  Columns<T, Outer> items_;
  bool is_bare_ = false;
};

// What all columns of lists share. Those that derive from it add put() and get().
template <typename List, typename T, typename Outer>
class ListColumns : public AnyColumns {
  static_assert(std::is_default_constructible_v<T>,
                "Holdfast makes the elements of a container anew when it loads them: give their "
                "type a constructor without arguments");

 public:
  static constexpr bool kIsFlat = false;

  void sample(const List*) {}
  void clear() override { elements_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    elements_.write(to, name, leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    elements_.open(from, name, leading);
  }
  std::optional<Shape> leading() const override { return elements_.leading(); }
  void begin() override { elements_.begin(); }

 protected:
  void put_each(const List& list, std::size_t length) {
    elements_.put_length(length);
    for (const T& element : list) elements_.items().put(element);
  }
  // For sets: an element has its place by its value, so it is loaded before it is inserted.
  void insert_each(List& list) {
    List loaded(list);
    loaded.clear();
    for (std::size_t left = elements_.next_length(); left > 0; --left) {
      T element{};
      elements_.items().get(element);
      loaded.insert(loaded.end(), std::move(element));
    }
    list = std::move(loaded);
  }

  Elements<T, Outer> elements_;
};

template <typename T, typename Allocator, typename Outer>
class Columns<std::vector<T, Allocator>, Outer> final
    : public ListColumns<std::vector<T, Allocator>, T, Outer> {
 public:
  void put(const std::vector<T, Allocator>& list) {
    if constexpr (Number<T>::value && !std::is_same_v<T, bool>) {
      this->elements_.put_length(list.size());
      this->elements_.items().put_lasting(list.data(), list.size());
    } else {
      this->put_each(list, list.size());
    }
  }
  void get(std::vector<T, Allocator>& list) {
    list.resize(this->elements_.next_length());
    if constexpr (std::is_same_v<T, bool>) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        bool element = false;
        this->elements_.items().get(element);
        list[i] = element;
      }
    } else if constexpr (Number<T>::value) {
      this->elements_.items().get_all(list.data(), list.size());
    } else {
      for (T& element : list) this->elements_.items().get(element);
    }
  }
};

template <typename List, typename T, typename Outer>
class ResizedColumns : public ListColumns<List, T, Outer> {
 public:
  void put(const List& list) {
    this->put_each(list, static_cast<std::size_t>(std::distance(list.begin(), list.end())));
  }
  void get(List& list) {
    list.resize(this->elements_.next_length());
    for (T& element : list) this->elements_.items().get(element);
  }
};
template <typename T, typename Allocator, typename Outer>
class Columns<std::deque<T, Allocator>, Outer> final
    : public ResizedColumns<std::deque<T, Allocator>, T, Outer> {};
template <typename T, typename Allocator, typename Outer>
class Columns<std::list<T, Allocator>, Outer> final
    : public ResizedColumns<std::list<T, Allocator>, T, Outer> {};
template <typename T, typename Allocator, typename Outer>
class Columns<std::forward_list<T, Allocator>, Outer> final
    : public ResizedColumns<std::forward_list<T, Allocator>, T, Outer> {};

template <typename Set, typename T, typename Outer>
class SetColumns : public ListColumns<Set, T, Outer> {
 public:
  void put(const Set& set) { this->put_each(set, set.size()); }
  void get(Set& set) { this->insert_each(set); }
};
template <typename T, typename Compare, typename Allocator, typename Outer>
class Columns<std::set<T, Compare, Allocator>, Outer> final
    : public SetColumns<std::set<T, Compare, Allocator>, T, Outer> {};
template <typename T, typename Compare, typename Allocator, typename Outer>
class Columns<std::multiset<T, Compare, Allocator>, Outer> final
    : public SetColumns<std::multiset<T, Compare, Allocator>, T, Outer> {};

// std::stack, std::queue, std::priority_queue: the container inside, in its own order.
template <typename Adaptor, typename Outer>
class AdaptorColumns : public ForwardedColumns<Columns<typename Adaptor::container_type, Outer>> {
  using Container = typename Adaptor::container_type;
  struct Access : Adaptor {
    static const Container& of(const Adaptor& adaptor) { return adaptor.*&Access::c; }
    static Container& of(Adaptor& adaptor) { return adaptor.*&Access::c; }
  };

 public:
  void sample(const Adaptor*) {}
  void put(const Adaptor& adaptor) { this->inner_.put(Access::of(adaptor)); }
  void get(Adaptor& adaptor) { this->inner_.get(Access::of(adaptor)); }
};
template <typename T, typename Container, typename Outer>
class Columns<std::stack<T, Container>, Outer> final
    : public AdaptorColumns<std::stack<T, Container>, Outer> {};
template <typename T, typename Container, typename Outer>
class Columns<std::queue<T, Container>, Outer> final
    : public AdaptorColumns<std::queue<T, Container>, Outer> {};
template <typename T, typename Container, typename Compare, typename Outer>
class Columns<std::priority_queue<T, Container, Compare>, Outer> final
    : public AdaptorColumns<std::priority_queue<T, Container, Compare>, Outer> {};

// std::array and arrays of C: one more dimension.
template <typename Array, typename T, std::size_t kSize, typename Outer>
class ArrayColumns : public AnyColumns {
 public:
  static constexpr bool kIsFlat = Columns<T, Outer>::kIsFlat;

  void sample(const Array* array) {
    if constexpr (kSize > 0) items_.sample(array == nullptr ? nullptr : &(*array)[0]);
  }
  void put(const Array& array) {
    if constexpr (kSize > 0)
      for (const T& element : array) items_.put(element);
  }
  void get(Array& array) {
    if constexpr (kSize > 0)
      for (T& element : array) items_.get(element);
  }
  void clear() override { items_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    Shape all = leading;
    all.push_back(static_cast<std::int64_t>(kSize));
    items_.write(to, name, all);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    items_.open(from, name, leading + 1);
    leading_ = items_.leading();
    if (!leading_) return;
    if (leading_->back() != static_cast<std::int64_t>(kSize))
      refuse_size(name, static_cast<std::int64_t>(kSize), leading_->back());
    leading_->pop_back();
  }
  std::optional<Shape> leading() const override { return leading_; }
  void begin() override { items_.begin(); }

 private:
  Columns<T, Outer> items_;
  std::optional<Shape> leading_;
};
template <typename T, std::size_t kSize, typename Outer>
class Columns<std::array<T, kSize>, Outer> final
    : public ArrayColumns<std::array<T, kSize>, T, kSize, Outer> {};
template <typename Outer>
class Columns<long double, Outer> final
    : public ConvertedColumns<long double, Outer, LongDoubleCodec> {};
template <std::size_t kSize>
struct BitsetCodec {
  using Stored = std::array<bool, kSize>;
  static Stored to_stored(const std::bitset<kSize>& value) {
    Stored stored{};
    for (std::size_t i = 0; i < kSize; ++i) stored[i] = value[i];
    return stored;
  }
  static void from_stored(const Stored& stored, std::bitset<kSize>& value) {
    for (std::size_t i = 0; i < kSize; ++i) value[i] = stored[i];
  }
};
template <std::size_t kSize, typename Outer>
class Columns<std::bitset<kSize>, Outer> final
    : public ConvertedColumns<std::bitset<kSize>, Outer, BitsetCodec<kSize>> {};
template <typename T, std::size_t kSize, typename Outer>
class Columns<T[kSize], Outer> final : public ArrayColumns<T[kSize], T, kSize, Outer> {};

}  // namespace holdfast::columns
