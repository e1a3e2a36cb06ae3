#include <holdfast/trainer/config_reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/trainer/config_visitor.h>
#include <holdfast/trainer/nearest.h>

namespace holdfast::trainer {
namespace {

using Kind = YamlNode::Kind;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string describe(const YamlNode& node) {
  constexpr std::size_t kShown = 60;
  switch (node.kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
    case Kind::kScalar:
      break;
  }
  const std::string text =
      node.text.size() > kShown ? node.text.substr(0, kShown) + "…" : node.text;
  return node.quoted ? "the text \"" + text + "\"" : "'" + text + "'";
}

template <typename Number>
std::optional<Number> parse(const YamlNode& node) {
  Number value{};
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (node.kind != Kind::kScalar || node.quoted || error != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

bool is_name(const std::string& text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string::npos;
}

class ConfigReader final : public ConfigVisitor {
 public:
  ConfigReader(const YamlNode& root, ConfigPlaces& places) : places_(places) {
    places_.add("", root.where);
    push(&root, "", Section::kFixed);
  }
  // Call it after the last key: checks the root for unknown keys, as leave() does for a section.
  void finish() { leave(); }

  bool fills() const override { return true; }

  void boolean(const std::string& key, bool& value) override {
    const YamlNode* node = find(key);
    if (node == nullptr) return;
    const bool is_true = node->text == "true";
    if (node->kind != Kind::kScalar || node->quoted || (!is_true && node->text != "false"))
      throw wrong(*node, path_of(key), "true or false");
    value = is_true;
  }

  void integer(const std::string& key, std::int64_t& value, const IntegerRange& range) override {
    if (const YamlNode* node = find(key)) value = to_integer(*node, path_of(key), range);
  }

  void real(const std::string& key, double& value, const RealRange& range) override {
    const YamlNode* node = find(key);
    if (node == nullptr) return;
    const auto number = parse<double>(*node);
    if (!number || !range.contains(*number)) throw wrong(*node, path_of(key), range.text());
    value = *number;
  }

  void text(const std::string& key, std::string& value, Presence presence) override {
    const YamlNode* node = find(key, presence, "text");
    if (node == nullptr) return;
    const bool unset = presence == Presence::kOptional && node->quoted && node->text.empty();
    value = unset ? "" : to_text(*node, path_of(key));
  }

  // A single text may be given for a list of one.
  void texts(const std::string& key, std::vector<std::string>& values, Presence presence) override {
    const YamlNode* node = find(key, presence, "a list of texts");
    if (node == nullptr) return;
    if (node->kind == Kind::kScalar) {
      values = {to_text(*node, path_of(key))};
      return;
    }
    require_sequence(*node, key, "a list of texts");
    values.clear();
    for (std::size_t i = 0; i < node->children.size(); ++i)
      values.push_back(to_text(node->children[i], path_of(key) + "." + std::to_string(i)));
  }

  void integers(const std::string& key, std::vector<std::int64_t>& values,
                const IntegerRange& range, Presence presence) override {
    const YamlNode* node = find(key, presence, "a list of integers");
    if (node == nullptr) return;
    require_sequence(*node, key, "a list of integers");
    values.clear();
    for (std::size_t i = 0; i < node->children.size(); ++i)
      values.push_back(
          to_integer(node->children[i], path_of(key) + "." + std::to_string(i), range));
  }

  void choice(const std::string& key, std::size_t& index,
              const std::vector<std::string_view>& names, Presence presence) override {
    const std::vector<std::string> words(names.begin(), names.end());
    const std::string expected = words.size() == 1 ? words[0] : "one of " + join(words);
    const YamlNode* node = find(key, presence, expected);
    if (node == nullptr) return;
    const auto found = std::find(words.begin(), words.end(), node->text);
    if (node->kind != Kind::kScalar || found == words.end())
      throw with_suggestion(wrong(*node, path_of(key), expected), nearest(node->text, words));
    index = static_cast<std::size_t>(found - words.begin());
  }

  void enter(const std::string& key, Section section) override {
    const YamlNode* node = find(key);
    const std::string path = path_of(key);
    if (node != nullptr && node->kind == Kind::kNull)
      node = nullptr;  // "train:" with nothing below it
    const bool list = section == Section::kList;
    if (node != nullptr && node->kind != (list ? Kind::kSequence : Kind::kMapping))
      throw wrong(*node, path, list ? "a list of mappings" : "a mapping of keys to values");
    push(node, path, section);
  }

  void leave() override {
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.node == nullptr || frame.section == Section::kList) return;
    for (const YamlNode& child : frame.node->children)
      if (!was_asked(frame, child.key)) throw unknown(child, frame);
  }

  std::vector<std::string> keys(const std::vector<std::string>&) override {
    const Frame& frame = frames_.back();
    std::vector<std::string> keys;
    if (frame.node == nullptr) return keys;
    for (const YamlNode& child : frame.node->children)
      keys.push_back(frame.section == Section::kList ? std::to_string(keys.size()) : child.key);
    if (frame.section == Section::kNamed) require_names(frame);
    return keys;
  }

 private:
  struct Frame {
    const YamlNode* node;  // null if the section was not written
    std::string path;
    Section section;
    std::map<std::string, const YamlNode*> children;  // by key; empty for a list
    std::vector<std::string> asked;                   // the valid keys, in the order of the visit
    std::set<std::string> asked_before;               // the same keys, to look one up
  };

  void push(const YamlNode* node, const std::string& path, Section section) {
    frames_.push_back({node, path, section, {}, {}, {}});
    if (node != nullptr && section != Section::kList) frames_.back().children = by_key(*node);
  }

  std::string path_of(const std::string& key) const {
    const std::string& above = frames_.back().path;
    return above.empty() ? key : above + "." + key;
  }

  static bool was_asked(const Frame& frame, const std::string& key) {
    return frame.asked_before.count(key) > 0;
  }

  static const YamlNode* child(const Frame& frame, const std::string& key) {
    if (frame.node == nullptr) return nullptr;
    if (frame.section != Section::kList) {
      const auto found = frame.children.find(key);
      return found == frame.children.end() ? nullptr : found->second;
    }
    std::size_t index = 0;
    const char* const end = key.data() + key.size();
    const auto [stop, error] = std::from_chars(key.data(), end, index);
    const bool is_there =
        error == std::errc() && stop == end && index < frame.node->children.size();
    return is_there ? &frame.node->children[index] : nullptr;
  }

  const YamlNode* find(const std::string& key) {
    Frame& frame = frames_.back();
    frame.asked.push_back(key);
    frame.asked_before.insert(key);
    const YamlNode* node = child(frame, key);
    if (node != nullptr) places_.add(path_of(key), node->where);
    return node;
  }

  const YamlNode* find(const std::string& key, Presence presence, const std::string& expected) {
    const YamlNode* node = find(key);
    if (node == nullptr && presence == Presence::kRequired) throw missing(key, expected);
    return node;
  }

  std::string to_text(const YamlNode& node, const std::string& path) const {
    if (node.kind != Kind::kScalar || node.text.empty()) throw wrong(node, path, "text");
    return node.text;
  }

  std::int64_t to_integer(const YamlNode& node, const std::string& path,
                          const IntegerRange& range) const {
    const auto number = parse<std::int64_t>(node);
    if (!number || !range.contains(*number)) throw wrong(node, path, range.text());
    return *number;
  }

  void require_sequence(const YamlNode& node, const std::string& key,
                        const std::string& expected) const {
    if (node.kind != Kind::kSequence) throw wrong(node, path_of(key), expected);
  }

  // The children by their keys. Refuses a key that is there twice.
  std::map<std::string, const YamlNode*> by_key(const YamlNode& node) const {
    std::map<std::string, const YamlNode*> children;
    for (const YamlNode& child : node.children) {
      const auto [first, is_new] = children.emplace(child.key, &child);
      if (is_new) continue;
      throw Error(ErrorKind::kInvalidArgument,
                  "the key '" + path_of(child.key) + "' is there twice")
          .at(child.where)
          .found("the first at " + first->second->where)
          .remedy("remove one of them");
    }
    return children;
  }

  void require_names(const Frame& frame) const {
    for (const YamlNode& child : frame.node->children)
      if (!is_name(child.key))
        throw Error(ErrorKind::kInvalidArgument, "not a name for one of '" + frame.path + "'")
            .at(child.where)
            .expected("letters, digits, '_' and '-'")
            .found("'" + child.key + "'");
  }

  static Error wrong(const YamlNode& node, const std::string& path, const std::string& expected) {
    return Error(ErrorKind::kInvalidArgument, "wrong value of '" + path + "'")
        .at(node.where)
        .expected(expected)
        .found(describe(node));
  }

  static Error with_suggestion(Error error, const std::string& suggestion) {
    return suggestion.empty() ? error : error.remedy("did you mean '" + suggestion + "'?");
  }

  // The error names the valid keys of the section: those that the visit has asked for.
  static Error unknown(const YamlNode& child, const Frame& frame) {
    const std::string prefix = frame.path.empty() ? "" : frame.path + ".";
    const std::string near = nearest(child.key, frame.asked);
    return with_suggestion(
        Error(ErrorKind::kInvalidArgument, "unknown key '" + prefix + child.key + "'")
            .at(child.where)
            .expected("one of " + join(frame.asked)),
        near.empty() ? "" : prefix + near);
  }

  // If the user has misspelt a required key, "unknown key, did you mean …" helps more than
  // "missing".
  Error missing(const std::string& key, const std::string& expected) const {
    const Frame& frame = frames_.back();
    if (const YamlNode* slip = misspelt(frame, key)) return unknown(*slip, frame);
    return Error(ErrorKind::kInvalidArgument, "the key '" + path_of(key) + "' is missing")
        .at(places_.of(path_of(key)))
        .expected(expected);
  }

  static const YamlNode* misspelt(const Frame& frame, const std::string& key) {
    if (frame.node == nullptr) return nullptr;
    for (const YamlNode& child : frame.node->children)
      if (!was_asked(frame, child.key) && !nearest(child.key, {key}).empty()) return &child;
    return nullptr;
  }

  ConfigPlaces& places_;
  std::vector<Frame> frames_;
};

}  // namespace

std::string ConfigPlaces::of(std::string key) const {
  for (;;) {
    const auto place = places_.find(key);
    if (place != places_.end()) return place->second;
    if (key.empty()) return "";
    const auto dot = key.rfind('.');
    key.erase(dot == std::string::npos ? 0 : dot);
  }
}

ReadConfig read_config(const YamlNode& root) {
  if (root.kind != Kind::kMapping && root.kind != Kind::kNull)
    throw Error(ErrorKind::kInvalidArgument, "not a configuration")
        .at(root.where)
        .expected("a mapping of keys to values")
        .found(describe(root));
  ReadConfig result;
  ConfigReader reader(root, result.places);
  visit(reader, result.config);
  reader.finish();
  return result;
}

}  // namespace holdfast::trainer
