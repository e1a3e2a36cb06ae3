#include <holdfast/checkpoint/columns/list_lengths.h>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::columns {

void Lengths::require_columns(const std::string& name, bool is_void) const {
  if (!is_void || total_ == 0) return;
  throw Error(ErrorKind::kUnsupported, "the elements of a container have no values to save")
      .at(name)
      .remedy("save how many there are instead");
}

// Elements without columns may be as many as the lengths say: a small file could ask for any number
// of them. So there must be none.
void Lengths::begin(const std::optional<Shape>& elements) {
  const std::uint64_t there = elements ? count_of(*elements) : 0;
  Columns<std::uint64_t> lengths = lengths_;  // the same column, read once more from the start
  std::uint64_t left = there;
  bool fits = true;
  for (std::uint64_t i = count_of(*lengths.leading()); i > 0 && fits; --i) {
    std::uint64_t length = 0;
    lengths.get(length);
    fits = length <= left;
    left -= length;
  }
  if (!fits || left != 0)
    throw Error(ErrorKind::kMismatch, "the lengths do not fit the number of elements")
        .at(name_ + "/length")
        .expected("lengths that add up to " + std::to_string(there));
}

}  // namespace holdfast::columns
