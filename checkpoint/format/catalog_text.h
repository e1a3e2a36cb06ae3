// The JSON text of a catalog that is saved again and again while few of its entries change.
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
  // Makes the text that encode() would return. Throws as encode() does.
  explicit CatalogText(const Catalog& catalog);

  const std::string& text() const { return text_; }
  std::uint64_t memory_bytes() const;

  static constexpr std::size_t kNew = SIZE_MAX;
  // Makes this the text of another catalog, which must be sound: it is not checked. from[i] is the
  // index that entry i had in the previous catalog if nothing about it has changed, or kNew. Costs
  // a copy of the text, and the encoding of the new entries. Error(kUnsupported) if the text is
  // larger than a catalog may be; the old text then stays.
  void update(const Catalog& catalog, const std::vector<std::size_t>& from);

 private:
  struct Range {
    std::size_t begin, end;
  };

  std::string text_;
  std::vector<Range> lines_;  // where each entry stands in text_
  std::string spare_;         // the next text is built here: memory in use costs no page faults
};

}  // namespace holdfast::format
