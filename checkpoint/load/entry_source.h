// Entries of a checkpoint as items of another save or of a file to export.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/progress.h>

namespace holdfast {

// Returns the entries for which `selects` is true, in the order of the catalog, under their names.
// Of selected entries that are tied, the first has the bytes and the others are its aliases.
//
// The sources read from the checkpoint what they are asked for, and verify it; errors are those of
// CheckpointFiles::read(). They take some MiB of memory for each thread that asks, and 4 MiB for
// all together, and keep the checkpoint open until they are released. `progress` counts the bytes
// that they have copied.
std::vector<Item> items_of(std::shared_ptr<const CheckpointFiles> files,
                           const std::function<bool(const format::Entry&)>& selects,
                           const Progress& progress = {});

}  // namespace holdfast
