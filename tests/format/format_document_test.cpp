// The examples of docs/format.md are texts that were written, not drawn.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {
namespace {

// The block of JSON that follows a heading.
std::string example(const std::string& heading) {
  std::ifstream file(HOLDFAST_SOURCE_DIR "/docs/format.md");
  std::stringstream document;
  document << file.rdbuf();
  const std::string text = document.str(), fence = "```json\n";
  const std::size_t begin = text.find(fence, text.find("\n" + heading + "\n")) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(FormatDocument, ShowsACatalogByteForByte) {
  const std::string text = example("## Catalog");
  EXPECT_EQ(encode(decode_catalog(ByteView(text), "docs/format.md")), text);
}

TEST(FormatDocument, ShowsAManifestByteForByte) {
  const std::string text = example("## Manifest");
  EXPECT_EQ(encode(decode_manifest(ByteView(text), "docs/format.md")), text);
}

TEST(FormatDocument, ShowsAManifestOfVersion3ByteForByte) {
  const std::string text = example("## What a reader must know");
  const Manifest manifest = decode_manifest(ByteView(text), "docs/format.md");
  EXPECT_EQ(encode(manifest), text);
  EXPECT_EQ(manifest.files.back().kind, "onnx");
}

TEST(FormatDocument, ShowsAManifestOfItsCatalog) {
  const std::string catalog = example("## Catalog");
  const Manifest manifest = decode_manifest(ByteView(example("## Manifest")), "docs/format.md");
  EXPECT_EQ(manifest.file(kCatalogFile)->bytes, catalog.size());
  EXPECT_EQ(manifest.file(kCatalogFile)->blocks.at(0), digest_of(ByteView(catalog)));
}

}  // namespace
}  // namespace holdfast::format
