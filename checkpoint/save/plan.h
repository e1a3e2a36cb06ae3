// Which shard holds what. A pure function of names, dtypes, shapes, ties and the shard count.
#pragma once

#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// The catalog of the items, its pieces without offsets (format::lay_out_shard fills those in).
// A tensor larger than a fair share (the bytes of all items divided by `shards`) is cut along its
// first dimension, never into two pieces of one shard; the pieces go, the largest first, to the
// shard that has the least. Some shards stay empty where there are fewer pieces than shards.
// `varies`: empty, or for each item whether its size is expected to change from save to save. Those
// lie whole in one shard more, the last, so that the others' headers stay as they are. An alias is
// of the kind of its target.
// Error(kInvalidArgument): a name twice, an alias of nothing, fewer than 1 or more than 99,999
// shards, the one for what varies included.
format::Catalog plan(const std::vector<Item>& items, int shards,
                     const std::vector<bool>& varies = {});

// The piece of an entry that lies whole in a shard. It has no offset yet.
format::Piece whole_piece(const format::Entry& entry, int shard);

// An item as an entry without pieces.
format::Entry entry_of(const Item& item);

}  // namespace holdfast
