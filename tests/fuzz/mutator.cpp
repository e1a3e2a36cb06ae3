#include "fuzz/mutator.h"

#include <algorithm>
#include <cctype>

namespace holdfast::testing {
namespace {

constexpr std::size_t kLongestPart = 64;  // that is moved about

const std::vector<std::string>& numbers() {
  static const std::vector<std::string> numbers = {"0",
                                                   "-1",
                                                   "1",
                                                   "4095",
                                                   "4096",
                                                   "1048576",
                                                   "2147483648",
                                                   "4294967296",
                                                   "4611686018427387904",
                                                   "9223372036854775807",
                                                   "9223372036854775808",
                                                   "18446744073709551615",
                                                   "99999999999999999999",
                                                   "0.5",
                                                   "1e3",
                                                   "1e999",
                                                   "00",
                                                   "\"1\"",
                                                   "null",
                                                   "[]",
                                                   "{}"};
  return numbers;
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

Mutator::Mutator(const std::vector<std::string>& corpus, std::uint64_t seed)
    : corpus_(corpus), random_(seed) {}

std::size_t Mutator::below(std::size_t limit) {
  return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit);
}

const std::string& Mutator::one_of(const std::vector<std::string>& texts) {
  return texts[below(texts.size())];
}

Mutator::Part Mutator::any_part(const std::string& input) {
  const std::size_t begin = below(input.size());
  return {begin, std::min(input.size() - begin, 1 + below(kLongestPart))};
}

std::string Mutator::next() {
  std::string input = one_of(corpus_);
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(input);
  return input;
}

void Mutator::change(std::string& input) {
  if (input.empty()) return insert_foreign_part(input);
  switch (below(8)) {
    case 0:
      return flip_bit(input);
    case 1:
      return set_byte(input);
    case 2:
      return remove_part(input);
    case 3:
      return double_part(input);
    case 4:
      return insert_foreign_part(input);
    case 5:
      return exchange_strings(input);
    default:
      return change_number(input);
  }
}

void Mutator::flip_bit(std::string& input) {
  char& byte = input[below(input.size())];
  byte = static_cast<char>(byte ^ 1 << below(8));
}

void Mutator::set_byte(std::string& input) {
  constexpr std::string_view kBytes("\0\x01\x7F\x80\xFF\"\\{}[],:/%.", 16);
  input[below(input.size())] = kBytes[below(kBytes.size())];
}

void Mutator::remove_part(std::string& input) {
  const Part part = any_part(input);
  input.erase(part.begin, part.bytes);
}

void Mutator::double_part(std::string& input) {
  const Part part = any_part(input);
  input.insert(below(input.size() + 1), input.substr(part.begin, part.bytes));
}

void Mutator::insert_foreign_part(std::string& input) {
  const std::string& other = one_of(corpus_);
  const Part part = any_part(other);
  input.insert(below(input.size() + 1), other, part.begin, part.bytes);
}

void Mutator::change_number(std::string& input) {
  const auto begin = std::find_if(input.begin() + static_cast<std::ptrdiff_t>(below(input.size())),
                                  input.end(), is_digit);
  const auto end = std::find_if_not(begin, input.end(), is_digit);
  if (begin != end) input.replace(begin, end, one_of(numbers()));
}

// Two texts in quotes: keys, names, kinds, digests.
void Mutator::exchange_strings(std::string& input) {
  const auto string_at = [&](std::size_t from) -> Part {
    const std::size_t begin = input.find('"', from);
    if (begin == std::string::npos) return {0, 0};
    const std::size_t end = input.find('"', begin + 1);
    if (end == std::string::npos) return {0, 0};
    return {begin, end + 1 - begin};
  };
  const Part a = string_at(below(input.size()));
  const Part b = string_at(a.begin + a.bytes);
  if (a.bytes == 0 || b.bytes == 0) return;
  const std::string first = input.substr(a.begin, a.bytes);
  const std::string second = input.substr(b.begin, b.bytes);
  input.replace(b.begin, b.bytes, first);
  input.replace(a.begin, a.bytes, second);
}

}  // namespace holdfast::testing
