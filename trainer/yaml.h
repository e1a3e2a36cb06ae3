// YAML text as a tree in which every value knows where it was written. Internal to the
// configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::trainer {

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  std::string key;                 // of a child of a mapping
  std::string text;                // of a scalar
  bool quoted = false;             // a scalar in quotes is text, whatever it looks like
  std::vector<YamlNode> children;  // in the order they were written; a key may be there twice
  std::string where;               // "configs/mlp.yaml:12" (the line of the key) or "--set seed=1"
};

// Parses one document; an empty one is kNull. Error(kInvalidArgument) for anything else: broken
// YAML, text that is not UTF-8, control characters, several documents, anchors, aliases and tags,
// keys that are no scalars, nesting deeper than 16. `source` is for messages.
YamlNode parse_yaml(std::string_view text, const std::string& source);

// A file of at most 1 MiB, parsed. Anything but a regular file is an Error(kInvalidArgument); one
// that is missing or cannot be read is a kNotFound, kPermission or kIo.
YamlNode read_yaml(const std::string& path);

// Puts "dotted.key=value" into the tree. Mappings that are missing on the way are made; an element
// of a sequence is addressed by its index, from 0. Error(kInvalidArgument) names "--set
// dotted.key=value".
void apply_override(YamlNode& root, const std::string& assignment);

}  // namespace holdfast::trainer
