// The bench of Holdfast. Each subcommand is in a source file of its own, and in the list in
// run_bench().
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"

namespace holdfast::bench {
namespace {

int run_bench(std::vector<std::string> words) {
  CLI::App app("Measures saves and loads, and the limits of the machine", "holdfast_bench");
  const std::vector<Subcommand> subcommands = {add_save(app),  add_load(app),   add_stall(app),
                                               add_small(app), add_shards(app), add_floor(app),
                                               add_copy(app),  add_serve(app)};
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them last to first
    app.parse(std::move(words));
    if (app.get_subcommands().size() != 1) throw CLI::RequiredError("one subcommand");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    std::cerr << "holdfast_bench: " << error.what() << "\n\n" << app.help();
    return kBadUsage;
  }
  for (const Subcommand& subcommand : subcommands)
    if (subcommand.parser->parsed()) subcommand.execute();
  return kDone;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  try {
    return holdfast::bench::run_bench({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "holdfast_bench: " << error.what() << "\n";
    return holdfast::kFailed;
  }
}
