// The text of a catalog that is written again and again, of which little changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

class CatalogText {
 public:
  // The same as encode() of it, its errors too.
  explicit CatalogText(const Catalog& catalog);

  const std::string& text() const { return text_; }
  std::uint64_t memory_bytes() const;

  static constexpr std::size_t kNew = SIZE_MAX;
  // Makes it the text of this catalog, which is sound. `from` tells for each of its entries which
  // one it was in the catalog before, if it is altogether the same, or kNew. Costs a copy of the
  // text, and the encoding of what is new. Error(kUnsupported) if the text is larger than a catalog
  // may be: then nothing has changed.
  void update(const Catalog& catalog, const std::vector<std::size_t>& from);

 private:
  struct Range {
    std::size_t begin, end;
  };

  std::string text_;
  std::vector<Range> lines_;  // of the entries
  std::string spare_;         // the next text: memory that is there already costs no page faults
};

}  // namespace holdfast::format
