// Which shard holds what. A pure function of names, dtypes, shapes, ties and the shard count.
#pragma once

#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// Returns the catalog of the items. Its pieces have no offsets: format::lay_out_shard fills those
// in.
//
// A tensor larger than a fair share (the bytes of all items divided by `shards`) is cut along its
// first dimension into pieces for different shards. The pieces of all items, the largest first, go
// to the shard that has the least bytes then. Where there are fewer pieces than shards, some shards
// stay empty. Takes O(pieces log shards).
//
// `varies` is empty, or says for each item whether its size is expected to change from save to
// save; for an alias, the same as for its target. Items that vary lie whole in one more shard, the
// last, so that the headers of the others stay as they are.
//
// Error(kInvalidArgument): two items of one name, an alias of what is no earlier item, fewer than 1
// or more than 99,999 shards, with the one for what varies.
format::Catalog plan(const std::vector<Item>& items, int shards,
                     const std::vector<bool>& varies = {});

// The one piece of an entry that lies whole in a shard. It has no offset yet.
format::Piece whole_piece(const format::Entry& entry, int shard);

// An item as an entry without pieces.
format::Entry entry_of(const Item& item);

}  // namespace holdfast
