// What the subcommands that turn checkpoints into something else have in common.
#pragma once

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/save/saver.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "json_output.h"

namespace holdfast::tool {

// Of what locate_checkpoint() finds.
std::shared_ptr<const CheckpointFiles> open_checkpoint(const std::string& where);

// By `chosen`, an ending without its dot ("pt"), or, if that is empty, by the file's own.
// Error(kInvalidArgument) for one that is not known.
exchange::FileFormat format_for(const std::string& file, const std::string& chosen);

SaverOptions saver_options();  // for a command that does nothing but save

std::string size_text(std::uint64_t bytes);  // "1.2 MiB"

// What there is of models in a checkpoint.
struct ModelCounts {
  std::vector<std::string> models;
  std::uint64_t parameters = 0;  // tensors, tied ones included
  std::uint64_t buffers = 0;
};
ModelCounts count_models(const format::Catalog& catalog, const std::vector<std::string>& models);

// {"wrote": …, "bytes": …, "models": […], "parameters": …, "buffers": …, "optimizers": []}
Json document_of(const std::string& wrote, std::uint64_t bytes, const ModelCounts& counts);

// {"name": …, "class": …, "parameters": […]}, these in Python's order.
Json document_of(const std::string& optimizer, exchange::OptimizerClass type,
                 const std::vector<std::string>& parameters);

// Runs `work`, which asks in its progress, of any thread, whether to go on. SIGINT, SIGTERM and
// their like end it there: it unwinds, so that nothing is left of what it wrote, and the status is
// 128 + N. They wait from here on until the process ends.
int until_stopped(const std::function<int(const std::function<void()>& check)>& work);

}  // namespace holdfast::tool
