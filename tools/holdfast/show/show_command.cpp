#include "show_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/run/locate.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command/complain.h"
#include "command/help.h"
#include "command/reading.h"
#include "output/progress_bar.h"
#include "show/sound_reading.h"
#include "shown.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "A run stands for its newest checkpoint. PATTERN is matched with the names of entries, as\n"
    "fnmatch(3) does, but '*' also matches '/': 'models/*', '*/fc1.weight'. Entries are listed\n"
    "only with PATTERN, --stats or --json. Statistics leave out NaNs, and the mean also\n"
    "infinities; those of complex numbers are of their moduli. Damaged entries are marked.\n"
    "Exit status: 0 shown; 1 damaged, or it could not be read, or nothing matches; 2 bad usage.";

constexpr std::uint64_t kLongestText = 60;  // longer texts are cut to this many bytes for people
constexpr std::uint64_t kLongestJsonText = 1 << 16;

struct ShowOptions : ReadingOptions {
  std::string where;
  std::string pattern;
  bool statistics = false;
  bool all = false;

  bool lists_entries() const { return !pattern.empty() || statistics || json; }
};

bool has_numbers(const format::Entry& entry) {
  return entry.kind == Kind::kTensor || entry.kind == Kind::kScalar;
}

std::string in_lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// A hint for a pattern that matches nothing.
std::string what_matches(const CheckpointFiles& files, const std::string& pattern) {
  const auto& entries = files.catalog().entries;
  for (const std::string& other : {pattern + "*", "*" + pattern, "*" + pattern + "*"}) {
    const auto matches = [&](const format::Entry& one) { return format::matches(other, one.name); };
    if (std::any_of(entries.begin(), entries.end(), matches))
      return "'" + other + "' matches some, '*' all";
  }
  const std::string lower = "*" + in_lower_case(pattern) + "*";
  for (const format::Entry& one : entries)
    if (format::matches(lower, in_lower_case(one.name)))
      return "upper and lower case differ: there is " + one.name;
  return "'*' lists all";
}

// Keeps the first damage that was found.
void note(std::string& damage, const std::string& more) {
  if (damage.empty()) damage = more;
}

std::vector<ShownEntry> matching(const CheckpointFiles& files, const std::string& pattern,
                                 const ShowOptions& options, std::string& damage) {
  std::vector<ShownEntry> entries;
  for (const format::Entry& entry : files.catalog().entries)
    if (format::matches(pattern, entry.name)) entries.emplace_back().entry = &entry;
  std::vector<ShownEntry*> all;
  for (ShownEntry& one : entries) all.push_back(&one);
  const auto read = [&](const std::vector<ShownEntry*>& places) {
    std::vector<SmallValueRequest> requests;
    for (const ShownEntry* one : places) requests.push_back({one->entry});
    const std::vector<SmallValue> values = read_small_values(
        files, requests, options.threads, options.json ? kLongestJsonText : kLongestText);
    for (std::size_t i = 0; i < places.size(); ++i) places[i]->value = values[i];
  };
  note(damage, read_what_is_sound(files, all, read));
  return entries;
}

void add_statistics(const CheckpointFiles& files, std::vector<ShownEntry>& shown, int threads,
                    std::string& damage) {
  std::vector<ShownEntry*> all;
  std::uint64_t bytes = 0;
  for (ShownEntry& one : shown) {
    if (!has_numbers(*one.entry) || one.is_damaged) continue;
    all.push_back(&one);
    bytes += format::bytes_of(*one.entry);
  }
  ProgressBar bar("reading", bytes);
  const auto read = [&](const std::vector<ShownEntry*>& places) {
    std::vector<const format::Entry*> entries;
    for (const ShownEntry* one : places) entries.push_back(one->entry);
    const auto found = statistics_of(files, entries, threads, [&](auto more) { bar.add(more); });
    for (std::size_t i = 0; i < places.size(); ++i) places[i]->statistics = found[i];
  };
  note(damage, read_what_is_sound(files, all, read));
}

std::vector<ShownEntry> entries_to_show(const CheckpointFiles& files, const ShowOptions& options,
                                        std::string& damage) {
  if (!options.lists_entries()) return {};
  const std::string pattern = options.pattern.empty() ? "*" : options.pattern;
  std::vector<ShownEntry> entries = matching(files, pattern, options, damage);
  if (entries.empty() && !options.pattern.empty())
    throw Error(ErrorKind::kNotFound, "no entry matches the pattern")
        .at(files.path())
        .found("'" + options.pattern + "'")
        .remedy(what_matches(files, options.pattern));
  if (options.statistics) add_statistics(files, entries, options.threads, damage);
  return entries;
}

void print(const Shown& shown, const ShowOptions& options) {
  if (options.json) return print_json(json_of(shown));
  std::cout << heading_of(shown);
  if (options.pattern.empty() || options.all) std::cout << "\n" << summary_of(shown);
  if (options.all) std::cout << details_of(shown);
  if (!shown.entries.empty()) std::cout << "\n" << table_of(shown.entries);
}

int show(const CheckpointFiles& files, const ShowOptions& options) {
  Shown shown{files, parts_of(files.catalog()), {}, {}, {}, ""};
  shown.optimizers = read_optimizers(files, options.threads);
  for (const OptimizerInfo& one : shown.optimizers) note(shown.damage, one.damage);
  shown.progress = matching(files, "progress/*", options, shown.damage);
  shown.entries = entries_to_show(files, options, shown.damage);
  print(shown, options);
  if (shown.damage.empty()) return kDone;
  std::cout << std::flush;
  complain(shown.damage);
  return kFailed;
}

int execute(const ShowOptions& options) {
  return with_checkpoint(posix_file_system(), options.where, [&](Directory checkpoint) {
    return show(CheckpointFiles(std::move(checkpoint)), options);
  });
}

}  // namespace

Subcommand add_show(CLI::App& app) {
  const auto options = std::make_shared<ShowOptions>();
  CLI::App* const show = app.add_subcommand("show", "Shows what is in a checkpoint");
  show->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT|RUN [PATTERN]", kContract));
  show->add_option("CHECKPOINT", options->where, "A checkpoint directory, or a run directory")
      ->type_name("")
      ->required();
  show->add_option("PATTERN", options->pattern, "Which entries to list")->type_name("");
  show->add_flag("--stats", options->statistics,
                 "Minimum, maximum, mean, NaNs and infinities of the entries");
  show->add_flag("--all", options->all, "Also environment, configuration and files");
  add_reading_options(*show, *options);
  return {show, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
