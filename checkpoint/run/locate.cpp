#include <holdfast/checkpoint/run/locate.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>
#include <holdfast/checkpoint/run/run_listing.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <holdfast/checkpoint/run/stray_marks.h>

namespace holdfast {
namespace {

constexpr const char* kRemedy = "give the directory of a run or of one of its checkpoints";

Error not_found(const std::string& problem, const std::string& where) {
  return Error(ErrorKind::kNotFound, problem).at(where).remedy(kRemedy);
}

Error no_checkpoint(const std::string& where) {
  return not_found("this is neither a checkpoint nor a run that has one", where)
      .expected(std::string(format::kManifestFile) + ", or " + format::kCheckpointsDirectory + "/" +
                format::step_directory_name(0) + " or later");
}

Directory open(std::shared_ptr<FileSystem> fs, const std::string& where) {
  if (format::is_unfinished_directory(format::name_of_directory(where)))
    throw not_found("this is a save that was not finished, or a checkpoint being removed", where);
  return open_what_is_named(std::move(fs), where, kRemedy);
}

// Opens what `choose` returns. The run may remove or move that before it is opened: then `choose`
// is called again. It is an error only if `choose` returns the same once more.
template <typename Choose, typename Open>
Directory open_chosen(const Choose& choose, const Open& open) {
  using Choice = decltype(choose());
  for (std::optional<Choice> gone;;) {
    const Choice choice = choose();
    try {
      return open(choice);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound || gone == choice) throw;
      gone = choice;
    }
  }
}

// The newest checkpoint of a run. Error(kNotFound) if the directory is no run or has none.
Directory open_newest(const Directory& run, const std::string& where) {
  const std::optional<Directory> checkpoints = open_checkpoints(run);
  const auto choose = [&] { return checkpoints ? newest_step(*checkpoints) : std::nullopt; };
  const auto open = [&](const std::optional<std::int64_t>& step) {
    if (!step) throw no_checkpoint(where);
    return checkpoints->open_directory(format::step_directory_name(*step));
  };
  return open_chosen(choose, open);
}

std::int64_t best_of(const RunListing& listing, const std::string& where) {
  // An unreadable checkpoint may be the best one, so there is no answer.
  for (const ListedCheckpoint& one : listing.checkpoints)
    if (one.may_be_sound)
      throw Error(ErrorKind::kIo,
                  "one of the run's checkpoints cannot be read, and may be the best")
          .at(where)
          .found(one.problem)
          .remedy("name a step");
  if (const auto step = best_step(listing)) return *step;
  const std::string& metric = listing.retention.metric;
  throw not_found(metric.empty()
                      ? "the run has no best checkpoint: its retention policy names no metric"
                      : "no checkpoint of the run has the metric " + metric,
                  where);
}

Directory open_best(const RunView& run, const std::string& where) {
  return open_chosen([&] { return best_of(list_run(run), where); },
                     [&](std::int64_t step) { return run.open(step); });
}

Directory open_tagged(const RunView& run, const std::string& tag, const std::string& where) {
  std::set<std::string> unread;
  const auto tags = Marks(run.directory()).tags(&unread);
  const auto found = tags.find(tag);
  if (unread.count(tag) > 0) throw unread_tag(run.path(), tag);
  if (found == tags.end())
    throw not_found("the run has no tag '" + tag + "'", where)
        .expected("a tag, a step without separators, latest or best behind the '@'");
  const auto open = [&](const std::string& place) {
    if (place.empty()) {
      run.open(found->second.step);
      throw not_found("the tag's checkpoint is gone; another checkpoint has its step now", where);
    }
    if (place.rfind(format::kQuarantineDirectory, 0) == 0)
      throw not_found("the tag's checkpoint was found damaged", where).found(place);
    return Directory::open(run.directory().file_system(), run.path() + "/" + place);
  };
  return open_chosen([&] { return place_of(run, found->second); }, open);
}

Directory open_named(std::shared_ptr<FileSystem> fs, const CheckpointName& named,
                     const std::string& where) {
  const RunView run(named.run, std::move(fs));
  if (named.name == "best") return open_best(run, where);
  if (const auto step = named.step()) return run.open(*step);
  if (named.name != "latest") return open_tagged(run, named.name, where);
  return open_newest(run.directory(), where);
}

}  // namespace

std::optional<std::int64_t> CheckpointName::step() const {
  std::int64_t step = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, failure] = std::from_chars(name.data(), end, step);
  if (name.empty() || failure != std::errc() || rest != end || step < 0) return std::nullopt;
  return step;
}

// With a '/' behind the '@', or if something of this name exists, `where` is a path that happens to
// contain an '@'.
std::optional<CheckpointName> parse_checkpoint_name(const std::string& where) {
  const std::size_t at = where.rfind('@');
  std::error_code unknown;
  if (at == std::string::npos || where.find('/', at) != std::string::npos ||
      std::filesystem::exists(where, unknown))
    return std::nullopt;
  return CheckpointName{where.substr(0, at), where.substr(at + 1)};
}

Directory locate_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& where) {
  if (const auto named = parse_checkpoint_name(where))
    return open_named(std::move(fs), *named, where);
  Directory directory = open(std::move(fs), where);
  if (directory.type_of(format::kManifestFile)) return directory;
  return open_newest(directory, where);
}

std::optional<Directory> locate_another(const std::shared_ptr<FileSystem>& fs,
                                        const std::string& where, const std::string& retired) {
  try {
    Directory found = locate_checkpoint(fs, where);
    if (found.path() != retired) return found;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
  }
  return std::nullopt;
}

CheckpointFiles open_checkpoint(const std::shared_ptr<FileSystem>& fs, const std::string& where) {
  return with_checkpoint(fs, where,
                         [](Directory found) { return CheckpointFiles(std::move(found)); });
}

std::vector<std::string> locate_checkpoints(std::shared_ptr<FileSystem> fs,
                                            const std::string& where) {
  if (parse_checkpoint_name(where)) return {locate_checkpoint(std::move(fs), where).path()};
  const Directory directory = open(std::move(fs), where);
  if (directory.type_of(format::kManifestFile)) return {directory.path()};
  std::vector<std::string> paths;
  if (const std::optional<Directory> checkpoints = open_checkpoints(directory)) {
    for (const std::int64_t step : committed_steps(*checkpoints))
      paths.push_back(checkpoints->path() + "/" + format::step_directory_name(step));
  }
  if (paths.empty()) throw no_checkpoint(where);
  return paths;
}

}  // namespace holdfast
