#include "diff_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/compare.h>
#include <holdfast/checkpoint/run/locate.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "command/complain.h"
#include "command/help.h"
#include "command/reading.h"
#include "comparison_output.h"
#include "output/progress_bar.h"

namespace holdfast::tool {
namespace {

// Exit statuses, the same as those of diff(1).
enum DiffStatus { kIdentical = 0, kDifferent = 1, kTrouble = 2 };

constexpr const char* kContract =
    "A and B are checkpoints; a run stands for its newest one. ABSOLUTE is the largest |b - a|\n"
    "of a tensor's elements; RELATIVE is the largest |b - a| / max(|a|, |b|). Without\n"
    "--verify, blocks with the same digest in both are taken as equal and are not read;\n"
    "holdfast verify reads them. All files must be there with their sizes.\n"
    "Exit status: 0 identical; 1 different; 2 bad usage, or one could not be read.";

struct DiffOptions : ReadingOptions {
  std::string a, b;
  std::string model;
  bool verify = false;
  bool all = false;
};

// The pattern of the entries to compare.
std::string pattern_of(const DiffOptions& options) {
  return options.model.empty() ? "*"
                               : format::literal(format::join({"models", options.model})) + "/*";
}

// The size of the entries that match; a tied tensor counts once.
std::uint64_t bytes_in(const CheckpointFiles& files, const std::string& pattern) {
  std::uint64_t bytes = 0;
  for (const format::Entry& entry : files.catalog().entries)
    if (entry.alias_of.empty() && format::matches(pattern, entry.name))
      bytes += format::bytes_of(entry);
  return bytes;
}

bool has_match(const CheckpointFiles& files, const std::string& pattern) {
  const auto& entries = files.catalog().entries;
  return std::any_of(entries.begin(), entries.end(), [&](const format::Entry& entry) {
    return format::matches(pattern, entry.name);
  });
}

void require_model(const std::string& model, const CheckpointFiles& a, const CheckpointFiles& b,
                   const std::string& pattern) {
  if (model.empty() || has_match(a, pattern) || has_match(b, pattern)) return;
  throw Error(ErrorKind::kNotFound, "neither checkpoint has a model of this name")
      .at(a.path() + " and " + b.path())
      .found(model);
}

Json about(const CheckpointFiles& files) {
  return {
      {"path", files.path()}, {"step", files.manifest().step}, {"run_id", files.manifest().run_id}};
}

void print(const char* name, const CheckpointFiles& files) {
  std::cout << name << ": " << printable(files.path()) << ", step " << files.manifest().step
            << "\n";
}

int diff(const DiffOptions& options, const CheckpointFiles& a, const CheckpointFiles& b) {
  const std::string pattern = pattern_of(options);
  require_model(options.model, a, b, pattern);
  Comparison comparison;
  {
    ProgressBar bar("comparing", bytes_in(a, pattern));
    const auto progress = [&](std::uint64_t bytes) { bar.add(bytes); };
    CompareOptions how;
    if (!options.model.empty()) how.include = {pattern};
    how.skip_equal_blocks = !options.verify;
    how.progress = progress;
    comparison = compare(a, b, options.threads, how);
  }
  if (options.json) {
    Json document = {{"a", about(a)}, {"b", about(b)}};
    document.update(json_of(comparison));
    print_json(document);
  } else {
    print("A", a);
    print("B", b);
    std::cout << text_of(comparison, options.all);
  }
  return comparison.differences.empty() ? kIdentical : kDifferent;
}

int execute(const DiffOptions& options) {
  try {
    return with_checkpoint(posix_file_system(), options.a, [&](Directory of_a) {
      const CheckpointFiles a(std::move(of_a));
      return with_checkpoint(posix_file_system(), options.b, [&](Directory of_b) {
        return diff(options, a, CheckpointFiles(std::move(of_b)));
      });
    });
  } catch (const std::exception& error) {
    complain(reason_of(error));
    return kTrouble;
  }
}

}  // namespace

Subcommand add_diff(CLI::App& app) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App* const diff = app.add_subcommand(
      "diff", "Compares two checkpoints: are the bits the same, or what differs and by how much");
  diff->formatter(std::make_shared<Help>("[OPTIONS] A B", kContract));
  diff->add_option("A", options->a, "A checkpoint, or a run")->type_name("")->required();
  diff->add_option("B", options->b, "Another checkpoint, or a run")->type_name("")->required();
  diff->add_option("--model", options->model, "Compare only this model")->type_name("NAME");
  diff->add_flag("--verify", options->verify, "Also read and verify blocks with the same digests");
  diff->add_flag("--all", options->all, "Show every difference, not only the largest of each part");
  add_reading_options(*diff, *options);
  return {diff, [options] { return execute(*options); }, kTrouble};
}

}  // namespace holdfast::tool
