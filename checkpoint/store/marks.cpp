#include <holdfast/checkpoint/store/marks.h>

#include <algorithm>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/store/run_names.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kMostBytes = 4096;  // of a mark; somebody else's file, if it has more
constexpr std::size_t kMostTagBytes = 100;

// A mark's line: the digest of the manifest, and what else there is to say, behind a space.
struct Line {
  Digest manifest;
  std::string text;
};

std::string line_of(const Digest& manifest, const std::string& text = "") {
  return manifest.hex() + (text.empty() ? "" : " " + text) + "\n";
}

std::optional<Line> parse(std::string_view content) {
  if (content.empty() || content.back() != '\n') return std::nullopt;
  content.remove_suffix(1);
  const std::size_t space = std::min(content.find(' '), content.size());
  const auto manifest = Digest::from_hex(content.substr(0, space));
  if (!manifest) return std::nullopt;
  return Line{*manifest, std::string(content.substr(std::min(space + 1, content.size())))};
}

// Calls `found` with the name and the line of each mark in that directory of the run.
template <typename Found>
void for_each_mark(const Directory& run, const char* directory, const Found& found) {
  if (run.type_of(directory) != FileType::kDirectory) return;
  const Directory marks = run.open_directory(directory);
  for (const std::string& name : marks.list()) {
    if (marks.type_of(name) != FileType::kRegular) continue;
    const File file = marks.open_file(name);
    if (file.size() > kMostBytes) continue;
    if (const auto line = parse(ByteView(file.read_all(kMostBytes)).text())) found(name, *line);
  }
}

void put(const Directory& run, const char* directory, const std::string& name,
         const std::string& line) {
  run.ensure_directory(directory).replace_file(name, ByteView(line));
}

bool take_away(const Directory& run, const char* directory, const std::string& name) {
  if (run.type_of(directory) != FileType::kDirectory) return false;
  const Directory marks = run.open_directory(directory);
  if (!marks.type_of(name)) return false;
  marks.remove_file(name);
  marks.sync();
  return true;
}

void check_tag(const std::string& name) {
  if (is_tag(name)) return;
  throw Error(ErrorKind::kInvalidArgument, "this cannot be a tag")
      .expected(
          "1 to 100 letters, digits, '.', '_' and '-', not only digits, and neither "
          "\"latest\" nor \"best\"")
      .found("\"" + name + "\"");
}

}  // namespace

CheckpointId identify(const Directory& checkpoint, std::int64_t step) {
  const File manifest = checkpoint.open_file(format::kManifestFile);
  return {step, digest_of(manifest.read_all(format::kMaxManifestBytes))};
}

bool is_tag(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_allowed = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kMostTagBytes && name.front() != '.' &&
         name.front() != '-' && name != "latest" && name != "best" &&
         std::all_of(name.begin(), name.end(), is_allowed) &&
         !std::all_of(name.begin(), name.end(), is_digit);
}

void Marks::pin(const CheckpointId& checkpoint) {
  put(run_, kPinsDirectory, step_directory_name(checkpoint.step), line_of(checkpoint.manifest));
}

bool Marks::unpin(std::int64_t step) {
  return take_away(run_, kPinsDirectory, step_directory_name(step));
}

void Marks::tag(const std::string& name, const CheckpointId& checkpoint) {
  check_tag(name);
  put(run_, kTagsDirectory, name,
      line_of(checkpoint.manifest, step_directory_name(checkpoint.step)));
}

bool Marks::remove_tag(const std::string& name) {
  check_tag(name);
  return take_away(run_, kTagsDirectory, name);
}

void Marks::set_verified(const CheckpointId& checkpoint, const std::string& time) {
  put(run_, kVerifiedDirectory, step_directory_name(checkpoint.step),
      line_of(checkpoint.manifest, time));
}

void Marks::clear_verified(std::int64_t step) {
  take_away(run_, kVerifiedDirectory, step_directory_name(step));
}

std::vector<CheckpointId> Marks::pins() const {
  std::vector<CheckpointId> pins;
  for_each_mark(run_, kPinsDirectory, [&](const std::string& name, const Line& line) {
    if (const auto step = parse_step_directory(name)) pins.push_back({*step, line.manifest});
  });
  return pins;
}

std::map<std::string, CheckpointId> Marks::tags() const {
  std::map<std::string, CheckpointId> tags;
  for_each_mark(run_, kTagsDirectory, [&](const std::string& name, const Line& line) {
    const auto step = parse_step_directory(line.text);
    if (step && is_tag(name)) tags.emplace(name, CheckpointId{*step, line.manifest});
  });
  return tags;
}

std::map<std::int64_t, Verification> Marks::verified() const {
  std::map<std::int64_t, Verification> verified;
  for_each_mark(run_, kVerifiedDirectory, [&](const std::string& name, const Line& line) {
    const auto step = parse_step_directory(name);
    if (step && is_utc(line.text))
      verified.emplace(*step, Verification{{*step, line.manifest}, line.text});
  });
  return verified;
}

bool Marks::spares(const Directory& checkpoint, std::int64_t step) const {
  std::vector<CheckpointId> spared = pins();
  for (const auto& [name, id] : tags()) spared.push_back(id);
  const auto is_of_step = [&](const CheckpointId& id) { return id.step == step; };
  if (std::none_of(spared.begin(), spared.end(), is_of_step)) return false;
  const CheckpointId found = identify(checkpoint, step);
  return std::find(spared.begin(), spared.end(), found) != spared.end();
}

std::vector<std::int64_t> Marks::spared(const Directory& checkpoints) const {
  std::set<std::int64_t> marked;
  for (const CheckpointId& id : pins()) marked.insert(id.step);
  for (const auto& [name, id] : tags()) marked.insert(id.step);
  std::vector<std::int64_t> spared;
  for (const std::int64_t step : marked) {
    const std::string name = step_directory_name(step);
    if (checkpoints.type_of(name) != FileType::kDirectory) continue;
    try {
      if (spares(checkpoints.open_directory(name), step)) spared.push_back(step);
    } catch (const Error&) {
      spared.push_back(step);
    }
  }
  return spared;
}

}  // namespace holdfast
