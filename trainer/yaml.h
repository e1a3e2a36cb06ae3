// Parses YAML into a tree in which every value knows where it was written. Internal to the
// configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::trainer {

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  std::string key;      // its key, if it is in a mapping
  std::string text;     // the value of a scalar
  bool quoted = false;  // a scalar in quotes, which is text even if it looks like a number
  std::vector<YamlNode> children;  // as they were written; the same key may be there twice
  std::string where;               // "configs/mlp.yaml:12" (the line of the key) or "--set seed=1"
};

// Parses one document; an empty one becomes kNull. Error(kInvalidArgument) for broken YAML, text
// that is not UTF-8, control characters, several documents, anchors, aliases, tags, keys that are
// not scalars, and nesting deeper than 16. `source` names the text in messages.
YamlNode parse_yaml(std::string_view text, const std::string& source);

// Parses a file of at most 1 MiB. Error(kInvalidArgument) if it is larger or not a regular file;
// kNotFound, kPermission or kIo if it is missing or cannot be read.
YamlNode read_yaml(const std::string& path);

// Puts "dotted.key=value" into the tree. Makes mappings that are missing on the way. An element of
// a sequence is named by its index, from 0. Errors are kInvalidArgument and name "--set
// dotted.key=value".
void apply_override(YamlNode& root, const std::string& assignment);

}  // namespace holdfast::trainer
