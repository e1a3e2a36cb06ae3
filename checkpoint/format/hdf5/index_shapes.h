// Changes the shape of an entry inside a built index, without libhdf5, which would take as long as
// for building the whole index anew.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

// Knows where the shapes of some entries stand in an index. Works for entries that lie in one shard
// as a whole. The virtual dataset of such an entry has its sizes in two places: in its object
// header, and, as the last index of each dimension, in its mapping to the shard. Each place is
// followed by a checksum.
class IndexShapes {
 public:
  // Searches an index made by build_index() for the datasets of these entries, from its first byte
  // to its last. set() will return false for an entry that is not found in the expected form.
  IndexShapes(ByteView index, const std::vector<std::string>& names);

  // Changes the index to what build_index() would have made with this shape. Returns false and
  // changes nothing if that is not possible: the entry was not found, or the shape has another
  // rank, a size of 0, or a size of 2^31 or more. The index must then be built anew.
  bool set(ByteSpan index, const std::string& name, const Shape& shape) const;

 private:
  struct Block {
    std::size_t begin = 0, checksum = 0;  // bytes [begin, checksum); their checksum stands behind
  };
  struct Found {
    std::size_t rank = 0;
    Block header, mapping;
    std::vector<std::size_t> sizes;  // offsets in the index, each of `rank` sizes of 8 bytes
    std::size_t last = 0;  // offset of `rank` numbers of 4 bytes: the last index of each dimension
  };
  class Search;

  std::unordered_map<std::string, Found> found_;
};

// The name of a dataset or of a file as the mapping of a virtual dataset must contain it: with each
// '%' doubled, since HDF5 reads these names as printf patterns.
std::string as_pattern(const std::string& name);

}  // namespace holdfast::format
