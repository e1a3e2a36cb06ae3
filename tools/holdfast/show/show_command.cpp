#include "show_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/load/locate.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "help.h"
#include "progress_bar.h"
#include "reading.h"
#include "shown.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "A run stands for its newest checkpoint. PATTERN is one of fnmatch(3) on the names of "
    "entries,\n"
    "whose '*' also matches '/': 'models/*', '*/fc1.weight'. Without it the entries are not "
    "listed,\n"
    "but for --stats, and in JSON. Statistics are of all that is not NaN, the mean of what is "
    "finite;\n"
    "of complex numbers they are of the moduli.\n"
    "Exit status: 0 shown; 1 it could not be read, or nothing matches; 2 bad usage.";

constexpr std::uint64_t kLongestText = 60;  // bytes of one, for people
constexpr std::uint64_t kLongestJsonText = 1 << 16;

struct ShowOptions : ReadingOptions {
  std::string where;
  std::string pattern;
  bool statistics = false;
  bool all = false;

  bool lists_entries() const { return !pattern.empty() || statistics || json; }
};

bool has_numbers(const format::Entry& entry) {
  return entry.kind == format::Kind::kTensor || entry.kind == format::Kind::kScalar;
}

std::vector<ShownEntry> matching(const CheckpointFiles& files, const std::string& pattern,
                                 const ShowOptions& options) {
  std::vector<ValueRequest> requests;
  for (const format::Entry& entry : files.catalog().entries)
    if (format::matches(pattern, entry.name)) requests.push_back({&entry});
  const std::vector<Value> values =
      read_values(files, requests, options.threads, options.json ? kLongestJsonText : kLongestText);
  std::vector<ShownEntry> entries;
  for (std::size_t i = 0; i < requests.size(); ++i)
    entries.push_back({requests[i].entry, values[i], std::nullopt});
  return entries;
}

void add_statistics(const CheckpointFiles& files, std::vector<ShownEntry>& shown, int threads) {
  std::vector<ShownEntry*> places;
  std::vector<const format::Entry*> entries;
  std::uint64_t bytes = 0;
  for (ShownEntry& one : shown) {
    if (!has_numbers(*one.entry)) continue;
    places.push_back(&one);
    entries.push_back(one.entry);
    bytes += format::bytes_of(*one.entry);
  }
  ProgressBar bar("reading", bytes);
  const auto found = statistics_of(files, entries, threads, [&](auto more) { bar.add(more); });
  for (std::size_t i = 0; i < found.size(); ++i) places[i]->statistics = found[i];
}

std::vector<ShownEntry> entries_to_show(const CheckpointFiles& files, const ShowOptions& options) {
  if (!options.lists_entries()) return {};
  const std::string pattern = options.pattern.empty() ? "*" : options.pattern;
  std::vector<ShownEntry> entries = matching(files, pattern, options);
  if (entries.empty() && !options.pattern.empty())
    throw Error(ErrorKind::kNotFound, "no entry matches the pattern")
        .at(files.path())
        .found("'" + options.pattern + "'")
        .remedy("'" + options.pattern + "*' matches what begins so, '*' everything");
  if (options.statistics) add_statistics(files, entries, options.threads);
  return entries;
}

int execute(const ShowOptions& options) {
  const CheckpointFiles files(locate_checkpoint(posix_file_system(), options.where));
  const Shown shown{files, parts_of(files.catalog()), read_optimizers(files, options.threads),
                    matching(files, "progress/*", options), entries_to_show(files, options)};
  if (options.json) {
    print_json(json_of(shown));
    return kDone;
  }
  std::cout << heading_of(shown);
  if (options.pattern.empty() || options.all) std::cout << "\n" << summary_of(shown);
  if (options.all) std::cout << details_of(shown);
  if (!shown.entries.empty()) std::cout << "\n" << table_of(shown.entries);
  return kDone;
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
