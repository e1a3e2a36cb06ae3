#include "report/page.h"

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

#include "output/wording.h"
#include "report/run_series.h"

namespace holdfast::tool {
namespace {

constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #68707a; --paper: #fff; --rule: #d9dee3;
        --curve: #0b66c3; --bad: #c62828; --good: #2e7d32; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --quiet: #98a2ad; --paper: #14171a; --rule: #333a41; --curve: #5aa9ff;
          --bad: #ff7b72; --good: #6fcf7c; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--ink); background: var(--paper);
       font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.quiet, small, figcaption { color: var(--quiet); }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0; }
dl div { min-width: 7rem; } dt { color: var(--quiet); font-size: .85rem; } dd { margin: 0; font-size: 1.2rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); column-gap: 2rem; }
figure { margin: 0 0 1.25rem; max-width: 38rem; break-inside: avoid; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--quiet); font-size: 12px; }
.curve { fill: none; stroke: var(--curve); stroke-width: 1.5; } circle { fill: var(--curve); }
.grid { stroke: var(--rule); } .axis, .checkpoint { stroke: var(--quiet); }
.crash { stroke: var(--bad); stroke-width: 5; opacity: .45; }
.failure { stroke: var(--bad); stroke-dasharray: 2 3; }
.resume { stroke: var(--good); stroke-width: 1.5; }
.bad { color: var(--bad); } .good { color: var(--good); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; border-bottom: 1px solid var(--rule);
         white-space: nowrap; }
th { color: var(--quiet); font-weight: normal; } .text { text-align: left; }
ol { list-style: none; padding: 0; } li { padding: .15rem 0; } time { color: var(--quiet); margin-right: .75rem; }
@media print { :root { color-scheme: light; --ink: #000; --quiet: #555; --paper: #fff; --rule: #ccc;
  --curve: #0b66c3; --bad: #b00; --good: #060; } body { max-width: none; font-size: 11pt; } .wide { overflow: visible; } }
)css";

constexpr std::size_t kMostHappenings = 2000;  // in the list of the history

std::string tag(const std::string& name, const std::string& content, const std::string& kind = "") {
  const std::string open = kind.empty() ? name : name + " class=\"" + kind + "\"";
  return "<" + open + ">" + content + "</" + name + ">";
}

std::string bytes_text(double bytes) {
  return text::format_bytes(bytes);
}

double sum(const Series& series) {
  double total = 0;
  for (const auto& [step, value] : series.points) total += value;
  return total;
}

std::vector<VerticalLine> marks_of(const std::vector<Happening>& history) {
  std::vector<VerticalLine> marks;
  for (const Happening& one : history) {
    if (one.what == What::kOther || one.step < 0) continue;
    const char* const kind = one.what == What::kCrash    ? "crash"
                             : one.what == What::kResume ? "resume"
                                                         : "failure";
    marks.push_back({static_cast<double>(one.step), kind,
                     "step " + text::format_count(one.step) + ", " + readable_time(one.time) +
                         ": " + one.text});
  }
  return marks;
}

std::ptrdiff_t count(const std::vector<Happening>& history, What what) {
  return std::count_if(history.begin(), history.end(),
                       [&](const Happening& one) { return one.what == what; });
}

std::string tile(const std::string& name, const std::string& value) {
  return "<div>" + tag("dt", escape_html(name)) + tag("dd", escape_html(value)) + "</div>\n";
}

std::string best_text(const RunListing& listing, const ListedCheckpoint& best) {
  return text::format_metric(best.metrics.at(listing.retention.metric)) + " at step " +
         text::format_count(best.step);
}

std::string tiles(const Report& report) {
  const Series saves = durable_series(report.events);
  std::string html = "<dl>\n";
  if (!report.listing.checkpoints.empty())
    html += tile("newest step", text::format_count(report.listing.checkpoints.back().step));
  for (const ListedCheckpoint& one : report.listing.checkpoints)
    if (one.is_best)
      html += tile("best " + report.listing.retention.metric, best_text(report.listing, one));
  html += tile("saves", text::format_count(static_cast<std::int64_t>(saves.points.size())));
  const Series blocked = blocked_series(report.events);
  if (!blocked.points.empty())
    html += tile("training held up by saves", text::format_short_duration(sum(blocked)));
  html += tile("crashes", std::to_string(count(report.history, What::kCrash)));
  html += tile("resumes", std::to_string(count(report.history, What::kResume)));
  return html + "</dl>\n";
}

// The label of a gridline: a round number with all its digits.
std::string metric_tick(double value) {
  return number_text(value, 14);
}

std::string side_by_side(const std::string& figures) {
  return "<div class=\"plots\">\n" + figures + "</div>\n";
}

std::string metric_plots(const Report& report, const std::vector<VerticalLine>& marks,
                         const std::vector<double>& ticks) {
  const bool has_file = !report.metrics.empty();
  const std::vector<Series> metrics = has_file ? report.metrics : metrics_of(report.listing);
  if (metrics.empty())
    return tag("p", "The run has no metrics: neither in a metrics.csv nor in its checkpoints.",
               "quiet");
  std::string figures;
  for (const Series& series : metrics)
    figures += draw({series.name, series, marks, ticks, text::format_metric, metric_tick});
  const std::string source =
      has_file
          ? ""
          : tag("p", "There is no metrics.csv; these are the metrics of the checkpoints.", "quiet");
  return source + side_by_side(figures);
}

std::string save_plots(const Report& report, const std::vector<VerticalLine>& marks,
                       const std::vector<double>& ticks) {
  const auto plot = [&](const char* title, Series series,
                        std::string (*y_text)(double)) -> std::string {
    if (series.points.empty()) return "";
    return draw({title, std::move(series), marks, ticks, y_text});
  };
  const std::string figures = plot("Time until a checkpoint was durable",
                                   durable_series(report.events), text::format_short_duration) +
                              plot("Time that saves held up the training",
                                   blocked_series(report.events), text::format_short_duration) +
                              plot("Size of a checkpoint", size_series(report.events), bytes_text);
  return figures.empty() ? tag("p", "No save was logged.", "quiet") : side_by_side(figures);
}

std::string row(const ListedCheckpoint& one, const std::set<std::string>& metrics) {
  std::string html =
      tag("td", text::format_count(one.step)) + tag("td", escape_html(readable_time(one.created))) +
      tag("td", one.problem.empty() ? bytes_text(static_cast<double>(one.bytes)) : "");
  for (const std::string& name : metrics) {
    const auto found = one.metrics.find(name);
    html += tag("td", found == one.metrics.end() ? "" : text::format_metric(found->second));
  }
  html += tag("td", one.is_best ? "best" : "", "text good");
  html += tag("td", escape_html(one.kept.empty() ? "goes next" : joined(one.kept)), "text");
  html += one.problem.empty()
              ? tag("td", one.verified.empty() ? "no" : escape_html(readable_time(one.verified)),
                    "text")
              : tag("td", "unusable: " + escape_html(one.problem), "text bad");
  return tag("tr", html) + "\n";
}

std::string checkpoint_table(const RunListing& listing) {
  if (listing.checkpoints.empty()) return tag("p", "The run has no checkpoint.", "quiet");
  const std::set<std::string> metrics = names_of_metrics(listing);
  std::string head = tag("th", "step") + tag("th", "saved") + tag("th", "size");
  for (const std::string& name : metrics) head += tag("th", escape_html(name));
  head += tag("th", "") + tag("th", "kept", "text") + tag("th", "verified", "text");
  std::string html =
      "<div class=\"wide\"><table>\n<thead>" + tag("tr", head) + "</thead>\n<tbody>\n";
  for (const ListedCheckpoint& one : listing.checkpoints) html += row(one, metrics);
  return html + "</tbody></table></div>\n";
}

std::string set_aside(const char* title, const std::vector<SetAside>& checkpoints) {
  if (checkpoints.empty()) return "";
  std::string html = tag("h2", title) + "\n<ol>\n";
  for (const SetAside& one : checkpoints)
    html +=
        tag("li", escape_html(one.name) + " " + tag("small", escape_html(in_short(one.reason)))) +
        "\n";
  return html + "</ol>\n";
}

std::string in_the_way(const std::vector<Error>& entries) {
  std::string html;
  for (const Error& one : entries) html += tag("p", escape_html(one.what()), "quiet") + "\n";
  return html;
}

std::string history_list(const std::vector<Happening>& history) {
  if (history.empty()) return tag("p", "Nothing was logged.", "quiet");
  std::string html = "<ol>\n";
  const std::size_t left_out = history.size() - std::min(history.size(), kMostHappenings);
  if (left_out > 0)
    html += tag("li",
                text::format_count(static_cast<std::int64_t>(left_out)) +
                    " earlier events are left out; holdfast log shows them",
                "quiet") +
            "\n";
  for (std::size_t i = left_out; i < history.size(); ++i) {
    const Happening& one = history[i];
    const char* const kind = one.tone == Tone::kBad ? "bad" : one.tone == Tone::kGood ? "good" : "";
    html += tag("li", tag("time", escape_html(readable_time(one.time))) +
                          tag("span", escape_html(one.text), kind)) +
            "\n";
  }
  return html + "</ol>\n";
}

std::vector<double> checkpoint_steps(const RunListing& listing) {
  std::vector<double> steps;
  for (const ListedCheckpoint& one : listing.checkpoints)
    steps.push_back(static_cast<double>(one.step));
  return steps;
}

}  // namespace

std::string page_of(const Report& report) {
  const std::vector<double> ticks = checkpoint_steps(report.listing);
  const std::vector<VerticalLine> marks = marks_of(report.history);
  const std::string name = escape_html(report.run);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n" +
         tag("title", name) + "\n<style>" + kStyle + "</style>\n</head>\n<body>\n" +
         tag("h1", name) + "\n" +
         tag("p", "As of " + readable_time(report.made) + " UTC", "quiet") + "\n" + tiles(report) +
         tag("h2", "Metrics") + "\n" +
         tag("p",
             "Strokes below a plot are checkpoints that still exist. Red: a crash, drawn at the "
             "last "
             "step that was saved; dotted red: a failure. Green: a resume.",
             "quiet") +
         "\n" + metric_plots(report, marks, ticks) + tag("h2", "Saves") + "\n" +
         save_plots(report, marks, ticks) + tag("h2", "Checkpoints") + "\n" +
         checkpoint_table(report.listing) + in_the_way(report.listing.in_the_way) +
         set_aside("Quarantined", report.listing.quarantined) +
         set_aside("Superseded", report.listing.superseded) + tag("h2", "History") + "\n" +
         history_list(report.history) + "</body>\n</html>\n";
}

}  // namespace holdfast::tool
