// What the subcommands that turn checkpoints into something else have in common.
#pragma once

#include <holdfast/checkpoint/exchange/file_format.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/save/saver.h>

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::tool {

// Of what locate_checkpoint() finds.
std::shared_ptr<const CheckpointFiles> open_checkpoint(const std::string& where);

// By `chosen`, an ending without its dot ("pt"), or, if that is empty, by the file's own.
// Error(kInvalidArgument) for one that is not known.
exchange::FileFormat format_for(const std::string& file, const std::string& chosen);

SaverOptions saver_options();  // for a command that does nothing but save

std::string size_text(std::uint64_t bytes);  // "1.2 MiB"

}  // namespace holdfast::tool
