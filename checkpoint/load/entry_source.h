// Entries of a checkpoint as the items of another save, or of a file.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/progress.h>

namespace holdfast {

// The entries for which `selects` is true, in the order of the catalog, under their names. Their
// sources read from the checkpoint, and verify, what they are asked for, with some MiB of memory
// for each thread that asks and 4 MiB for all together, and keep it open until they are released;
// `progress` is told of it. What they throw is as of CheckpointFiles::read. The first of several
// selected entries that are tied has the bytes, the others are its aliases.
std::vector<Item> items_of(std::shared_ptr<const CheckpointFiles> files,
                           const std::function<bool(const format::Entry&)>& selects,
                           const Progress& progress = {});

}  // namespace holdfast
