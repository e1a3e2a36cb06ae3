// Which shard holds what. A pure function of names, dtypes, shapes, ties and the shard count.
#pragma once

#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/save/source.h>

namespace holdfast {

// The catalog of the items, its pieces without offsets (format::lay_out_shard fills those in).
// A tensor larger than a fair share (the bytes of all items divided by `shards`) is cut along its
// first dimension, never into two pieces of one shard; the pieces go, the largest first, to the
// shard that has the least. Some shards stay empty where there are fewer pieces than shards.
// Error(kInvalidArgument): a name twice, an alias of nothing, fewer than 1 or more than 99,999
// shards.
format::Catalog plan(const std::vector<Item>& items, int shards);

}  // namespace holdfast
