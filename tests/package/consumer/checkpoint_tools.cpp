// Does with a checkpoint what the tool does: verifies, exports, imports, compares and slims it.
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <holdfast/checkpoint/exchange/export_checkpoint.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/import_checkpoint.h>
#include <holdfast/checkpoint/inspect/compare.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/transform/slim.h>

namespace {

namespace exchange = holdfast::exchange;
using Files = std::shared_ptr<const holdfast::CheckpointFiles>;

constexpr int kThreads = 2;

Files open(const std::string& where) {
  return std::make_shared<const holdfast::CheckpointFiles>(
      holdfast::locate_checkpoint(holdfast::posix_file_system(), where));
}

// All of it through one HDF5 file, and back.
Files through_hdf5(const Files& checkpoint, const std::string& scratch) {
  exchange::export_checkpoint(checkpoint, scratch + "/all.h5", exchange::hdf5_format());
  exchange::import_checkpoint(holdfast::posix_file_system(), scratch + "/all.h5",
                              exchange::hdf5_format(), scratch + "/all", {});
  return open(scratch + "/all");
}

// The model and its optimizer through files of PyTorch, and back.
Files through_pytorch(const Files& checkpoint, const std::string& scratch) {
  const auto files = holdfast::posix_file_system();
  exchange::write_state_dict(files, scratch + "/net.pt", exchange::torch_format(),
                             exchange::state_dict_of(checkpoint, "net"));
  exchange::export_optimizer(checkpoint, "adam", scratch + "/adam.pt", exchange::torch_format());
  exchange::OptimizerFile adam;
  adam.name = "adam";
  adam.path = scratch + "/adam.pt";
  exchange::ImportOptions options;
  options.like = checkpoint;
  options.optimizers = {adam};
  exchange::import_checkpoint(files, scratch + "/net.pt", exchange::torch_format(),
                              scratch + "/net", options);
  return open(scratch + "/net");
}

bool is_same(const char* what, const Files& a, const Files& b,
             const std::vector<std::string>& include) {
  holdfast::CompareOptions options;
  options.include = include;
  const holdfast::Comparison comparison = holdfast::compare(*a, *b, kThreads, options);
  for (const auto& difference : comparison.differences)
    std::cout << what << ": " << difference.name << ": " << difference.problem << '\n';
  std::cout << what << ": " << comparison.identical.size() << " entries are identical\n";
  return comparison.differences.empty() && !comparison.identical.empty();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string run = argv[1], scratch = argv[2];
  std::filesystem::remove_all(scratch);
  std::filesystem::create_directories(scratch);

  const Files newest = open(run + "@latest");
  const bool is_sound =
      holdfast::verify(newest->directory(), holdfast::VerifyDepth::kDeep, kThreads).empty();
  holdfast::SlimOptions slimming;
  slimming.models = {"net"};
  const auto slimmed = holdfast::slim(newest, scratch + "/slim", slimming);

  const bool same =
      is_same("HDF5", newest, through_hdf5(newest, scratch), {}) &&
      is_same("PyTorch", newest, through_pytorch(newest, scratch), {"models/*", "optimizers/*"}) &&
      is_same("slim", newest, open(scratch + "/slim"), {"models/*"});
  return is_sound && same && slimmed.bytes_after < slimmed.bytes_before ? 0 : 1;
}
