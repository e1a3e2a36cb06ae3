// A checkpoint outside of a training: made of any items, at any place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/save/save_options.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

// Error(kExists) of what is to be written where there is something.
Error already_there(const std::string& path);

// Writes a checkpoint directory that appears at `path` whole and durable, or not at all, and never
// replaces anything: Error(kExists). The parent must be there. The manifest's file records are
// filled in. After an error nothing is left; a process that is killed leaves a directory
// ".tmp-<step>-…" beside the path.
//
// In checkpoints/ of a run that is a save of this run: the run is locked for as long
// (Error(kLocked) if it trains), and the name must be that of the manifest's step
// (Error(kInvalidArgument)). Elsewhere any other name will do, but for that of another step.
SaveReport write_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                            format::Manifest manifest, std::vector<Item> items,
                            const SaverOptions& options = {});

}  // namespace holdfast
