// Maps, and unordered sets: keys and values in the order in which the container iterates.
#pragma once

#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/columns/list_columns.h>

namespace holdfast::columns {

// The elements of maps: <name>/keys and <name>/values.
template <typename Key, typename Value, typename Outer>
class KeyedElements {
 public:
  template <typename Entry>
  void put(const Entry& entry) {
    keys_.put(entry.first);
    values_.put(entry.second);
  }
  std::pair<Key, Value> get() {
    std::pair<Key, Value> entry;
    keys_.get(entry.first);
    values_.get(entry.second);
    return entry;
  }
  void clear() {
    keys_.clear();
    values_.clear();
  }
  void write(ColumnWriter& to, const std::string& name, std::int64_t count) {
    keys_.sample(nullptr);
    values_.sample(nullptr);
    keys_.write(to, name + "/keys", {count});
    values_.write(to, name + "/values", {count});
  }
  void open(const ColumnReader& from, const std::string& name) {
    keys_.sample(nullptr);
    values_.sample(nullptr);
    keys_.open(from, name + "/keys", 1);
    values_.open(from, name + "/values", 1);
    require_same_leading(name + "/values", keys_.leading(), values_.leading());
  }
  bool is_void() const { return keys_.is_void(); }
  std::optional<Shape> leading() const { return keys_.leading(); }
  void begin() {
    keys_.begin();
    values_.begin();
  }

 private:
  Columns<Key, Outer> keys_;
  Columns<Value, Outer> values_;
};

// The elements of unordered sets: <name>/items.
template <typename T, typename Outer>
class PlainElements {
 public:
  void put(const T& element) { items_.put(element); }
  T get() {
    T element{};
    items_.get(element);
    return element;
  }
  void clear() { items_.clear(); }
  void write(ColumnWriter& to, const std::string& name, std::int64_t count) {
    items_.sample(nullptr);
    items_.write(to, name + "/items", {count});
  }
  void open(const ColumnReader& from, const std::string& name) {
    items_.sample(nullptr);
    items_.open(from, name + "/items", 1);
  }
  bool is_void() const { return items_.is_void(); }
  std::optional<Shape> leading() const { return items_.leading(); }
  void begin() { items_.begin(); }

 private:
  Columns<T, Outer> items_;
};

// What the columns of containers with `Elements` share: their lengths.
template <typename Container, typename Elements>
class FilledColumns : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;

  void sample(const Container*) {}
  void clear() override {
    lengths_.clear();
    elements_.clear();
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    lengths_.write(to, name, leading);
    elements_.write(to, name, lengths_.total_put());
    lengths_.require_columns(name, elements_.is_void());
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    lengths_.open(from, name, leading);
    elements_.open(from, name);
  }
  std::optional<Shape> leading() const override { return lengths_.leading(); }
  void begin() override {
    elements_.begin();
    lengths_.begin(elements_.leading());
  }

 protected:
  void put_each(const Container& container) {
    lengths_.put(container.size());
    for (const auto& element : container) elements_.put(element);
  }

  Lengths lengths_;
  Elements elements_;
};

template <typename Map, typename Outer>
class MapColumns
    : public FilledColumns<
          Map, KeyedElements<typename Map::key_type, typename Map::mapped_type, Outer>> {
 public:
  void put(const Map& map) { this->put_each(map); }
  void get(Map& map) {
    Map loaded(map.key_comp(), map.get_allocator());
    for (std::size_t left = this->lengths_.next(); left > 0; --left) {
      auto [key, value] = this->elements_.get();
      loaded.emplace_hint(loaded.end(), std::move(key), std::move(value));
    }
    map = std::move(loaded);
  }
};
template <typename Key, typename Value, typename Compare, typename Allocator, typename Outer>
class Columns<std::map<Key, Value, Compare, Allocator>, Outer> final
    : public MapColumns<std::map<Key, Value, Compare, Allocator>, Outer> {};
template <typename Key, typename Value, typename Compare, typename Allocator, typename Outer>
class Columns<std::multimap<Key, Value, Compare, Allocator>, Outer> final
    : public MapColumns<std::multimap<Key, Value, Compare, Allocator>, Outer> {};

// Refuse, with Error(kUnsupported) or (kMismatch): a container that could not be rebuilt.
void require_buckets(const std::string& name, std::uint64_t buckets, std::uint64_t elements);
void require_load_factor(const std::string& name, float factor, std::uint64_t buckets,
                         std::uint64_t elements);
[[noreturn]] void refuse_order(const std::string& name);

// Unordered containers come back with the order in which they iterate, since a program may have
// drawn from it. The order depends on the number of buckets and on the order of insertion.
// <name>/buckets and <name>/max_load_factor say when the container will grow.
template <typename Container, typename Elements>
class UnorderedColumns : public FilledColumns<Container, Elements> {
  using Base = FilledColumns<Container, Elements>;

 public:
  void put(const Container& container) {
    require_buckets("", container.bucket_count(), container.size());
    this->put_each(container);
    const std::uint64_t buckets = container.bucket_count();
    buckets_.put(buckets);
    load_factors_.put(container.max_load_factor());
  }
  void get(Container& container) {
    std::uint64_t buckets = 0;
    float load_factor = 0;
    buckets_.get(buckets);
    load_factors_.get(load_factor);
    using Element = decltype(this->elements_.get());
    std::vector<Element> elements;
    for (std::size_t left = this->lengths_.next(); left > 0; --left)
      elements.push_back(this->elements_.get());
    require_buckets(name_, buckets, elements.size());
    require_load_factor(name_ + "/max_load_factor", load_factor, buckets, elements.size());
    container = rebuilt(container, std::move(elements), buckets, load_factor);
  }
  void clear() override {
    Base::clear();
    buckets_.clear();
    load_factors_.clear();
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    Base::write(to, name, leading);
    buckets_.write(to, name + "/buckets", leading);
    load_factors_.write(to, name + "/max_load_factor", leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    name_ = name;
    Base::open(from, name, leading);
    buckets_.open(from, name + "/buckets", leading);
    load_factors_.open(from, name + "/max_load_factor", leading);
    require_same_leading(name + "/buckets", this->leading(), buckets_.leading());
    require_same_leading(name + "/max_load_factor", this->leading(), load_factors_.leading());
  }

 private:
  // libstdc++ puts what is new at the front of its bucket, and a bucket that was empty at the front
  // of all; of equal keys, it puts the new one behind its hint. So what is inserted from the last
  // key to the first, and of equal keys from the first element to the last, iterates as it did.
  template <typename Element>
  Container rebuilt(const Container& like, std::vector<Element> elements, std::uint64_t buckets,
                    float load_factor) {
    Container built(0, like.hash_function(), like.key_eq(), like.get_allocator());
    built.max_load_factor(load_factor);
    if (built.bucket_count() != buckets) built.rehash(static_cast<std::size_t>(buckets));
    std::vector<const void*> places(elements.size());
    for (std::size_t end = elements.size(); end > 0;) {
      std::size_t begin = end - 1;
      while (begin > 0 && like.key_eq()(key_of(elements[begin - 1]), key_of(elements[end - 1])))
        --begin;
      auto place = built.end();
      for (std::size_t i = begin; i < end; ++i) {
        place = built.emplace_hint(place, std::move(elements[i]));
        places[i] = &*place;
      }
      end = begin;
    }
    bool is_same = built.size() == elements.size() && built.bucket_count() == buckets;
    auto expected = places.begin();
    for (auto found = built.begin(); is_same && found != built.end(); ++found, ++expected)
      is_same = *expected == static_cast<const void*>(&*found);
    if (!is_same) refuse_order(name_);
    return built;
  }
  template <typename Element>
  static const auto& key_of(const Element& element) {
    if constexpr (std::is_same_v<typename Container::key_type, typename Container::value_type>) {
      return element;
    } else {
      return element.first;
    }
  }

  std::string name_;
  Columns<std::uint64_t> buckets_;
  Columns<float> load_factors_;
};

template <typename Map, typename Outer>
using UnorderedMapColumns =
    UnorderedColumns<Map, KeyedElements<typename Map::key_type, typename Map::mapped_type, Outer>>;
template <typename Set, typename Outer>
using UnorderedSetColumns = UnorderedColumns<Set, PlainElements<typename Set::value_type, Outer>>;

template <typename K, typename V, typename H, typename E, typename A, typename Outer>
class Columns<std::unordered_map<K, V, H, E, A>, Outer> final
    : public UnorderedMapColumns<std::unordered_map<K, V, H, E, A>, Outer> {};
template <typename K, typename V, typename H, typename E, typename A, typename Outer>
class Columns<std::unordered_multimap<K, V, H, E, A>, Outer> final
    : public UnorderedMapColumns<std::unordered_multimap<K, V, H, E, A>, Outer> {};
template <typename T, typename H, typename E, typename A, typename Outer>
class Columns<std::unordered_set<T, H, E, A>, Outer> final
    : public UnorderedSetColumns<std::unordered_set<T, H, E, A>, Outer> {};
template <typename T, typename H, typename E, typename A, typename Outer>
class Columns<std::unordered_multiset<T, H, E, A>, Outer> final
    : public UnorderedSetColumns<std::unordered_multiset<T, H, E, A>, Outer> {};

}  // namespace holdfast::columns
