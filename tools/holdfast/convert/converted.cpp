#include "converted.h"

#include <holdfast/checkpoint/base/cores.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <iostream>

#include "run/child.h"
#include "run/outcome.h"
#include "run/stop_request.h"

namespace holdfast::tool {
namespace {

constexpr std::uint64_t kStagingBytes = 256 << 20;
constexpr int kMostThreads = 8;

// "a, b or c".
std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

}  // namespace

std::shared_ptr<const CheckpointFiles> open_checkpoint(const std::string& where) {
  return std::make_shared<const CheckpointFiles>(
      holdfast::open_checkpoint(posix_file_system(), where));
}

const exchange::FileFormat& format_for(const std::string& file, const std::string& chosen) {
  const auto* format = exchange::file_format_of(chosen.empty() ? file : "a." + chosen);
  if (format != nullptr) return *format;
  if (!chosen.empty())
    throw Error(ErrorKind::kInvalidArgument, "--format: there is no such format")
        .expected(format_choices())
        .found(in_quotes(chosen));
  std::vector<std::string> endings;
  for (const exchange::FileFormat* known : exchange::all_file_formats())
    for (const std::string_view ending : known->traits().endings)
      endings.push_back("." + std::string(ending));
  throw Error(ErrorKind::kInvalidArgument, "the file's ending does not tell its format")
      .at(file)
      .expected(alternatives(endings))
      .remedy("rename it, or give --format");
}

std::string format_choices() {
  std::vector<std::string> choices;
  for (const exchange::FileFormat* format : exchange::all_file_formats())
    choices.emplace_back(format->traits().endings.front());
  return alternatives(choices);
}

std::string formats_by_ending() {
  std::vector<std::string> formats;
  for (const exchange::FileFormat* format : exchange::all_file_formats()) {
    const std::string_view ending = format->traits().endings.front();
    formats.push_back("." + std::string(ending));
    if (ending != format->name()) formats.back() += " (" + std::string(format->name()) + ")";
  }
  return alternatives(formats);
}

SaverOptions saver_options() {
  SaverOptions options;
  options.max_staging_bytes = kStagingBytes;
  options.threads = std::min(core_count(), kMostThreads);
  return options;
}

std::string size_text(std::uint64_t bytes) {
  return text::format_bytes(static_cast<double>(bytes));
}

ModelCounts count_models(const format::Catalog& catalog, const std::vector<std::string>& models) {
  ModelCounts counts;
  counts.models = models;
  for (const format::Entry& entry : catalog.entries) {
    const auto name = format::split(entry.name);
    const bool is_chosen = name && name->size() == 4 && name->front() == "models" &&
                           std::find(models.begin(), models.end(), (*name)[1]) != models.end();
    if (is_chosen && (*name)[2] == "parameters") ++counts.parameters;
    if (is_chosen && (*name)[2] == "buffers") ++counts.buffers;
  }
  return counts;
}

Json document_of(const std::string& wrote, std::uint64_t bytes, const ModelCounts& counts) {
  return {{"wrote", wrote},
          {"bytes", bytes},
          {"models", counts.models},
          {"parameters", counts.parameters},
          {"buffers", counts.buffers},
          {"optimizers", Json::array()}};
}

Json document_of(const std::string& optimizer, exchange::OptimizerClass type,
                 const std::vector<std::string>& parameters) {
  return {{"name", optimizer}, {"class", exchange::name_of(type)}, {"parameters", parameters}};
}

int until_stopped(const std::function<int(const std::function<void()>& check)>& work) {
  const Signals signals;
  const auto check = [&] { check_for_stop(signals, Deadline::max()); };
  try {
    try {
      return work(check);
    } catch (const Error&) {  // maybe because the same signal ended a child
      check();
      throw;
    }
  } catch (const StopRequest& stop) {
    std::cerr << "holdfast: stopped by " << signal_text(stop.signal) << "; nothing is left\n";
    return 128 + stop.signal;
  }
}

}  // namespace holdfast::tool
