// What holdfast show has read of a checkpoint, and its two forms.
#pragma once

#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/inspect/statistics.h>
#include <holdfast/checkpoint/inspect/values.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <optional>
#include <string>
#include <vector>

#include "json_output.h"

namespace holdfast::tool {

struct ShownEntry {
  const format::Entry* entry = nullptr;
  Value value;  // of scalars and texts
  std::optional<Statistics> statistics;
  bool is_damaged = false;  // it shares a block with damage: read_what_is_sound()
};

struct Shown {
  const CheckpointFiles& files;
  std::vector<Part> parts;
  std::vector<Optimizer> optimizers;
  std::vector<ShownEntry> progress;  // progress/…
  std::vector<ShownEntry> entries;   // that were asked for
  std::string damage;                // the first that was met; empty: none
};

// For people.
std::string heading_of(const Shown& shown);  // which checkpoint this is, in a few lines
std::string summary_of(const Shown& shown);  // parts, optimizers, progress
std::string details_of(const Shown& shown);  // environment, configuration, files
std::string table_of(const std::vector<ShownEntry>& entries);

// For scripts; everything.
Json json_of(const Shown& shown);

}  // namespace holdfast::tool
