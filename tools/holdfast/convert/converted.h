// What export, import and slim have in common.
#pragma once

#include <holdfast/checkpoint/exchange/optimizer/optimizer_class.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/save/saver.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "json_output.h"

namespace holdfast::exchange {
class FileFormat;
}

namespace holdfast::tool {

// Opens the checkpoint that locate_checkpoint() finds.
std::shared_ptr<const CheckpointFiles> open_checkpoint(const std::string& where);

// The format that `chosen` names, an ending without its dot ("pt"). If that is empty: the one that
// the file's own ending names. Error(kInvalidArgument) for an ending that no format has.
const exchange::FileFormat& format_for(const std::string& file, const std::string& chosen);

// "pt, safetensors, npz or h5": what may be chosen.
std::string format_choices();

// ".pt (PyTorch), .safetensors, .npz (numpy) or .h5 (HDF5)".
std::string formats_by_ending();

SaverOptions saver_options();  // for a command that does nothing but save

std::string size_text(std::uint64_t bytes);  // "1.2 MiB"

// The models of a checkpoint, and how many tensors they have.
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

// Runs `work`, which calls `check` again and again, from any thread. After SIGINT, SIGTERM or the
// like `check` throws, so that the stack unwinds and nothing is left of what was written; the exit
// status is 128 + N. The signals stay blocked until the process ends.
int until_stopped(const std::function<int(const std::function<void()>& check)>& work);

}  // namespace holdfast::tool
