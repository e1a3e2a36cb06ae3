#include "converted.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/load/locate.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <thread>

namespace holdfast::tool {
namespace {

constexpr std::uint64_t kStagingBytes = 256 << 20;
constexpr int kMostThreads = 8;

}  // namespace

std::shared_ptr<const CheckpointFiles> open_checkpoint(const std::string& where) {
  return std::make_shared<const CheckpointFiles>(locate_checkpoint(posix_file_system(), where));
}

exchange::FileFormat format_for(const std::string& file, const std::string& chosen) {
  const auto format = exchange::file_format_of(chosen.empty() ? file : "a." + chosen);
  if (format) return *format;
  if (!chosen.empty())
    throw Error(ErrorKind::kInvalidArgument, "--format: there is no such format")
        .expected("pt, safetensors, npz or h5")
        .found(format::in_quotes(chosen));
  throw Error(ErrorKind::kInvalidArgument, "the file's ending does not tell its format")
      .at(file)
      .expected(".pt, .pth, .safetensors, .npz, .h5 or .hdf5")
      .remedy("rename it, or give --format");
}

SaverOptions saver_options() {
  SaverOptions options;
  options.max_staging_bytes = kStagingBytes;
  options.threads =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
  return options;
}

std::string size_text(std::uint64_t bytes) {
  return text::format_bytes(static_cast<double>(bytes));
}

}  // namespace holdfast::tool
