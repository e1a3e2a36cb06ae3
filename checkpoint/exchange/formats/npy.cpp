#include <holdfast/checkpoint/exchange/formats/npy.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/values/dtype_names.h>

namespace holdfast::exchange {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kAlignment = 64;

constexpr DTypeNames<14> kTypes = {{
    {DType::kFloat32, "<f4"},
    {DType::kFloat64, "<f8"},
    {DType::kFloat16, "<f2"},
    {DType::kComplex64, "<c8"},
    {DType::kComplex128, "<c16"},
    {DType::kBool, "|b1"},
    {DType::kInt8, "|i1"},
    {DType::kInt16, "<i2"},
    {DType::kInt32, "<i4"},
    {DType::kInt64, "<i8"},
    {DType::kUInt8, "|u1"},
    {DType::kUInt16, "<u2"},
    {DType::kUInt32, "<u4"},
    {DType::kUInt64, "<u8"},
}};

// Parses the dict of a header, which must have exactly three keys:
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class DictParser {
 public:
  DictParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    expect("{");
    while (!accept("}")) {
      parse_entry();
      if (accept(",")) continue;
      expect("}");
      break;
    }
    skip_space();
    if (!text_.empty() || !has_descr_ || !has_order_ || !has_shape_) throw damaged();
    return header_;
  }

 private:
  Error damaged() const {
    return Error(ErrorKind::kCorrupt, "the array's header is damaged")
        .at(where_)
        .expected("a dict of descr, fortran_order and shape")
        .found(in_quotes(text_));
  }

  void parse_entry() {
    const std::string_view key = string();
    expect(":");
    if (key == "descr" && !has_descr_) {
      has_descr_ = true;
      header_.dtype = dtype();
    } else if (key == "fortran_order" && !has_order_) {
      has_order_ = true;
      header_.is_fortran_order = boolean();
    } else if (key == "shape" && !has_shape_) {
      has_shape_ = true;
      header_.shape = shape();
    } else {
      throw damaged();
    }
  }

  DType dtype() {
    skip_space();
    if (!text_.empty() && text_.front() == '[')
      throw unsupported("the array has records as elements")
          .remedy("save each field as an array of its own");
    const std::string_view descr = string();
    if (const auto known = dtype_in(kTypes, descr)) return *known;
    if (!descr.empty() && descr.front() == '>')
      throw unsupported("the array is not little-endian")
          .found(in_quotes(descr))
          .remedy("save its .astype(its dtype.newbyteorder('<'))");
    if (descr == "|O")
      throw unsupported("the array has Python objects as elements, which are a pickle");
    throw unsupported("a checkpoint cannot hold the array's type").found(in_quotes(descr));
  }

  Error unsupported(const std::string& problem) const {
    return Error(ErrorKind::kUnsupported, problem).at(where_);
  }

  bool boolean() {
    if (accept("True")) return true;
    expect("False");
    return false;
  }

  Shape shape() {
    Shape sizes;
    expect("(");
    while (!accept(")")) {
      sizes.push_back(integer());
      if (accept(",")) continue;
      if (sizes.size() == 1) throw damaged();  // (3) is no tuple
      expect(")");
      break;
    }
    return sizes;
  }

  // Python 2 wrote an L behind an integer.
  std::int64_t integer() {
    skip_space();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) throw damaged();
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    accept("L");
    return value;
  }

  std::string_view string() {
    skip_space();
    const char quote = text_.empty() ? '\0' : text_.front();
    if (quote != '\'' && quote != '"') throw damaged();
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) throw damaged();
    const std::string_view value = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return value;
  }

  void skip_space() {
    const std::size_t begin = text_.find_first_not_of(" \n");
    text_.remove_prefix(begin == std::string_view::npos ? text_.size() : begin);
  }

  bool accept(std::string_view token) {
    skip_space();
    if (text_.substr(0, token.size()) != token) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  void expect(std::string_view token) {
    if (!accept(token)) throw damaged();
  }

  std::string_view text_;  // the rest
  const std::string& where_;
  NpyHeader header_;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

// Behind the magic are the version, and the length of the dict: a number of 2 bytes, or of 4 bytes
// from version 2 on.
struct Preamble {
  std::uint64_t bytes, dict_bytes;
};

std::optional<Preamble> preamble_of(std::string_view start) {
  const std::size_t at = kMagic.size();
  if (start.size() < at + 6 || start.substr(0, at) != kMagic) return std::nullopt;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(start[at + i]));
  };
  if (byte(0) < 1 || byte(0) > 3 || byte(1) != 0) return std::nullopt;
  if (byte(0) == 1) return Preamble{at + 4, byte(2) | byte(3) << 8};
  return Preamble{at + 6, byte(2) | byte(3) << 8 | byte(4) << 16 | byte(5) << 24};
}

}  // namespace

std::string encode_npy_header(DType dtype, const Shape& shape) {
  std::string dict =
      "{'descr': '" + std::string(npy_descr(dtype)) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i)
    dict += (i == 0 ? "" : " ") + std::to_string(shape[i]) + (i + 1 < shape.size() ? "," : "");
  dict += shape.size() == 1 ? ",), }" : "), }";
  const std::size_t before = kMagic.size() + 4;
  dict.resize(round_up(before + dict.size() + 1, kAlignment) - before, ' ');
  dict.back() = '\n';
  std::string header(kMagic);
  header += std::string_view("\x01\x00", 2);
  header += static_cast<char>(dict.size() & 0xFF);
  header += static_cast<char>(dict.size() >> 8);
  return header + dict;
}

std::uint64_t npy_header_bytes(ByteView start, const std::string& where) {
  const auto preamble = preamble_of(start.text());
  if (!preamble)
    throw Error(ErrorKind::kCorrupt, "this is not an array of numpy")
        .at(where)
        .expected("a .npy file of version 1, 2 or 3");
  const std::uint64_t bytes = preamble->bytes + preamble->dict_bytes;
  if (bytes <= kMaxNpyHeaderBytes) return bytes;
  throw Error(ErrorKind::kCorrupt, "the array's header is too long")
      .at(where)
      .expected(std::to_string(kMaxNpyHeaderBytes) + " bytes at most")
      .found(std::to_string(bytes));
}

NpyHeader decode_npy_header(ByteView header, const std::string& where) {
  if (npy_header_bytes(header, where) != header.size)
    throw Error(ErrorKind::kCorrupt, "the file ends within the array's header").at(where);
  const Preamble preamble = *preamble_of(header.text());
  NpyHeader decoded = DictParser(header.text().substr(preamble.bytes), where).parse();
  if (decoded.shape.size() <= kMaxRank) return decoded;
  throw Error(ErrorKind::kUnsupported, "the array has too many dimensions")
      .at(where)
      .expected(std::to_string(kMaxRank) + " at most")
      .found(std::to_string(decoded.shape.size()));
}

std::string_view npy_descr(DType dtype) {
  return name_in(kTypes, dtype);
}

}  // namespace holdfast::exchange
