#include "log/log_command.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/run/run_view.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "command/help.h"
#include "log/family.h"
#include "log/history.h"
#include "log/running.h"
#include "output/json_output.h"
#include "output/paint.h"
#include "output/wording.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "From the run's events.jsonl, times in UTC. Runs that began with a checkpoint of this one, or "
    "this\n"
    "one of theirs, are shown as a tree, if they lie beside it.\n"
    "Exit status: 0; 1 the run could not be read; 2 bad usage.";

struct LogOptions {
  std::string run;
  bool json = false;
};

std::string painted(const Happening& happening) {
  const Paint paint;
  const std::string text = printable(happening.text);
  switch (happening.tone) {
    case Tone::kGood:
      return paint.green(text);
    case Tone::kBad:
      return paint.red(text);
    default:
      return text;
  }
}

void print(const std::vector<Happening>& history, const RelatedRun& family,
           const std::string& run) {
  const Paint paint;
  if (history.empty()) std::cout << "nothing is logged\n";
  for (const Happening& one : history)
    std::cout << paint.dim(printable(readable_time(one.time))) << "  " << painted(one) << "\n";
  if (!family.forks.empty() || family.from) std::cout << "\n" << draw_tree(family, run);
}

Json json_of(const RelatedRun& run) {
  Json forks = Json::array();
  for (const RelatedRun& fork : run.forks) forks.push_back(json_of(fork));
  const Json from =
      run.from ? Json{{"run", run.from->run}, {"step", run.from->step}} : Json(nullptr);
  return {{"run", run.path}, {"from", from}, {"forks", forks}};
}

void print_as_json(const std::vector<LoggedEvent>& events, const std::vector<Happening>& history,
                   const RelatedRun& family) {
  Json logged = Json::array(), told = Json::array();
  for (const LoggedEvent& event : events)
    logged.push_back(Json::parse(to_json_line(event.event, event.time)));
  for (const Happening& one : history)
    told.push_back({{"time", one.time}, {"text", one.text}, {"bad", one.tone == Tone::kBad}});
  print_json({{"events", logged}, {"history", told}, {"family", json_of(family)}});
}

int execute(const LogOptions& options) {
  const RunView run(options.run);
  const std::vector<LoggedEvent> events = read_events(run.directory());
  const std::vector<Happening> history = tell_history(events, is_running(run.directory()));
  const RelatedRun family = find_family(options.run);
  if (options.json) {
    print_as_json(events, history, family);
  } else {
    print(history, family, options.run);
  }
  return kDone;
}

}  // namespace

Subcommand add_log(CLI::App& app) {
  const auto options = std::make_shared<LogOptions>();
  CLI::App* const log = app.add_subcommand("log", "Tells the history of a run");
  log->formatter(std::make_shared<Help>("[OPTIONS] RUN", kContract));
  log->add_option("RUN", options->run, "The run's directory")->type_name("")->required();
  log->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {log, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
