// Makes checkpoints that a newer Holdfast might have written.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/manifest.h>

#include "support/files.h"

namespace holdfast::testing {

// The manifest's text with its last 45 bytes, which are its own digest, made right.
inline std::string signed_again(const std::string& manifest) {
  constexpr std::size_t kOwnDigestBytes = 45;
  const std::string body = manifest.substr(0, manifest.size() - kOwnDigestBytes);
  return body + "\"digest\":\"" + digest_of(ByteView(std::string_view(body))).hex() + "\"}\n";
}

// Replaces the version of the manifest in that directory by these lines: "\"version\": 4".
inline void set_version(const std::string& checkpoint, const std::string& lines) {
  const std::string path = checkpoint + "/manifest.json";
  std::string text = read_file(path);
  const std::size_t begin = text.find("\"version\": ");
  ASSERT_NE(begin, std::string::npos);
  text.replace(begin, text.find(',', begin) - begin, lines);
  write_file(path, signed_again(text));
}

// Changes the manifest in that directory as `change` does.
template <typename Change>
void change_manifest(const std::string& checkpoint, const Change& change) {
  const std::string path = checkpoint + "/manifest.json";
  format::Manifest manifest = format::decode_manifest(ByteView(read_file(path)), path);
  change(manifest);
  write_file(path, format::encode(manifest));
}

// Adds a file of another kind to the checkpoint in that directory.
inline void add_file(const std::string& checkpoint, const std::string& name,
                     const std::string& kind, const std::string& content) {
  write_file(checkpoint + "/" + name, content);
  change_manifest(checkpoint, [&](format::Manifest& manifest) {
    manifest.has_optional_parts = true;
    manifest.files.push_back({name, content.size(), {digest_of(ByteView(content))}, kind});
  });
}

// What a newer Holdfast may put in place of "version": N.
inline std::vector<std::string> newer_versions() {
  return {R"("version": 4)", R"("version": 4, "surprise": {"files": [7]})",
          R"("version": 3, "requires": ["boxes"])",
          R"("version": 3, "requires": ["boxes", "ranks"], "surprise": {"files": [7]})"};
}

}  // namespace holdfast::testing
