// decode_catalog, with all that it checks, for any bytes.
#include <holdfast/checkpoint/format/catalog.h>

#include "fuzz/fuzz_target.h"

namespace holdfast::testing {
namespace {

// What a reader goes by without looking again.
void require_readable(const format::Catalog& catalog) {
  for (const format::Entry& entry : catalog.entries) {
    std::uint64_t bytes = 0;
    for (const format::Piece& piece : entry.pieces) {
      const format::Shard& shard = catalog.shards.at(static_cast<std::size_t>(piece.shard));
      const bool inside = piece.offset >= shard.header_bytes && piece.offset <= shard.file_bytes &&
                          piece.bytes <= shard.file_bytes - piece.offset;
      require(inside || piece.bytes == 0, "every piece lies in its shard");
      bytes += piece.bytes;
    }
    require(!entry.alias_of.empty() || bytes == format::bytes_of(entry),
            "the pieces have the bytes of the entry");
  }
}

}  // namespace

bool try_input(std::string_view input) {
  return decodes_to_the_same(input, format::decode_catalog, require_readable);
}

}  // namespace holdfast::testing
