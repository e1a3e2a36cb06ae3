#include <holdfast/checkpoint/save/publish.h>

#include <string>
#include <utility>

#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast {

void publish(CheckpointPlace& place, PendingCheckpoint&& pending, const format::Manifest& manifest,
             std::vector<std::function<void()>> syncs, Workers& workers) {
  const std::string text = format::encode(manifest);
  syncs.emplace_back(
      [&] { pending.directory().write_new_file(format::kManifestFile, ByteView(text)); });
  workers.for_each(syncs.size(), [&](std::size_t i) { syncs[i](); });
  place.commit(std::move(pending));
}

}  // namespace holdfast
