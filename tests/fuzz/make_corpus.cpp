// Writes the seeds of the fuzz targets: real encodings, and lies that once went too far.
//
//   make_corpus DIRECTORY
//
// But for exchange/compressed, which numpy.savez_compressed made.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/formats/npy.h>
#include <holdfast/checkpoint/exchange/pickle/writer.h>

#include "corrupt/checkpoint_image.h"
#include "disk/memory_file_system.h"
#include "fuzz/load_input.h"
#include "support/items.h"

namespace {

using holdfast::exchange::FileFormat;
using holdfast::exchange::numpy_format;
using holdfast::exchange::safetensors_format;
using holdfast::exchange::torch_format;
using holdfast::testing::CheckpointImage;
using holdfast::testing::kDivider;
using holdfast::testing::replaced;
using holdfast::testing::saved_image;

void write(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

std::string load_input(char flag, const CheckpointImage& image) {
  std::string input(1, flag);
  for (const char* name : {"manifest.json", "catalog.json", "index.h5", "shard-00000-of-00002.h5",
                           "shard-00001-of-00002.h5"}) {
    if (input.size() > 1) input += kDivider;
    input += image.files.at(name);
  }
  return input;
}

// A model as all formats hold it, and more than some do.
std::vector<holdfast::Item> some_tensors() {
  using holdfast::testing::floats;
  return {floats("fc.weight", {2, 3}), floats("fc.bias", {2}, 7),
          holdfast::testing::item("steps", holdfast::DType::kInt64, {}, std::vector<std::byte>(8))};
}

std::vector<holdfast::Item> some_state() {
  std::vector<holdfast::Item> items = some_tensors();
  items.push_back(holdfast::testing::alias("tied", items.front()));
  items.push_back(holdfast::testing::real("lr", 0.1));
  items.push_back(holdfast::testing::text("name", "net"));
  return items;
}

std::string file_of(const FileFormat& format, const std::vector<holdfast::Item>& items) {
  const auto disk = std::make_shared<holdfast::testing::MemoryFileSystem>();
  holdfast::exchange::write_file(disk, "/file", format, items);
  const auto bytes =
      holdfast::Directory::open(disk, "/").open_file("file").read_all(std::uint64_t{1} << 20);
  return std::string(holdfast::ByteView(bytes).text());
}

void write_exchanged(const std::filesystem::path& directory) {
  using holdfast::exchange::encode_npy_header;
  using holdfast::exchange::write_pickle;
  write(directory / "torch", "T" + file_of(torch_format(), some_state()));
  write(directory / "safetensors", "S" + file_of(safetensors_format(), some_tensors()));
  write(directory / "numpy", "N" + file_of(numpy_format(), some_tensors()));
  write(directory / "pickle", "p" + write_pickle(holdfast::exchange::value_of(some_state())).bytes);
  write(directory / "array",
        "n" + encode_npy_header(holdfast::DType::kFloat32, {2, 3}) + std::string(24, 'x'));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: " << arguments[0] << " DIRECTORY\n";
    return 2;
  }
  const std::filesystem::path corpus = arguments[1];
  const CheckpointImage image = saved_image(3);
  const std::string& manifest = image.files.at("manifest.json");
  const std::string& catalog = image.files.at("catalog.json");

  write(corpus / "manifest/saved", manifest);
  write(corpus / "manifest/all-keys",
        holdfast::testing::with_own_digest(replaced(
            replaced(manifest, "\"metrics\": {", "\"metrics\": {\"a\": \"NaN\", \"b\": -1e-300,"),
            "\"journals\": [",
            R"("journals": [{"name":"metrics.csv","bytes":7,"digest":")" + std::string(32, '0') +
                "\"}")));
  write(corpus / "manifest/retention",
        holdfast::testing::with_own_digest(
            replaced(replaced(manifest, "\"version\": 1", "\"version\": 2"), "\"journals\": [",
                     R"("retention": {"keep_last":3,"keep_best":1,"metric":"loss",)"
                     R"("higher_is_better":false},"journals": [)")));
  write(corpus / "manifest/newer", replaced(manifest, "\"version\": 1", "\"version\": 3"));
  write(corpus / "manifest/long-key",
        replaced(manifest, "\"seed\"", "\"" + std::string(600, '\x80') + "\\u001b[2J\""));
  write(corpus / "catalog/saved", catalog);
  write(corpus / "catalog/overflow", replaced(catalog, "[24,32]", "[4611686018427387904,4]"));
  write(corpus / "catalog/empty-and-huge",
        replaced(catalog, "[0,3]", "[0,4611686018427387904,4611686018427387904]"));
  write(corpus / "catalog/deep-name", replaced(catalog, "user/note", "a/a/a/a/a/a/a/a/a/a/a/a"));
  write(corpus / "load/saved", load_input('-', image));
  write(corpus / "load/vouched", load_input('V', image));
  CheckpointImage hostile = image;
  hostile.files["catalog.json"] =
      replaced(catalog, "[0,3]", "[0,4611686018427387904,4611686018427387904]");
  write(corpus / "load/empty-and-huge", load_input('V', hostile));
  hostile = image;
  hostile.files["index.h5"] += "more";
  write(corpus / "load/long-index", load_input('V', hostile));
  write_exchanged(corpus / "exchange");
  return 0;
}
