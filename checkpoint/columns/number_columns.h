// Numbers: arithmetic types, enums, std::byte, std::complex, durations, atomics.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

#include <holdfast/checkpoint/columns/column.h>

namespace holdfast::columns {

template <typename T>
constexpr DType integer_dtype() {
  constexpr bool is_signed = std::is_signed_v<T>;
  static_assert(sizeof(T) <= 8, "Holdfast stores integers of up to 64 bits");
  if constexpr (sizeof(T) == 1) return is_signed ? DType::kInt8 : DType::kUInt8;
  if constexpr (sizeof(T) == 2) return is_signed ? DType::kInt16 : DType::kUInt16;
  if constexpr (sizeof(T) == 4) return is_signed ? DType::kInt32 : DType::kUInt32;
  return is_signed ? DType::kInt64 : DType::kUInt64;
}

// How a type of numbers is stored: the dtype, with the very bytes of the value.
template <typename T, typename = void>
struct Number : std::false_type {};
template <typename T>
struct Number<T, std::enable_if_t<std::is_integral_v<T>>> : std::true_type {
  static constexpr DType kDType = integer_dtype<T>();
};
template <>
struct Number<bool> : std::true_type {
  static constexpr DType kDType = DType::kBool;
};
template <>
struct Number<float> : std::true_type {
  static constexpr DType kDType = DType::kFloat32;
};
template <>
struct Number<double> : std::true_type {
  static constexpr DType kDType = DType::kFloat64;
};
template <>
struct Number<std::complex<float>> : std::true_type {
  static constexpr DType kDType = DType::kComplex64;
};
template <>
struct Number<std::complex<double>> : std::true_type {
  static constexpr DType kDType = DType::kComplex128;
};
template <typename T>
struct Number<T, std::enable_if_t<std::is_enum_v<T>>> : Number<std::underlying_type_t<T>> {};

static_assert(std::numeric_limits<float>::is_iec559 && sizeof(float) == 4);
static_assert(std::numeric_limits<double>::is_iec559 && sizeof(double) == 8);
static_assert(sizeof(bool) == 1);

// The elements of one column, read one after another. Shared by all columns of numbers.
class ReadPosition {
 public:
  void open(const StoredColumn& column, std::size_t bytes_of_one) {
    column_ = &column;
    bytes_of_one_ = bytes_of_one;
    next_ = 0;
  }
  const Shape& shape() const { return column_->shape; }
  void take(void* to, std::size_t values) {
    const std::size_t bytes = values * bytes_of_one_;
    if (bytes != 0) std::memcpy(to, column_->bytes.data + next_, bytes);
    next_ += bytes;
  }

 private:
  const StoredColumn* column_ = nullptr;
  std::size_t bytes_of_one_ = 0, next_ = 0;
};

template <typename T, typename Outer>
class Columns<T, Outer, std::enable_if_t<Number<T>::value>> final : public AnyColumns {
 public:
  static constexpr bool kIsFlat = true;

  void sample(const T*) {}
  void put(const T& value) { put_all(&value, 1); }
  // Keeps no copy if these are all values: the memory must then stay as it is until clear().
  void put_lasting(const T* values, std::size_t count) {
    if (lasting_ == nullptr && values_.empty() && count != 0) {
      lasting_ = values;
      lasting_count_ = count;
    } else {
      put_all(values, count);
    }
  }
  void get(T& value) { position_.take(&value, 1); }
  void get_all(T* values, std::size_t count) { position_.take(values, count); }

  void clear() override {
    values_.clear();
    lasting_ = nullptr;
    lasting_count_ = 0;
  }

  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override {
    const bool is_scalar = leading.empty() && (kDType == DType::kInt64 ||
                                               kDType == DType::kFloat64 || kDType == DType::kBool);
    to.column(name, is_scalar ? Kind::kScalar : Kind::kTensor, kDType, leading, all());
  }

  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override {
    const StoredColumn& column = require_column(from, name, Kind::kTensor, kDType, leading);
    if (column.shape.size() != leading)
      refuse_shape(name, column, std::to_string(leading) + " dimensions");
    position_.open(column, sizeof(T));
  }
  std::optional<Shape> leading() const override { return position_.shape(); }
  void begin() override {}

  // The same for all bytes of one text.
  void write_text(ColumnWriter& to, const std::string& name) {
    const ByteView bytes = all();
    to.column(name, Kind::kText, kDType, {static_cast<std::int64_t>(bytes.size)}, bytes);
  }
  void open_text(const ColumnReader& from, const std::string& name) {
    const StoredColumn& column = require_column(from, name, Kind::kText, kDType, 1);
    position_.open(column, 1);
  }

 private:
  static constexpr DType kDType = Number<T>::kDType;

  ByteView all() const {
    return lasting_ != nullptr ? ByteView(lasting_, lasting_count_ * sizeof(T)) : ByteView(values_);
  }
  void put_all(const T* values, std::size_t count) {
    if (lasting_ != nullptr) {
      append(lasting_, lasting_count_);
      lasting_ = nullptr;
    }
    append(values, count);
  }
  void append(const T* values, std::size_t count) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(values);
    values_.insert(values_.end(), bytes, bytes + count * sizeof(T));
  }

  std::vector<std::byte> values_;
  const T* lasting_ = nullptr;  // all values, in somebody else's memory; then values_ is empty
  std::size_t lasting_count_ = 0;
  ReadPosition position_;
};

// A type that is stored as another one. `Codec` has Stored, to_stored(const T&) and from_stored.
template <typename T, typename Outer, typename Codec>
class ConvertedColumns : public ForwardedColumns<Columns<typename Codec::Stored, Outer>> {
 public:
  void sample(const T*) { this->inner_.sample(nullptr); }
  void put(const T& value) { this->inner_.put(Codec::to_stored(value)); }
  void get(T& value) {
    typename Codec::Stored stored{};
    this->inner_.get(stored);
    Codec::from_stored(stored, value);
  }
};

// As four doubles {a, b, c, e}: the value is (a + b + c) · 2^e. Exact for every long double of up
// to 159 bits of mantissa.
struct LongDoubleCodec {
  using Stored = std::array<double, 4>;
  static Stored to_stored(long double value) {
    int exponent = 0;
    long double rest = std::isfinite(value) ? std::frexp(value, &exponent) : value;
    Stored stored{};
    for (std::size_t i = 0; i < 3; ++i) {
      stored[i] = static_cast<double>(rest);
      rest = std::isfinite(value) ? rest - stored[i] : 0;
    }
    stored[3] = exponent;
    return stored;
  }
  static void from_stored(const Stored& stored, long double& value) {
    value = stored[0];
    if (!std::isfinite(value)) return;
    const auto exponent = static_cast<int>(std::clamp(stored[3], -1e6, 1e6));
    if (value != 0) value = std::ldexp(value + stored[1] + stored[2], exponent);
  }
};

template <typename Rep, typename Period>
struct DurationCodec {
  using Stored = Rep;
  static Rep to_stored(const std::chrono::duration<Rep, Period>& value) { return value.count(); }
  static void from_stored(const Rep& stored, std::chrono::duration<Rep, Period>& value) {
    value = std::chrono::duration<Rep, Period>(stored);
  }
};
template <typename Rep, typename Period, typename Outer>
class Columns<std::chrono::duration<Rep, Period>, Outer> final
    : public ConvertedColumns<std::chrono::duration<Rep, Period>, Outer,
                              DurationCodec<Rep, Period>> {};

template <typename Clock, typename Duration>
struct TimeCodec {
  using Stored = Duration;
  static Duration to_stored(const std::chrono::time_point<Clock, Duration>& value) {
    return value.time_since_epoch();
  }
  static void from_stored(const Duration& stored, std::chrono::time_point<Clock, Duration>& value) {
    value = std::chrono::time_point<Clock, Duration>(stored);
  }
};
template <typename Clock, typename Duration, typename Outer>
class Columns<std::chrono::time_point<Clock, Duration>, Outer> final
    : public ConvertedColumns<std::chrono::time_point<Clock, Duration>, Outer,
                              TimeCodec<Clock, Duration>> {};

template <typename T>
struct AtomicCodec {
  using Stored = T;
  static T to_stored(const std::atomic<T>& value) { return value.load(); }
  static void from_stored(const T& stored, std::atomic<T>& value) { value.store(stored); }
};
template <typename T, typename Outer>
class Columns<std::atomic<T>, Outer> final
    : public ConvertedColumns<std::atomic<T>, Outer, AtomicCodec<T>> {};

}  // namespace holdfast::columns
