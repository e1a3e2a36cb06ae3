// Writes a checkpoint of one tensor and verifies it: HDF5, TBB and xxHash are linked, LibTorch is
// not.
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/write_checkpoint.h>

int main(int, char** argv) {
  const std::string path = std::string(argv[0]) + "-checkpoint";
  std::filesystem::remove_all(path);
  const float values[] = {1, 2, 3};
  std::vector<std::byte> bytes(sizeof values);
  std::memcpy(bytes.data(), values, sizeof values);
  holdfast::Item item;
  item.name = "models/net/parameters/bias";
  item.dtype = holdfast::DType::kFloat32;
  item.shape = {3};
  item.source = std::make_shared<holdfast::OwnedBytes>(std::move(bytes));
  holdfast::format::Manifest manifest;
  manifest.created = "2026-01-31T12:00:00.000Z";
  manifest.run_id = std::string(32, '0');

  const auto files = holdfast::posix_file_system();
  holdfast::write_checkpoint(files, path, manifest, {item});
  const auto damage =
      holdfast::verify(holdfast::Directory::open(files, path), holdfast::VerifyDepth::kDeep, 1);
  std::cout << (damage.empty() ? "the checkpoint is sound\n" : "the checkpoint is damaged\n");
  return damage.empty() ? 0 : 1;
}
