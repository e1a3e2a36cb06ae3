// Writes the seeds of the fuzz targets: real encodings, and lies that once went too far.
//
//   make_corpus DIRECTORY
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "corrupt/checkpoint_image.h"
#include "fuzz/load_input.h"

namespace {

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
  return 0;
}
