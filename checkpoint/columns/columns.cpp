#include <holdfast/checkpoint/columns/columns.h>

#include <cmath>
#include <locale>
#include <sstream>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::columns {

void refuse_valueless() {
  throw Error(ErrorKind::kUnsupported, "a variant has no value: an exception took it");
}

// A checkpoint that says so of a few elements could ask for any amount of memory.
void require_buckets(const std::string& name, std::uint64_t buckets, std::uint64_t elements) {
  constexpr std::uint64_t kFree = std::uint64_t{1} << 24, kMostOfOne = 1000;
  if (buckets <= kFree || buckets / kMostOfOne <= elements) return;
  throw Error(ErrorKind::kUnsupported, "an unordered container has too many buckets")
      .at(name)
      .expected("up to " + std::to_string(kFree) + ", or " + std::to_string(kMostOfOne) +
                " for each element")
      .found(std::to_string(buckets) + " for " + std::to_string(elements) + " elements");
}

// One that is too small for the elements would ask for more buckets than there were.
void require_load_factor(const std::string& name, float factor, std::uint64_t buckets,
                         std::uint64_t elements) {
  const double most = static_cast<double>(factor) * static_cast<double>(buckets) + 1;
  if (std::isfinite(factor) && factor > 0 && static_cast<double>(elements) <= most) return;
  throw Error(ErrorKind::kMismatch, "this is no load factor of the container")
      .at(name)
      .found(std::to_string(factor) + " with " + std::to_string(elements) + " elements in " +
             std::to_string(buckets) + " buckets");
}

void refuse_order(const std::string& name) {
  throw Error(ErrorKind::kMismatch,
              "the order in which the container iterates cannot be brought back: its hash or its "
              "standard library is another one")
      .at(name)
      .remedy("resume with the program that saved it, or keep the elements in a vector or a map");
}

std::string text_of(const void* object, void (*write)(std::ostream&, const void*)) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  write(text, object);
  return text.str();
}

void read_text(const std::string& text, void* object, void (*read)(std::istream&, void*)) {
  std::istringstream from(text);
  from.imbue(std::locale::classic());
  read(from, object);
}

std::vector<std::uint64_t> numbers_of(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  std::istringstream from(text);
  from.imbue(std::locale::classic());
  for (std::uint64_t number = 0; from >> number;) numbers.push_back(number);
  return numbers;
}

bool are_at_most(const std::vector<std::uint64_t>& numbers, std::size_t& next, std::size_t count,
                 std::uint64_t most) {
  for (; count > 0; --count, ++next)
    if (next == numbers.size() || numbers[next] > most) return false;
  return true;
}

std::string text_of(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (const std::uint64_t number : numbers) {
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
  }
  return text;
}

void refuse_text() {
  throw Error(ErrorKind::kUnsupported,
              "the standard library does not read back the text that it writes of this generator "
              "or distribution")
      .remedy("keep its parameters and make it anew from them");
}

void refuse_engine(const std::string& name) {
  throw Error(ErrorKind::kMismatch, "this is no state of the generator or distribution")
      .at(name)
      .remedy("resume with the class and the standard library that saved it");
}

}  // namespace holdfast::columns
