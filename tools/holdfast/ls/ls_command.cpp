#include "ls_command.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/run/run_listing.h>
#include <holdfast/text/table.h>
#include <holdfast/text/units.h>

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "command/help.h"
#include "output/age.h"
#include "output/json_output.h"
#include "output/paint.h"
#include "output/wording.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "KEPT says why retention keeps a checkpoint. The run's next save, or holdfast gc, removes\n"
    "those that \"goes next\" stands beside. VERIFIED says when holdfast verify last found it\n"
    "sound.\n"
    "Exit status: 0 listed; 1 the run could not be read; 2 bad usage.";

struct LsOptions {
  std::string run;
  bool json = false;
};

std::string kept_text(const ListedCheckpoint& one) {
  return printable(joined(one.kept));
}

text::Cells cells_of(const ListedCheckpoint& one, const std::set<std::string>& metrics) {
  const Paint paint;
  text::Cells cells = {text::format_count(one.step), format_age(one.created),
                       text::format_bytes(static_cast<double>(one.bytes))};
  for (const std::string& name : metrics) {
    const auto found = one.metrics.find(name);
    cells.push_back(found == one.metrics.end() ? "" : text::format_metric(found->second));
  }
  cells.push_back(one.is_best ? paint.green("best") : "");
  cells.push_back(one.kept.empty() ? paint.dim("goes next") : kept_text(one));
  cells.push_back(one.verified.empty() ? paint.dim("no") : format_age(one.verified));
  return cells;
}

text::Cells unusable_cells(const ListedCheckpoint& one, const std::set<std::string>& metrics) {
  text::Cells cells = {text::format_count(one.step), "", ""};
  cells.resize(cells.size() + metrics.size() + 1);
  cells.push_back(kept_text(one));
  cells.push_back(Paint().red("UNUSABLE"));
  return cells;
}

void print_table(const RunListing& listing) {
  const std::set<std::string> metrics = names_of_metrics(listing);
  std::vector<text::Column> columns = {
      {"STEP", text::Align::kRight}, {"SAVED", text::Align::kRight}, {"SIZE", text::Align::kRight}};
  for (const std::string& name : metrics) columns.push_back({printable(name), text::Align::kRight});
  for (const char* name : {"", "KEPT", "VERIFIED"}) columns.push_back({name});
  std::vector<text::Cells> rows;
  for (const ListedCheckpoint& one : listing.checkpoints)
    rows.push_back(one.problem.empty() ? cells_of(one, metrics) : unusable_cells(one, metrics));
  std::cout << text::format_columns(columns, rows);
}

void print_set_aside(const char* what, const std::vector<SetAside>& checkpoints) {
  if (!checkpoints.empty()) std::cout << "\n" << what << ":\n";
  for (const SetAside& one : checkpoints) {
    std::cout << "  " << printable(one.name);
    if (!one.reason.empty()) std::cout << "  " << printable(in_short(one.reason));
    std::cout << "\n";
  }
}

void print_stray(const std::vector<StrayMark>& marks) {
  if (!marks.empty()) std::cout << "\nmarks whose checkpoint is not listed above:\n";
  for (const StrayMark& one : marks)
    std::cout << "  " << (one.tag.empty() ? "pin" : "tag " + one.tag) << " of step "
              << text::format_count(one.step) << ", "
              << (one.place.empty() ? "which is gone" : "now " + printable(one.place)) << "\n";
}

void print(const RunListing& listing, const std::string& run) {
  if (listing.checkpoints.empty()) {
    std::cout << printable(run) << " has no checkpoint\n";
  } else {
    print_table(listing);
  }
  for (const ListedCheckpoint& one : listing.checkpoints)
    if (!one.problem.empty()) std::cout << "\n" << one.problem << "\n";
  for (const Error& one : listing.in_the_way) std::cout << "\n" << one.what() << "\n";
  print_set_aside("quarantined", listing.quarantined);
  print_set_aside("superseded", listing.superseded);
  print_stray(listing.stray);
}

Json json_of(const ListedCheckpoint& one) {
  return {{"step", one.step},
          {"path", one.path},
          {"created", one.created.empty() ? Json(nullptr) : Json(one.created)},
          {"bytes", one.created.empty() ? Json(nullptr) : Json(one.bytes)},
          {"metrics", json_numbers(one.metrics)},
          {"newest", one.is_newest},
          {"best", one.is_best},
          {"pinned", one.is_pinned},
          {"tags", one.tags},
          {"kept", one.kept},
          {"verified", one.verified.empty() ? Json(nullptr) : Json(one.verified)},
          {"problem", one.problem.empty() ? Json(nullptr) : Json(one.problem)}};
}

Json json_of(const std::vector<SetAside>& checkpoints) {
  Json list = Json::array();
  for (const SetAside& one : checkpoints)
    list.push_back({{"name", one.name}, {"reason", one.reason}});
  return list;
}

Json json_of(const std::vector<StrayMark>& marks) {
  Json list = Json::array();
  for (const StrayMark& one : marks)
    list.push_back({{"tag", one.tag.empty() ? Json(nullptr) : Json(one.tag)},
                    {"step", one.step},
                    {"place", one.place.empty() ? Json(nullptr) : Json(one.place)}});
  return list;
}

void print_as_json(const RunListing& listing, const std::string& run) {
  Json checkpoints = Json::array(), in_the_way = Json::array();
  for (const ListedCheckpoint& one : listing.checkpoints) checkpoints.push_back(json_of(one));
  for (const Error& one : listing.in_the_way) in_the_way.push_back(one.what());
  print_json({{"run", run},
              {"checkpoints", checkpoints},
              {"quarantined", json_of(listing.quarantined)},
              {"superseded", json_of(listing.superseded)},
              {"in_the_way", in_the_way},
              {"stray_marks", json_of(listing.stray)}});
}

int execute(const LsOptions& options) {
  const RunListing listing = list_run(RunView(options.run));
  if (options.json) {
    print_as_json(listing, options.run);
  } else {
    print(listing, options.run);
  }
  return kDone;
}

}  // namespace

Subcommand add_ls(CLI::App& app) {
  const auto options = std::make_shared<LsOptions>();
  CLI::App* const ls = app.add_subcommand("ls", "Lists the checkpoints of a run");
  ls->formatter(std::make_shared<Help>("[OPTIONS] RUN", kContract));
  ls->add_option("RUN", options->run, "The run's directory")->type_name("")->required();
  ls->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {ls, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
