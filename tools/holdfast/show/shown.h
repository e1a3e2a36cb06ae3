// What holdfast show has read from a checkpoint, and its output as text and as JSON.
#pragma once

#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/inspect/small_values.h>
#include <holdfast/checkpoint/inspect/statistics.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <optional>
#include <string>
#include <vector>

#include "output/json_output.h"

namespace holdfast::tool {

struct ShownEntry {
  const format::Entry* entry = nullptr;
  SmallValue value;                      // for scalars and texts
  std::optional<Statistics> statistics;  // for tensors and scalars, with --stats
  bool is_damaged = false;               // see read_what_is_sound()
};

struct Shown {
  const CheckpointFiles& files;
  std::vector<Part> parts;
  std::vector<OptimizerInfo> optimizers;
  std::vector<ShownEntry> progress;  // the entries below progress/
  std::vector<ShownEntry> entries;   // the entries that the user asked for
  std::string damage;                // the first damage that was found; empty if there is none
};

// Texts for people.
std::string heading_of(const Shown& shown);  // which checkpoint this is, in a few lines
std::string summary_of(const Shown& shown);  // parts, optimizers, progress
std::string details_of(const Shown& shown);  // environment, configuration, files
std::string table_of(const std::vector<ShownEntry>& entries);

// Everything, for scripts.
Json json_of(const Shown& shown);

}  // namespace holdfast::tool
