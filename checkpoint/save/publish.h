// Publishing: files that are written become a checkpoint that readers find.
#pragma once

#include <functional>
#include <vector>

#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>

namespace holdfast {

// Writes the manifest into the pending directory and commits it to its place. `manifest.files` has
// the records of all files there: of one writer, or of several (skeleton_writer.h), together.
//
// `syncs` are calls that make durable what is not durable yet: shards, and whatever else must be
// before the commit. The workers make them side by side with the writing of the manifest, in no
// order: nothing is visible yet. If one throws, so does this, and nothing is committed. `pending`
// is then as it was: destroy the writers, which have files open there, before it.
//
// When this returns, the checkpoint is durable. What a commit throws is said at
// CheckpointPlace::commit().
void publish(CheckpointPlace& place, PendingCheckpoint&& pending, const format::Manifest& manifest,
             std::vector<std::function<void()>> syncs, Workers& workers);

}  // namespace holdfast
