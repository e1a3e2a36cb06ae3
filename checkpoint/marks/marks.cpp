#include <holdfast/checkpoint/marks/marks.h>

#include <algorithm>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/load/committed_steps.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kMostBytes = 4096;  // a larger file is not a mark of ours
constexpr std::size_t kMostTagBytes = 100;

// The one line of a mark's file: the digest of the manifest, and for some marks a space and a text
// (a tag has the name of the step's directory, a verification the time).
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

std::optional<File> open_mark(const Directory& marks, const std::string& name) {
  try {
    return marks.open_file(name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return std::nullopt;
  }
}

// Empty if there is no such mark, or it was removed since it was listed. Throws if it cannot be
// read or is not a mark.
std::optional<Line> read_mark(const Directory& marks, const std::string& name) {
  const std::optional<File> file = open_mark(marks, name);
  if (!file) return std::nullopt;
  if (auto line = parse(ByteView(file->read_all(kMostBytes)).text())) return line;
  throw Error(ErrorKind::kCorrupt, "this is not a mark").at(file->path());
}

// Empty if there is no such directory.
std::optional<Directory> open_marks(const Directory& run, const char* directory) {
  if (run.type_of(directory) != FileType::kDirectory) return std::nullopt;
  return run.open_directory(directory);
}

// Calls `found` with the name and the line of each mark in this directory of the run, and
// `unreadable` with the name of each file that cannot be read or is not a mark. Skips names that
// begin with a '.': those are marks that are being written.
template <typename Found, typename Unreadable>
void for_each_mark(const Directory& run, const char* directory, const Found& found,
                   const Unreadable& unreadable) {
  const std::optional<Directory> marks = open_marks(run, directory);
  if (!marks) return;
  for (const std::string& name : marks->list()) {
    if (name.front() == '.') continue;
    try {
      if (const auto line = read_mark(*marks, name)) found(name, *line);
    } catch (const Error&) {
      unreadable(name);
    }
  }
}

void ignore_unreadable(const std::string& /*name*/) {}

void put(const Directory& run, const char* directory, const std::string& name,
         const std::string& line) {
  run.ensure_directory(directory).replace_shared_file(name, ByteView(line));
}

// Removes a mark. Returns false if there is none, also if somebody else removes it at the same
// time.
bool take_away(const Directory& run, const char* directory, const std::string& name) {
  const std::optional<Directory> marks = open_marks(run, directory);
  if (!marks || !marks->type_of(name)) return false;
  try {
    marks->remove_file(name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return false;
  }
  marks->sync();
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

bool ProtectedCheckpoints::has(const Directory& checkpoint, std::int64_t step) const {
  if (!unread_tags.empty() || unread.count(step) > 0) return true;
  const auto first = marked.lower_bound({step, ""});
  return first != marked.end() && first->first == step &&
         marked.count({step, identify(checkpoint, step).manifest.hex()}) > 0;
}

CheckpointId identify(const Directory& checkpoint, std::int64_t step) {
  const File manifest = open_manifest(checkpoint);
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
  put(run_, format::kPinsDirectory, format::step_directory_name(checkpoint.step),
      line_of(checkpoint.manifest));
}

bool Marks::unpin(std::int64_t step) {
  return take_away(run_, format::kPinsDirectory, format::step_directory_name(step));
}

void Marks::tag(const std::string& name, const CheckpointId& checkpoint) {
  check_tag(name);
  put(run_, format::kTagsDirectory, name,
      line_of(checkpoint.manifest, format::step_directory_name(checkpoint.step)));
}

bool Marks::remove_tag(const std::string& name) {
  check_tag(name);
  return take_away(run_, format::kTagsDirectory, name);
}

void Marks::set_verified(const CheckpointId& checkpoint, const std::string& time) {
  put(run_, format::kVerifiedDirectory, format::step_directory_name(checkpoint.step),
      line_of(checkpoint.manifest, time));
}

void Marks::clear_verified(std::int64_t step) {
  take_away(run_, format::kVerifiedDirectory, format::step_directory_name(step));
}

std::vector<CheckpointId> Marks::pins(std::set<std::int64_t>* unread) const {
  std::vector<CheckpointId> pins;
  for_each_mark(
      run_, format::kPinsDirectory,
      [&](const std::string& name, const Line& line) {
        if (const auto step = format::parse_step_directory(name))
          pins.push_back({*step, line.manifest});
      },
      [&](const std::string& name) {
        const auto step = format::parse_step_directory(name);
        if (step && unread != nullptr) unread->insert(*step);
      });
  return pins;
}

std::map<std::string, CheckpointId> Marks::tags(std::set<std::string>* unread) const {
  std::map<std::string, CheckpointId> tags;
  const auto cannot_be_read = [&](const std::string& name) {
    if (is_tag(name) && unread != nullptr) unread->insert(name);
  };
  for_each_mark(
      run_, format::kTagsDirectory,
      [&](const std::string& name, const Line& line) {
        const auto step = format::parse_step_directory(line.text);
        if (!step) return cannot_be_read(name);
        if (is_tag(name)) tags.emplace(name, CheckpointId{*step, line.manifest});
      },
      cannot_be_read);
  return tags;
}

std::map<std::int64_t, Verification> Marks::verified() const {
  std::map<std::int64_t, Verification> verified;
  for_each_mark(
      run_, format::kVerifiedDirectory,
      [&](const std::string& name, const Line& line) {
        const auto step = format::parse_step_directory(name);
        if (step && is_utc(line.text))
          verified.emplace(*step, Verification{{*step, line.manifest}, line.text});
      },
      ignore_unreadable);
  return verified;
}

ProtectedCheckpoints Marks::read_protected() const {
  ProtectedCheckpoints found;
  for (const CheckpointId& id : pins(&found.unread))
    found.marked.emplace(id.step, id.manifest.hex());
  for (const auto& [name, id] : tags(&found.unread_tags))
    found.marked.emplace(id.step, id.manifest.hex());
  return found;
}

std::vector<std::int64_t> Marks::protected_steps(const Directory& checkpoints) const {
  const ProtectedCheckpoints marked = read_protected();
  if (!marked.unread_tags.empty()) return committed_steps(checkpoints);
  std::set<std::int64_t> steps = marked.unread;
  for (const auto& [step, digest] : marked.marked) steps.insert(step);
  std::vector<std::int64_t> kept;
  for (const std::int64_t step : steps) {
    const std::string name = format::step_directory_name(step);
    if (checkpoints.type_of(name) != FileType::kDirectory) continue;
    try {
      if (marked.has(checkpoints.open_directory(name), step)) kept.push_back(step);
    } catch (const Error&) {
      kept.push_back(step);
    }
  }
  return kept;
}

}  // namespace holdfast
