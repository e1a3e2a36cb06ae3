// Changing the shape of an entry in an index that is there, without libhdf5.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

// Where the shapes of some entries stand in an index. Of entries that lie whole in one shard: such
// a virtual dataset has its sizes in its object header, and the last of its rows and columns in the
// mapping to the shard, each followed by a checksum.
class IndexShapes {
 public:
  // Looks at the whole index, which is one of build_index(), for the datasets of these entries.
  // What is not found, or not as it is expected, cannot be set.
  IndexShapes(ByteView index, const std::vector<std::string>& names);

  // Makes the index what build_index() would have made with this shape. False, and nothing is
  // changed: it has to be built, as the shape has another rank, a 0, or a size of 2^31 or more.
  bool set(ByteSpan index, const std::string& name, const Shape& shape) const;

 private:
  struct Block {
    std::size_t begin = 0, checksum = 0;  // [begin, checksum), and the checksum behind it
  };
  struct Found {
    std::size_t rank = 0;
    Block header, mapping;
    std::vector<std::size_t> sizes;  // of `rank` sizes of 8 bytes each
    std::size_t last = 0;            // `rank` numbers of 4 bytes: the last of each dimension
  };
  class Search;

  std::unordered_map<std::string, Found> found_;
};

// How the mapping of a virtual dataset names a dataset, or a file: HDF5 takes it for a pattern of
// printf.
std::string as_pattern(const std::string& name);

}  // namespace holdfast::format
