#include <holdfast/checkpoint/run/write_checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/save/saver.h>
#include <holdfast/checkpoint/storage/already_there.h>

namespace holdfast {
namespace {

struct Place {
  std::string parent, name;

  std::string path() const { return parent + "/" + name; }
};

Place place_of(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::filesystem::path plain = whole.has_filename() ? whole : whole.parent_path();
  const std::string parent = plain.parent_path().string();
  return {parent.empty() ? "." : parent, plain.filename().string()};
}

// A place for one checkpoint, in a directory that is not a run's.
class SinglePlace final : public CheckpointPlace {
 public:
  SinglePlace(std::shared_ptr<FileSystem> fs, Place place)
      : fs_(std::move(fs)), place_(std::move(place)) {}

  PendingCheckpoint begin(std::int64_t step) override {
    Directory parent = Directory::open(fs_, place_.parent);
    if (parent.type_of(place_.name)) throw already_there(place_.path());
    return {std::move(parent), format::pending_directory_name(step), step};
  }
  void commit(PendingCheckpoint pending) override {
    try {
      pending.commit(place_.name);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kExists) throw already_there(place_.path());
      throw;
    }
  }

 private:
  std::shared_ptr<FileSystem> fs_;
  Place place_;
};

// The path of the run if `directory` is the checkpoints/ of a run; else empty.
std::optional<std::string> run_of(const std::shared_ptr<FileSystem>& fs,
                                  const std::string& directory) {
  const auto path = std::filesystem::weakly_canonical(directory);
  if (path.filename() != format::kCheckpointsDirectory) return std::nullopt;
  const std::string run = path.parent_path().string();
  if (!Directory::open(fs, run).type_of(format::kLockFile)) return std::nullopt;
  return run;
}

std::unique_ptr<CheckpointPlace> open_place(std::shared_ptr<FileSystem> fs, const std::string& path,
                                            std::int64_t step) {
  Place place = place_of(path);
  const auto run = run_of(fs, place.parent);
  const std::string name = format::step_directory_name(step);
  if (format::is_unfinished_directory(place.name) || (run && place.name != name))
    throw Error(ErrorKind::kInvalidArgument, "no checkpoint can be kept under this name")
        .at(path)
        .expected(run ? "\"" + name + "\", as this is a run, or a path outside of it"
                      : "a name that is not for unfinished saves");
  if (format::parse_step_directory(place.name).value_or(step) != step)
    throw Error(ErrorKind::kInvalidArgument, "the name is that of another step")
        .at(path)
        .expected("\"" + name + "\", or a name that is no step's");
  if (run) return std::make_unique<RunStore>(std::move(fs), *run);
  return std::make_unique<SinglePlace>(std::move(fs), std::move(place));
}

// True if the error's path lies in the temporary directory of a save. The user knows only the final
// path, so that is named instead.
bool is_of_unfinished(const Error& error) {
  const std::filesystem::path path(error.path());
  return std::any_of(path.begin(), path.end(), [](const auto& part) {
    return format::is_unfinished_directory(part.string());
  });
}

}  // namespace

SaveReport write_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                            format::Manifest manifest, std::vector<Item> items,
                            const SaverOptions& options) {
  const auto place = open_place(std::move(fs), path, manifest.step);
  SaveReport report;
  SaveJob job;
  job.manifest = std::move(manifest);
  job.items = std::move(items);
  job.after_commit = [&](const SaveReport& made) { report = made; };
  const Saver::Owned saver(new Saver(*place, options));
  try {
    saver->save(std::move(job));
    saver->wait();
  } catch (Error& error) {
    if (is_of_unfinished(error)) error.at(path);
    throw;
  }
  return report;
}

}  // namespace holdfast
