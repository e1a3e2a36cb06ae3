// The command line tool. Each subcommand is a source of its own, added to the list in run_tool().
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command/complain.h"
#include "command/help.h"
#include "command/subcommand.h"
#include "completion/complete_command.h"
#include "convert/export_command.h"
#include "convert/import_command.h"
#include "convert/slim_command.h"
#include "diff/diff_command.h"
#include "keep/gc_command.h"
#include "keep/pin_command.h"
#include "keep/rm_command.h"
#include "keep/tag_command.h"
#include "log/log_command.h"
#include "ls/ls_command.h"
#include "manual/manual_command.h"
#include "prove/prove_command.h"
#include "report/report_command.h"
#include "run/run_command.h"
#include "show/show_command.h"
#include "verify/verify_command.h"

namespace holdfast::tool {
namespace {

using Words = std::vector<std::string>;

bool takes_command(const std::string& subcommand) {
  return subcommand == "prove" || subcommand == "run";
}

// Removes "--" and all words behind it from `words`, and returns the words behind it. They are
// another program's command line and must not pass through CLI11, which reads "[a,b]" as two words.
Words take_command(Words& words) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (words.empty() || !takes_command(words.front()) || dashes == words.end()) return {};
  Words command(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return command;
}

// Returns `status`, or `trouble` if the output could not be written. A full disk or a closed
// standard output may not show before the stream is flushed.
int unless_output_is_lost(int status, int trouble) {
  if (std::cout.flush()) return status;
  complain("the standard output could not be written");
  return trouble;
}

// Refuses options with an empty value: most likely a script has used a variable that is not set.
// Without this check the option would count as not given.
void refuse_empty_values(CLI::App& app) {
  const auto check = [](const std::string& value) {
    return std::string(value.empty() ? "the value is empty" : "");
  };
  for (CLI::App* const command : app.get_subcommands([](CLI::App*) { return true; }))
    for (CLI::Option* const option : command->get_options())
      if (option->nonpositional() && option->get_items_expected_max() > 0) option->check(check);
}

// Without this, a write beyond RLIMIT_FSIZE would kill the tool by SIGXFSZ. Now the write fails
// with EFBIG, and the unfinished file is removed. A handler is set instead of SIG_IGN, which
// programs that this one starts would inherit; if SIG_IGN was inherited, it is put back.
void survive_file_size_limit() {
  if (std::signal(SIGXFSZ, [](int) {}) == SIG_IGN) std::signal(SIGXFSZ, SIG_IGN);
}

int run_tool(Words words) {
  CLI::App app("Checkpoints and exact resume for C++ training on LibTorch", "holdfast");
  app.set_version_flag("--version", "holdfast " HOLDFAST_VERSION);
  const Words command = take_command(words);
  const std::vector<Subcommand> subcommands = {
      add_ls(app),           add_show(app),     add_log(app),
      add_verify(app),       add_diff(app),     add_gc(app),
      add_rm(app),           add_pin(app),      add_unpin(app),
      add_tag(app),          add_report(app),   add_export(app),
      add_import(app),       add_slim(app),     add_prove(app, command),
      add_run(app, command), add_complete(app), add_manual(app)};
  app.formatter(std::make_shared<Help>("[OPTIONS] SUBCOMMAND"));

  refuse_empty_values(app);

  const auto chosen = [&] {
    return std::find_if(subcommands.begin(), subcommands.end(),
                        [](const Subcommand& one) { return one.parser->parsed(); });
  };

  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them in reverse order
    app.parse(std::move(words));
    if (chosen() == subcommands.end()) throw CLI::RequiredError("a subcommand");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)  // --help, --version
      return unless_output_is_lost(app.exit(error), kFailed);
    complain(reason_of(error));
    std::cerr << "\n" << app.help();
    return kBadUsage;
  }
  return unless_output_is_lost(chosen()->execute(), chosen()->trouble);
}

}  // namespace
}  // namespace holdfast::tool

int main(int argc, char** argv) {
  holdfast::tool::survive_file_size_limit();
  try {
    return holdfast::tool::run_tool({argv + 1, argv + argc});
  } catch (const holdfast::Error& error) {
    holdfast::tool::complain(holdfast::tool::reason_of(error));
    return error.kind() == holdfast::ErrorKind::kInvalidArgument ? holdfast::kBadUsage
                                                                 : holdfast::kFailed;
  } catch (const std::exception& error) {
    holdfast::tool::complain(holdfast::tool::reason_of(error));
    return holdfast::kFailed;
  }
}
