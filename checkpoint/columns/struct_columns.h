// Structs of the program's own: one column a field, <name>/<field>.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/columns/column.h>
#include <holdfast/checkpoint/columns/fields.h>

namespace holdfast::columns {

// How the fields of a type are visited.
struct AnyVisitor {
  template <typename Field>
  void operator()(std::string_view, Field&);
};
struct AnyArchive {
  using is_saving = std::true_type;
  using is_loading = std::false_type;
  template <typename... Fields>
  AnyArchive& operator()(Fields&&...);
  template <typename Field>
  AnyArchive& operator&(Field&&);
};

template <typename T, typename = void>
struct HasFields : std::false_type {};
template <typename T>
struct HasFields<T, std::void_t<decltype(std::declval<T&>().fields(std::declval<AnyVisitor&>()))>>
    : std::true_type {};
// Becomes a T& and no reference to a base class of it.
template <typename T>
struct Exactly {
  template <typename U, typename = std::enable_if_t<std::is_same_v<U, T>>>
  operator U&() const;  // NOLINT(google-explicit-constructor)
};
template <typename T, typename = void>
struct HasFieldsOf : std::false_type {};
template <typename T>
struct HasFieldsOf<T, std::void_t<decltype(holdfast_fields(std::declval<AnyVisitor&>(),
                                                           std::declval<Exactly<T>>()))>>
    : std::true_type {};
template <typename T, typename = void>
struct HasSerialize : std::false_type {};
template <typename T>
struct HasSerialize<
    T, std::void_t<decltype(std::declval<T&>().serialize(std::declval<AnyArchive&>()))>>
    : std::true_type {};

// Whether the member is the class's own, and not that of a base class, which does not know the
// class's other fields. A member that is overloaded counts as its own.
template <typename T, typename Member>
constexpr bool is_of(Member T::*) {
  return true;
}
template <typename T>
constexpr bool is_of(...) {
  return false;
}
template <typename T, typename = void>
struct HasOwnFields : HasFields<T> {};
template <typename T>
struct HasOwnFields<T, std::void_t<decltype(&T::template fields<AnyVisitor>)>>
    : std::bool_constant<HasFields<T>::value && is_of<T>(&T::template fields<AnyVisitor>)> {};
template <typename T, typename = void>
struct HasOwnSerialize : HasSerialize<T> {};
template <typename T>
struct HasOwnSerialize<T, std::void_t<decltype(&T::template serialize<AnyArchive>)>>
    : std::bool_constant<HasSerialize<T>::value && is_of<T>(&T::template serialize<AnyArchive>)> {};

template <typename T>
inline constexpr bool kHasOwn =
    HasOwnFields<T>::value || HasFieldsOf<T>::value || HasOwnSerialize<T>::value;
template <typename T>
inline constexpr bool kIsStruct = std::is_class_v<T> &&
                                  (kHasOwn<T> || HasFields<T>::value || HasSerialize<T>::value);

// What serialize() calls, as an archive of cereal or Boost: hands each field to `Visitor`. Fields
// have the names that the library's name-value pairs give them; others "0", "1" and so on.
template <typename Visitor, bool kIsLoading>
class Archive {
 public:
  using is_saving = std::bool_constant<!kIsLoading>;
  using is_loading = std::bool_constant<kIsLoading>;

  explicit Archive(Visitor& visitor) : visitor_(visitor) {}

  template <typename... Fields>
  Archive& operator()(Fields&&... fields) {
    (visit(fields), ...);
    return *this;
  }
  template <typename Field>
  Archive& operator&(Field&& field) {
    visit(field);
    return *this;
  }

 private:
  // cereal's NameValuePair has the members name and value; that of Boost has functions of these
  // names. cereal's base_class has base_ptr.
  template <typename Field>
  void visit(Field& field) {
    if constexpr (HasNameAndValue<Field>::value) {
      ++unnamed_;
      visitor_(std::string_view(field.name), field.value);
    } else if constexpr (HasNameAndValueFunctions<Field>::value) {
      ++unnamed_;
      visitor_(std::string_view(field.name()), field.value());
    } else if constexpr (HasBase<Field>::value) {
      visitor_(std::to_string(unnamed_++), *field.base_ptr);
    } else {
      visitor_(std::to_string(unnamed_++), field);
    }
  }

  template <typename Field, typename = void>
  struct HasNameAndValue : std::false_type {};
  template <typename Field>
  struct HasNameAndValue<
      Field, std::enable_if_t<
                 std::is_convertible_v<decltype(std::declval<Field&>().name), std::string_view>,
                 std::void_t<decltype(std::declval<Field&>().value)>>> : std::true_type {};
  template <typename Field, typename = void>
  struct HasNameAndValueFunctions : std::false_type {};
  template <typename Field>
  struct HasNameAndValueFunctions<
      Field, std::enable_if_t<
                 std::is_convertible_v<decltype(std::declval<Field&>().name()), std::string_view>,
                 std::void_t<decltype(std::declval<Field&>().value())>>> : std::true_type {};
  template <typename Field, typename = void>
  struct HasBase : std::false_type {};
  template <typename Field>
  struct HasBase<Field, std::void_t<decltype(*std::declval<Field&>().base_ptr)>> : std::true_type {
  };

  Visitor& visitor_;
  int unnamed_ = 0;
};

// Calls visitor(name, field) for each field of the object.
template <bool kIsLoading, typename T, typename Visitor>
void visit_fields(T& object, Visitor& visitor) {
  static_assert(kHasOwn<T>,
                "A base class of this type names its fields, and this type does not: what it adds "
                "would be lost. Name all fields of the type: visit those of the base class by "
                "Base::fields(visit), or archive its base class.");
  if constexpr (HasOwnFields<T>::value) {
    object.fields(visitor);
  } else if constexpr (HasFieldsOf<T>::value) {
    holdfast_fields(visitor, object);
  } else {
    Archive<Visitor, kIsLoading> archive(visitor);
    object.serialize(archive);
  }
}

// Tells types apart.
template <typename T>
inline constexpr char kTypeMark = 0;

// A field and its columns.
struct Field {
  std::string name;     // as it is visited
  std::string escaped;  // in the name of an entry
  const void* type;     // &kTypeMark of its type
  std::unique_ptr<AnyColumns> columns;
};

// The fields of a struct, in the order in which they are visited.
class Fields {
 public:
  bool empty() const { return fields_.empty(); }
  void add(std::string_view name, const void* type, std::unique_ptr<AnyColumns> columns);
  // The columns of the i-th field. Error(kUnsupported) if another field was visited there before.
  AnyColumns& at(std::size_t i, std::string_view name, const void* type);
  void require_all(std::size_t visited) const;  // Error(kUnsupported) if fewer were visited

  bool is_void() const;
  void clear();
  void write(ColumnWriter& to, const std::string& name, const Shape& leading);
  void open(const ColumnReader& from, const std::string& name, std::size_t leading);
  std::optional<Shape> leading() const { return leading_; }
  void begin();

 private:
  std::vector<Field> fields_;
  std::optional<Shape> leading_;
};

template <typename T, typename... Structs>
inline constexpr bool kIsWithin = (std::is_same_v<T, Structs> || ...);

template <typename T, typename... Structs>
class Columns<T, Within<Structs...>, std::enable_if_t<kIsStruct<T> && !kIsWithin<T, Structs...>>>
    final : public AnyColumns {
  using Inner = Within<Structs..., T>;

 public:
  static constexpr bool kIsFlat = false;

  // The fields are known once a value has been visited.
  void sample(const T* value) {
    if (value != nullptr) {
      visit_sample(*value);
    } else if constexpr (std::is_default_constructible_v<T>) {
      if (fields_.empty()) visit_sample(T());
    }
  }
  void put(const T& value) {
    if (fields_.empty()) visit_sample(value);
    visit<false>(const_cast<T&>(value), [](auto& columns, auto& field) { columns.put(field); });
  }
  void get(T& value) {
    visit<true>(value, [](auto& columns, auto& field) { columns.get(field); });
  }
  bool is_void() const override { return fields_.is_void(); }
  void clear() override { fields_.clear(); }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    fields_.write(to, name, leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    fields_.open(from, name, leading);
  }
  std::optional<Shape> leading() const override { return fields_.leading(); }
  void begin() override { fields_.begin(); }

 private:
  // fields() and serialize() are not const, since a load writes by them. A save does not write.
  void visit_sample(const T& value) {
    if (fields_.empty()) {
      const auto add = [&](std::string_view name, auto& field) {
        using FieldType = std::remove_cv_t<std::remove_reference_t<decltype(field)>>;
        fields_.add(name, &kTypeMark<FieldType>, std::make_unique<Columns<FieldType, Inner>>());
      };
      visit_fields<false>(const_cast<T&>(value), add);
    }
    visit<false>(const_cast<T&>(value), [](auto& columns, auto& field) { columns.sample(&field); });
  }

  template <bool kIsLoading, typename Action>
  void visit(T& value, const Action& action) {
    std::size_t visited = 0;
    const auto act = [&](std::string_view name, auto& field) {
      using FieldType = std::remove_cv_t<std::remove_reference_t<decltype(field)>>;
      AnyColumns& columns = fields_.at(visited++, name, &kTypeMark<FieldType>);
      action(static_cast<Columns<FieldType, Inner>&>(columns), field);
    };
    visit_fields<kIsLoading>(value, act);
    fields_.require_all(visited);
  }

  Fields fields_;
};

// A struct within itself, such as the children of a node. Its columns are there only where there
// are values, or there would be no end of them.
template <typename T, typename... Structs>
class Columns<T, Within<Structs...>, std::enable_if_t<kIsStruct<T> && kIsWithin<T, Structs...>>>
    final : public AnyColumns {
  using Inner = Columns<T, Within<>>;

 public:
  static constexpr bool kIsFlat = false;

  void sample(const T*) {}
  void put(const T& value) {
    inner().put(value);
    has_values_ = true;
  }
  void get(T& value) { inner().get(value); }
  void clear() override {
    if (inner_ != nullptr) inner_->clear();
    has_values_ = false;
  }
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    if (has_values_) inner_->write(to, name, leading);
  }
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    is_there_ = from.has_below(name);
    leading_ = Shape(leading, 0);
    if (!is_there_) return;
    inner().sample(nullptr);
    inner_->open(from, name, leading);
    leading_ = inner_->leading();
  }
  std::optional<Shape> leading() const override { return leading_; }
  void begin() override {
    if (is_there_) inner_->begin();
  }

 private:
  Inner& inner() {
    if (inner_ == nullptr) inner_ = std::make_unique<Inner>();
    return *inner_;
  }

  std::unique_ptr<Inner> inner_;
  bool has_values_ = false, is_there_ = false;
  std::optional<Shape> leading_;
};

}  // namespace holdfast::columns
