// Manifests for tests.
#pragma once

#include <limits>
#include <string>

#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {

inline Manifest typical_manifest() {
  Manifest manifest;
  manifest.step = 200;
  manifest.created = "2026-01-31T12:00:00.000Z";
  manifest.run_id = "0123456789abcdef0123456789abcdef";
  manifest.resumed_from = Origin{manifest.run_id, 100, "runs/mlp/checkpoints/step-000000000100"};
  manifest.environment = {{"hdf5", "1.10.8"}, {"torch", "1.13.1"}};
  manifest.configuration = {{"seed", "7"}, {"train.epochs", "2"}};
  manifest.metrics = {{"accuracy", 0.1}, {"loss", std::numeric_limits<double>::infinity()}};
  manifest.retention = RetentionPolicy{3, 1, "accuracy", true};
  manifest.journals = {{"metrics.csv", 6, digest_of(ByteView(std::string_view("step,\n")))}};
  manifest.files = {{"catalog.json", 10, {Digest{1, 2}}},
                    {"shard-00000-of-00001.h5", kBlockBytes + 1, {Digest{3, 4}, Digest{5, 6}}}};
  return manifest;
}

}  // namespace holdfast::format
