#include "verify_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "command/help.h"
#include "command/reading.h"
#include "keep/run_checkpoint.h"
#include "output/json_output.h"
#include "output/paint.h"
#include "output/progress_bar.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "For a run, all its checkpoints are verified. A block is damaged if it was read twice and\n"
    "differed from its digest both times. The run remembers which checkpoints were sound, and\n"
    "holdfast ls shows when they were verified.\n"
    "Exit status: 0 sound; 1 damaged, or it could not be read; 2 bad usage.";

constexpr std::size_t kMostNamed = 5;  // tensors, and blocks of a file, shown without --all

struct VerifyOptions : ReadingOptions {
  std::string where;
  bool deep = false;
  bool quick = false;
  bool all = false;

  std::size_t most_named() const {
    return all ? std::numeric_limits<std::size_t>::max() : kMostNamed;
  }
  VerifyDepth depth() const {
    if (quick) return VerifyDepth::kQuick;
    return deep ? VerifyDepth::kDeep : VerifyDepth::kFull;
  }
};

// The result for one checkpoint.
struct Verified {
  std::string path;
  std::vector<Damage> damage;
  std::optional<Error> error;  // why it could not be read; then nothing is proven
  std::uint64_t bytes = 0;     // how much was read
  double seconds = 0;

  bool is_gone() const { return error && error->kind() == ErrorKind::kRetired; }
  bool is_sound() const { return damage.empty() && !error; }
};

// The size of the files that the manifest lists; 0 if it cannot be read.
std::uint64_t bytes_listed(const Directory& checkpoint) {
  std::uint64_t bytes = 0;
  try {
    for (const format::FileRecord& file : read_manifest(checkpoint).files) bytes += file.bytes;
  } catch (const Error&) {  // verify() says why
  }
  return bytes;
}

// Damage if the directory has the name of another step. The files may all be sound then, but no run
// can go on from such a checkpoint.
std::vector<Damage> damage_of_name(const Directory& checkpoint) {
  try {
    require_named_step(read_manifest(checkpoint), checkpoint.path());
  } catch (Error& error) {
    if (error.kind() != ErrorKind::kMismatch) throw;
    return {{format::kManifestFile, error.at("").remedy("").what(), {}}};
  }
  return {};
}

void verify_into(Verified& verified, const VerifyOptions& options) {
  const Directory checkpoint = Directory::open(posix_file_system(), verified.path);
  std::atomic<std::uint64_t> bytes{0};
  ProgressBar bar("verifying", bytes_listed(checkpoint));
  const auto progress = [&](std::uint64_t more) {
    bytes += more;
    bar.add(more);
  };
  verified.damage = verify(checkpoint, options.depth(), options.threads, progress);
  if (verified.damage.empty()) verified.damage = damage_of_name(checkpoint);
  verified.bytes = bytes;
  verified.seconds = bar.seconds();
}

// Turns "not found" into "the run has removed it" if the whole directory is gone. A directory
// without a manifest is damage.
Error as_retired_if_gone(const Error& error, const std::string& path) {
  if (error.kind() != ErrorKind::kNotFound || std::filesystem::exists(path)) return error;
  return Error(ErrorKind::kRetired, "the run has removed the checkpoint meanwhile").at(path);
}

// Notes the result for holdfast ls, if the checkpoint belongs to a run. Errors are ignored: a run
// that cannot be written to can still be verified.
void note(const Verified& verified, const VerifyOptions& options) {
  if (verified.error || (options.quick && verified.is_sound())) return;
  try {
    const RunCheckpoint found = find_in_run(verified.path);
    Marks marks(found.run.directory());
    if (verified.is_sound()) {
      marks.set_verified(identify(found.directory, found.step), utc_now());
    } else {
      marks.clear_verified(found.step);
    }
  } catch (const Error&) {
  }
}

Verified verify_one(const std::string& path, const VerifyOptions& options) {
  Verified verified;
  verified.path = path;
  try {
    verify_into(verified, options);
  } catch (const Error& error) {
    verified.error = as_retired_if_gone(error, path);
  }
  note(verified, options);
  return verified;
}

std::string first_of(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

// Prints the damage of one file and the entries that it affects.
void print_file(std::vector<Damage>::const_iterator from, std::vector<Damage>::const_iterator to,
                std::size_t most) {
  std::vector<std::string> hurt;
  std::unordered_set<std::string> seen;
  for (auto damage = from; damage != to; ++damage) {
    if (static_cast<std::size_t>(damage - from) < most)
      std::cout << "  " << printable(damage->file) << ": " << damage->problem << "\n";
    for (const std::string& entry : damage->entries)
      if (seen.insert(entry).second) hurt.push_back(entry);
  }
  const auto count = static_cast<std::size_t>(to - from);
  if (count > most) std::cout << "  and " << count - most << " more blocks of this file\n";
  if (!hurt.empty()) std::cout << "    hurts " << printable(first_of(hurt, most)) << "\n";
}

void print_damage(const std::vector<Damage>& damage, std::size_t most) {
  for (auto from = damage.begin(); from != damage.end();) {
    const auto to = std::find_if(from, damage.end(),
                                 [&](const Damage& other) { return other.file != from->file; });
    print_file(from, to, most);
    from = to;
  }
}

std::string rate(const Verified& verified) {
  const auto bytes = static_cast<double>(verified.bytes);
  return text::format_bytes(bytes) + " in " + text::format_duration(verified.seconds) + ", " +
         text::format_bytes(bytes / std::max(verified.seconds, 1e-9)) + "/s";
}

void print(const Verified& verified, const VerifyOptions& options) {
  const Paint paint;
  std::cout << printable(verified.path) << ": ";
  if (verified.is_gone()) {
    std::cout << "removed by its run meanwhile\n";
  } else if (verified.error) {
    std::cout << paint.red("could not be read") << "\n  " << verified.error->what() << "\n";
  } else if (!verified.damage.empty()) {
    std::cout << paint.red("DAMAGED") << "\n";
    print_damage(verified.damage, options.most_named());
  } else if (options.quick) {
    std::cout << paint.green("complete") << " (files and sizes; their bytes were not read)\n";
  } else {
    std::cout << paint.green("sound") << " (" << rate(verified) << ")\n";
  }
}

Json json_of(const Verified& verified) {
  Json damage = Json::array();
  for (const Damage& one : verified.damage)
    damage.push_back({{"file", one.file}, {"problem", one.problem}, {"entries", one.entries}});
  return {{"path", verified.path},
          {"sound", verified.is_sound()},
          {"damage", damage},
          {"error", verified.error ? Json(verified.error->what()) : Json(nullptr)},
          {"bytes", verified.bytes},
          {"seconds", verified.seconds}};
}

std::string sum_up(std::size_t hurt, std::size_t looked_at) {
  if (hurt > 0) return std::to_string(hurt) + " damaged or unreadable";
  return looked_at == 0 ? "all of them removed by the run meanwhile" : "no damage found";
}

// The checkpoints that `where` names now; empty if there are none any more.
std::vector<std::string> located_now(const std::string& where) {
  try {
    return locate_checkpoints(posix_file_system(), where);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return {};
  }
}

int execute(const VerifyOptions& options) {
  std::size_t hurt = 0, gone = 0;
  Json checkpoints = Json::array();
  std::vector<std::string> found = locate_checkpoints(posix_file_system(), options.where);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string path = found[i];
    const Verified verified = verify_one(path, options);
    if (verified.is_gone()) ++gone;
    if (!verified.is_sound() && !verified.is_gone()) ++hurt;
    if (options.json) {
      checkpoints.push_back(json_of(verified));
    } else {
      print(verified, options);
    }
    // If a run that trains has removed all of them meanwhile, it has newer ones.
    if (gone == found.size())
      for (std::string& one : located_now(options.where))
        if (std::find(found.begin(), found.end(), one) == found.end())
          found.push_back(std::move(one));
  }
  const bool is_sound = hurt == 0 && gone < found.size();
  if (options.json) {
    print_json({{"sound", is_sound}, {"checkpoints", checkpoints}});
  } else if (found.size() > 1) {
    std::cout << found.size() << " checkpoints: " << sum_up(hurt, found.size() - gone) << "\n";
  }
  return is_sound ? kDone : kFailed;
}

}  // namespace

Subcommand add_verify(CLI::App& app) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* const verify = app.add_subcommand(
      "verify", "Says whether a checkpoint is sound, and which tensors are hurt");
  verify->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT|RUN", kContract));
  verify->add_option("CHECKPOINT", options->where, "A checkpoint directory, or a run directory")
      ->type_name("")
      ->required();
  CLI::Option* const deep = verify->add_flag(
      "--deep", options->deep, "Also check that the HDF5 metadata are what the catalog asks for");
  verify
      ->add_flag("--quick", options->quick, "Only check that all files are there with their sizes")
      ->excludes(deep);
  verify->add_flag("--all", options->all,
                   "Name every damaged block and tensor, not only the first few");
  add_reading_options(*verify, *options);
  return {verify, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
