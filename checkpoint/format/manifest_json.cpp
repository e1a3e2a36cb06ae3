// manifest.json. docs/format.md, "Manifest".
#include <cmath>
#include <string_view>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/json/members.h>
#include <holdfast/checkpoint/format/json/object.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/format/manifest_check.h>

namespace holdfast::format {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "holdfast manifest";
constexpr int kRetentionVersion = 2;  // the version of a manifest with a retention policy
constexpr int kPartsVersion = 3;      // the version of a manifest with optional parts
constexpr std::size_t kMostRequired = 64;

// The text ends with kBeforeDigest, the digest of all bytes ahead of kBeforeDigest, and
// kAfterDigest.
constexpr std::string_view kBeforeDigest = "\"digest\":\"";
constexpr std::string_view kAfterDigest = "\"}\n";
constexpr std::size_t kDigestDigits = 32;
constexpr std::size_t kTailBytes = kBeforeDigest.size() + kDigestDigits + kAfterDigest.size();

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string to_hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

// Empty if the text is not pairs of hex digits.
std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = kHexDigits.find(text[i]);
    const auto low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

// A string of JSON must be UTF-8. Texts from outside, above all paths, may not be: they are written
// as {"hex": "…"}.
ordered_json from_text(const std::string& text) {
  if (is_utf8(text)) return text;
  return {{"hex", to_hex(text)}};
}

ordered_json from_number(double number) {
  if (std::isfinite(number)) return number;
  if (std::isnan(number)) return "NaN";
  return number > 0 ? "Infinity" : "-Infinity";
}

ordered_json from_texts(const std::map<std::string, std::string>& texts) {
  JsonMembers members;
  for (const auto& [key, text] : texts) members.add(key, from_text(text));
  return members.take();
}

ordered_json to_json(const Origin& origin) {
  return {{"run_id", origin.run_id}, {"step", origin.step}, {"path", from_text(origin.path)}};
}

ordered_json to_json(const RetentionPolicy& policy) {
  return {{"keep_last", policy.keep_last},
          {"keep_best", policy.keep_best},
          {"metric", from_text(policy.metric)},
          {"higher_is_better", policy.higher_is_better}};
}

ordered_json to_json(const JournalRecord& journal) {
  return {{"name", journal.name}, {"bytes", journal.bytes}, {"digest", journal.digest.hex()}};
}

ordered_json to_json(const FileRecord& file) {
  ordered_json blocks = ordered_json::array();
  for (const Digest& block : file.blocks) blocks.push_back(block.hex());
  ordered_json object = {{"name", file.name}, {"bytes", file.bytes}, {"blocks", std::move(blocks)}};
  if (!file.kind.empty()) object["kind"] = file.kind;
  return object;
}

ordered_json from_numbers(const std::map<std::string, double>& numbers) {
  JsonMembers members;
  for (const auto& [name, number] : numbers) members.add(name, from_number(number));
  return members.take();
}

template <typename Record>
ordered_json from_records(const std::vector<Record>& records) {
  ordered_json array = ordered_json::array();
  for (const Record& record : records) array.push_back(to_json(record));
  return array;
}

// The lowest that has all of it, so that older readers can read what they know.
int version_of(const Manifest& manifest) {
  if (manifest.has_optional_parts) return kPartsVersion;
  return manifest.retention ? kRetentionVersion : kFormatVersion;
}

ordered_json to_json(const Manifest& manifest) {
  ordered_json object = {{"format", kFormat}, {"version", version_of(manifest)}};
  if (manifest.has_optional_parts) object["requires"] = ordered_json::array();
  object["step"] = manifest.step;
  object["created"] = manifest.created;
  object["run_id"] = manifest.run_id;
  if (manifest.resumed_from) object["resumed_from"] = to_json(*manifest.resumed_from);
  object["environment"] = from_texts(manifest.environment);
  object["configuration"] = from_texts(manifest.configuration);
  object["metrics"] = from_numbers(manifest.metrics);
  if (manifest.retention) object["retention"] = to_json(*manifest.retention);
  object["journals"] = from_records(manifest.journals);
  object["files"] = from_records(manifest.files);
  return object;
}

// The bytes of {"hex": "…"}; empty if the value has another form.
std::optional<std::string> to_bytes(JsonValue value) {
  if (!value.is_object() || !(value.begin() != value.end())) return std::nullopt;
  const JsonValue hex = *value.begin();
  const bool is_all = !(++value.begin() != value.end());
  if (!is_all || hex.key() != "hex" || !hex.is_text()) return std::nullopt;
  return from_hex(hex.text());
}

std::string to_text(JsonValue value, const JsonObject& object) {
  if (value.is_text()) return std::string(value.text());
  if (auto bytes = to_bytes(value)) return *bytes;
  throw object.wrong(in_quotes(value.key()) + " is neither a string nor {\"hex\": \"…\"}");
}

double to_number(JsonValue value, const JsonObject& object) {
  if (value.is_number()) return value.number();
  const std::string_view text = value.is_text() ? value.text() : "";
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  throw object.wrong(in_quotes(value.key()) + " is not a number");
}

std::map<std::string, std::string> to_texts(const JsonObject& object) {
  std::map<std::string, std::string> texts;
  for (const JsonValue value : object.elements())
    texts.emplace(value.key(), to_text(value, object));
  return texts;
}

std::map<std::string, double> to_numbers(const JsonObject& object) {
  std::map<std::string, double> numbers;
  for (const JsonValue value : object.elements())
    numbers.emplace(value.key(), to_number(value, object));
  return numbers;
}

Digest to_digest(JsonValue value, const JsonObject& object) {
  const auto digest = value.is_text() ? Digest::from_hex(value.text()) : std::optional<Digest>();
  if (!digest) throw object.wrong("a digest that is not 32 lower-case hex digits");
  return *digest;
}

Origin to_origin(JsonObject object) {
  Origin origin;
  origin.run_id = object.text("run_id");
  origin.step = object.integer("step");
  origin.path = to_text(object.value("path"), object);
  object.finish();
  return origin;
}

RetentionPolicy to_retention(JsonObject object) {
  constexpr int kMost = std::numeric_limits<int>::max();
  RetentionPolicy policy;
  policy.keep_last = static_cast<int>(object.integer("keep_last", 0, kMost));
  policy.keep_best = static_cast<int>(object.integer("keep_best", 0, kMost));
  policy.metric = to_text(object.value("metric"), object);
  policy.higher_is_better = object.boolean("higher_is_better");
  object.finish();
  return policy;
}

JournalRecord to_journal(JsonObject object) {
  JournalRecord journal;
  journal.name = object.text("name");
  journal.bytes = static_cast<std::uint64_t>(object.integer("bytes"));
  journal.digest = to_digest(object.value("digest"), object);
  object.finish();
  return journal;
}

FileRecord to_file(JsonObject object, std::int64_t version) {
  FileRecord file;
  file.name = object.text("name");
  file.bytes = static_cast<std::uint64_t>(object.integer("bytes"));
  for (const JsonValue block : object.array("blocks"))
    file.blocks.push_back(to_digest(block, object));
  if (version >= kPartsVersion && object.optional("kind")) {
    file.kind = object.text("kind");
    if (!is_part_name(file.kind))
      throw object.wrong("no kind of a file").found(in_quotes(file.kind));
  }
  object.finish();
  return file;
}

// The first version that a manifest may require something of. None of its parts is known here.
void check_requirements(JsonObject& object) {
  std::vector<std::string> names;
  for (const JsonValue value : object.array("requires")) {
    names.emplace_back(value.is_text() ? value.text() : "");
    const bool is_in_order = names.size() == 1 || names[names.size() - 2] < names.back();
    if (!is_part_name(names.back()) || !is_in_order || names.size() > kMostRequired)
      throw object.wrong("\"requires\" is no list of parts of the format")
          .expected(std::to_string(kMostRequired) + " names at most, in ascending order");
  }
  if (names.empty()) return;
  std::string found = "it requires " + in_quotes(names.front());
  if (names.size() > 1) found += " and " + std::to_string(names.size() - 1) + " more";
  throw written_by_a_newer(object)
      .expected("no part that this Holdfast does not know")
      .found(found);
}

Manifest to_manifest(JsonObject& object, std::int64_t version) {
  Manifest manifest;
  manifest.has_optional_parts = version >= kPartsVersion;
  manifest.step = object.integer("step");
  manifest.created = object.text("created");
  manifest.run_id = object.text("run_id");
  if (object.optional("resumed_from")) {
    manifest.resumed_from = to_origin(object.object("resumed_from"));
  }
  manifest.environment = to_texts(object.object("environment"));
  manifest.configuration = to_texts(object.object("configuration"));
  manifest.metrics = to_numbers(object.object("metrics"));
  if (version == kRetentionVersion ||
      (version >= kPartsVersion && object.optional("retention").has_value())) {
    manifest.retention = to_retention(object.object("retention"));
  }
  for (const JsonValue journal : object.array("journals")) {
    manifest.journals.push_back(to_journal(object.element(journal, "a journal")));
  }
  for (const JsonValue file : object.array("files")) {
    manifest.files.push_back(to_file(object.element(file, "a file"), version));
  }
  return manifest;
}

// Every version of the format, also a newer one, ends with its own digest. So a text that ends
// otherwise was cut or altered.
void check_own_digest(ByteView text, const std::string& path) {
  const std::size_t body = text.size < kTailBytes ? 0 : text.size - kTailBytes;
  const std::string_view tail = text.text().substr(body);
  const bool complete = tail.size() == kTailBytes &&
                        tail.substr(0, kBeforeDigest.size()) == kBeforeDigest &&
                        tail.substr(tail.size() - kAfterDigest.size()) == kAfterDigest;
  if (!complete) {
    throw Error(ErrorKind::kCorrupt, "the manifest is cut short, or this is no manifest")
        .at(path)
        .expected("a text that ends with its own digest")
        .found(std::to_string(text.size) + " bytes that do not end so");
  }
  const std::string expected(tail.substr(kBeforeDigest.size(), kDigestDigits));
  const std::string found = digest_of(text.slice(0, body)).hex();
  if (expected == found) return;
  throw Error(ErrorKind::kCorrupt, "the manifest was altered after it was written")
      .at(path)
      .expected("digest " + expected)
      .found(found);
}

}  // namespace

std::string encode(const Manifest& manifest) {
  check(manifest, ErrorKind::kInvalidArgument, "");
  std::string text = to_json(manifest).dump(1);
  text.resize(text.size() - std::string_view("\n}").size());
  text += ",\n ";
  const std::string digest = digest_of(ByteView(text)).hex();
  text.append(kBeforeDigest).append(digest).append(kAfterDigest);
  check_size(ByteView(text), kMaxManifestBytes, ErrorKind::kUnsupported, kManifestFile);
  return text;
}

Manifest decode_manifest(ByteView text, const std::string& path) {
  check_own_digest(text, path);
  const JsonDocument document(text, kMaxManifestBytes, path);
  JsonObject object(document.root(), "the manifest", path);
  const std::int64_t version = check_format(object, kFormat, kPartsVersion);
  if (version >= kPartsVersion) {
    check_requirements(object);
    object.ignore_unknown_keys();
  }
  object.text("digest");
  Manifest manifest = to_manifest(object, version);
  object.finish();
  check(manifest, ErrorKind::kCorrupt, path);
  return manifest;
}

}  // namespace holdfast::format
