#include <holdfast/trainer/yaml.h>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::trainer {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::uintmax_t kMaxBytes = 1 << 20;

// Where a text comes from. Errors name the line in a file, but not the line in an override.
struct Source {
  std::string name;
  bool has_lines;

  std::string at(const YAML::Mark& mark) const {
    return has_lines && !mark.is_null() ? name + ":" + std::to_string(mark.line + 1) : name;
  }
};

Error not_supported(const std::string& what, const std::string& where) {
  return Error(ErrorKind::kInvalidArgument, "cannot be read as a configuration")
      .at(where)
      .expected("plain values, lists and mappings")
      .found(what);
}

// Builds the tree from the events of the parser. In yaml-cpp's own tree, aliases would already be
// expanded and repeated keys gone, so that neither could be refused.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Source& source) : source_(source) { root_.where = source.name; }

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(YamlNode::Kind::kNull, mark, "", anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw not_supported("an alias", source_.at(mark)).remedy("write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = make(YamlNode::Kind::kScalar, mark, tag, anchor);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(YamlNode::Kind::kSequence, mark, tag, anchor));
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(YamlNode::Kind::kMapping, mark, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;  // in a mapping: `key` was read, and the next node is its value
    std::string key, key_where;
  };

  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor) const {
    YamlNode node;
    node.kind = kind;
    node.where = source_.at(mark);
    if (anchor != 0) throw not_supported("an anchor", node.where).remedy("write the value out");
    if (!tag.empty() && tag != "?" && tag != "!")
      throw not_supported("the tag '" + tag + "'", node.where).remedy("remove it");
    return node;
  }

  void open(YamlNode node) {
    if (expects_key())
      throw not_supported("a list or a mapping as a key, or a bracket that is not closed",
                          node.where);
    if (open_.size() == kMaxDepth)
      throw not_supported("more than " + std::to_string(kMaxDepth) + " levels of nesting",
                          node.where);
    open_.push_back({std::move(node), false, "", ""});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == YamlNode::Kind::kMapping &&
           !open_.back().has_key;
  }

  void add(YamlNode node) {
    if (expects_key()) return add_key(std::move(node));
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (std::exchange(parent.has_key, false)) {
      node.key = std::move(parent.key);
      node.where = std::move(parent.key_where);
    }
    parent.node.children.push_back(std::move(node));
  }

  void add_key(YamlNode node) {
    if (node.kind != YamlNode::Kind::kScalar) throw not_supported("an empty key", node.where);
    Open& parent = open_.back();
    parent.has_key = true;
    parent.key = std::move(node.text);
    parent.key_where = std::move(node.where);
  }

  const Source source_;
  YamlNode root_;
  std::vector<Open> open_;
};

bool is_control(unsigned char byte) {
  return (byte < 32 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 127;
}

void require_text(std::string_view text, const std::string& source) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t size = is_control(byte) ? 0 : utf8_sequence(text.substr(i));
    if (size == 0)
      throw Error(ErrorKind::kInvalidArgument, "not a text file")
          .at(source)
          .expected("YAML in UTF-8")
          .found("the byte " + std::to_string(byte) + " at offset " + std::to_string(i))
          .remedy("name a configuration, and save it as UTF-8");
    i += size;
  }
}

YamlNode parse_document(std::string_view text, const Source& source) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(source);
  parser.HandleNextDocument(builder);
  TreeBuilder second(source);
  if (parser.HandleNextDocument(second)) throw not_supported("a second document", source.name);
  return builder.take_root();
}

YamlNode parse(std::string_view text, const Source& source) {
  require_text(text, source.name);
  try {
    return parse_document(text, source);
  } catch (const YAML::Exception& e) {
    throw Error(ErrorKind::kInvalidArgument, "not valid YAML").at(source.at(e.mark)).found(e.msg);
  }
}

// Returns the child that `component` names in a mapping or a sequence. If a mapping lacks it, makes
// it.
YamlNode& child_of(YamlNode& parent, const std::string& component, const std::string& path,
                   const std::string& where) {
  if (parent.kind == YamlNode::Kind::kNull) parent.kind = YamlNode::Kind::kMapping;
  if (parent.kind == YamlNode::Kind::kSequence) {
    for (std::size_t i = 0; i < parent.children.size(); ++i)
      if (std::to_string(i) == component) return parent.children[i];
    throw Error(ErrorKind::kInvalidArgument, "no element '" + path + "'")
        .at(where)
        .expected("an index below " + std::to_string(parent.children.size()));
  }
  if (parent.kind == YamlNode::Kind::kScalar)
    throw Error(ErrorKind::kInvalidArgument, "no key '" + path + "'")
        .at(where)
        .found("the value '" + parent.text + "' where it would be");
  for (YamlNode& child : parent.children)
    if (child.key == component) return child;
  YamlNode& child = parent.children.emplace_back();
  child.key = component;
  child.where = where;
  return child;
}

void stamp(YamlNode& node, const std::string& where) {
  node.where = where;
  for (YamlNode& child : node.children) stamp(child, where);
}

}  // namespace

YamlNode parse_yaml(std::string_view text, const std::string& source) {
  return parse(text, {source, true});
}

YamlNode read_yaml(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw system_error(failure ? failure.value() : ENOENT, "cannot read the configuration", path);
  const bool regular = std::filesystem::is_regular_file(status);
  if (!regular || std::filesystem::file_size(path, failure) > kMaxBytes)
    throw Error(ErrorKind::kInvalidArgument, "not a configuration")
        .at(path)
        .expected("a YAML file of at most 1 MiB")
        .found(regular                                 ? "a larger file"
               : std::filesystem::is_directory(status) ? "a directory"
                                                       : "a special file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw system_error(errno != 0 ? errno : EIO, "cannot read the configuration", path);
  return parse_yaml(text, path);
}

void apply_override(YamlNode& root, const std::string& assignment) {
  const std::string where = "--set " + assignment;
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(ErrorKind::kInvalidArgument, "not an assignment").at(where).expected("key=value");
  const std::string path = assignment.substr(0, equals);
  YamlNode value = parse(std::string_view(assignment).substr(equals + 1), {where, false});

  YamlNode* node = &root;
  std::istringstream components(path);
  for (std::string component; std::getline(components, component, '.');)
    node = &child_of(*node, component, path, where);
  value.key = node->key;
  stamp(value, where);
  *node = std::move(value);
}

}  // namespace holdfast::trainer
