// Writes a checkpoint outside of a training, from any items, to any path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/save/save_options.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

// Writes a checkpoint directory. It appears at `path` complete and durable, or not at all.
// Error(kExists) if something is there already: nothing is ever replaced. The parent directory must
// exist. Fills in the manifest's file records. After an error nothing is left. If the process is
// killed, a directory ".tmp-<step>-…" stays beside the path.
//
// If the parent is checkpoints/ of a run, this counts as a save of that run. The run is locked
// meanwhile (Error(kLocked) if it is training), and the last name of `path` must be the one of the
// manifest's step (Error(kInvalidArgument)). Elsewhere it may be any name but that of another step.
SaveReport write_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                            format::Manifest manifest, std::vector<Item> items,
                            const SaverOptions& options = {});

}  // namespace holdfast
