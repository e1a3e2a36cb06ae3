#include "report/report_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/run/run_view.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command/help.h"
#include "log/running.h"
#include "report/metrics_file.h"
#include "report/page.h"

namespace holdfast::tool {
namespace {

constexpr const char* kMetricsFile = "metrics.csv";
constexpr std::size_t kReadBytes = 1 << 20;

constexpr const char* kContract =
    "The page is one file that needs no network. It shows metrics over steps with crashes,\n"
    "resumes and checkpoints, how long saves took, the checkpoints, and the history. A file\n"
    "that exists is replaced.\n"
    "Exit status: 0 made; 1 it could not be made; 2 bad usage.";

struct ReportOptions {
  std::string run;
  std::string file;  // if empty, report.html in the run
};

std::vector<Series> metrics_of(const Directory& run) {
  if (run.type_of(kMetricsFile) != FileType::kRegular) return {};
  const File file = run.open_file(kMetricsFile);
  MetricsReader reader;
  std::string part(kReadBytes, '\0');
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = file.read_at(offset, {part.data(), part.size()});
    if (count == 0) return reader.finish();
    reader.add(std::string_view(part).substr(0, count));
    offset += count;
  }
}

void write(const std::string& file, const std::string& page) {
  const std::filesystem::path path(file);
  const std::string name = path.filename().string();
  const Directory parent = Directory::open(
      posix_file_system(), path.has_parent_path() ? path.parent_path().string() : ".");
  if (parent.type_of(name).value_or(FileType::kRegular) != FileType::kRegular)
    throw Error(ErrorKind::kExists, "the report cannot take the place of what is there")
        .at(file)
        .expected("a file, or nothing")
        .found("a directory, a link, a device or the like")
        .remedy("choose another file");
  parent.replace_shared_file(name, ByteView(page));
}

int execute(const ReportOptions& options) {
  const RunView run(options.run);
  Report report{options.run, utc_now(), list_run(run), read_events(run.directory()), {}, {}};
  report.history = tell_history(report.events, is_running(run.directory()));
  report.metrics = metrics_of(run.directory());
  const std::string file = options.file.empty()
                               ? (std::filesystem::path(options.run) / "report.html").string()
                               : options.file;
  write(file, page_of(report));
  std::cout << printable(file) << "\n";
  return kDone;
}

}  // namespace

Subcommand add_report(CLI::App& app) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* const report = app.add_subcommand("report", "Makes a page of HTML about a run");
  report->formatter(std::make_shared<Help>("[OPTIONS] RUN", kContract));
  report->add_option("RUN", options->run, "The run's directory")->type_name("")->required();
  report->add_option("--to", options->file, "The file to write; default: RUN/report.html")
      ->type_name("FILE");
  return {report, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
