#include "prove_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/utf8.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "command/between.h"
#include "command/complain.h"
#include "command/help.h"
#include "output/paint.h"
#include "prover.h"
#include "report.h"

namespace holdfast::tool {
namespace {

constexpr int kMost = 1'000'000'000;
constexpr int kMostCrashes = 1000;
constexpr int kNothingProven = 3;  // an exit status of this subcommand alone
constexpr std::size_t kLogLines = 10;

constexpr const char* kContract =
    "In the command's arguments {run} stands for a run directory. The command runs to its end\n"
    "in one run directory. Then it runs in another one, where it is killed (SIGKILL) and\n"
    "started again. Every checkpoint that both runs have is compared. The command must seed\n"
    "its generators, resume by itself, and call completed() of its Checkpointer after each\n"
    "step: it is killed at steps that it has told. A loop that does not call it is killed\n"
    "where it saves. All checkpoints of both runs are kept meanwhile.\n"
    "Exit status:\n"
    "  0    exact: the same bits in every tensor, and the same journals\n"
    "  1    not exact; or after a kill the command fails, or begins again instead of resuming\n"
    "  2    bad usage, or the command cannot be executed\n"
    "  3    nothing is proven: the command fails by itself, opens no run, ends before the kill …\n"
    "  128 + N  stopped by signal N; the runs stay, and a message says where";

struct ProveArguments {
  ProofOptions options;
  bool json = false;
  std::vector<std::string> command;
};

ExitStatus status_of(Finding finding) {
  switch (finding) {
    case Finding::kExact:
      return kDone;
    case Finding::kNotProven:
      return static_cast<ExitStatus>(kNothingProven);
    default:
      return kFailed;
  }
}

// The document as text. Paths may contain any bytes: those that are not UTF-8 become U+FFFD.
std::string text_of(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void show_log(const std::string& log) {
  const std::vector<std::string> lines = last_lines(log, kLogLines);
  if (!lines.empty()) std::cerr << "the end of " << printable(log) << ":\n";
  for (const std::string& line : lines) std::cerr << "  " << printable(line) << "\n";
}

// Prints a proof whose two runs were compared.
void show_result(const Proof& proof) {
  const Paint paint;
  const std::string headline = headline_of(proof);
  std::cout << (proof.finding == Finding::kExact ? paint.green(headline) : paint.red(headline))
            << "\n"
            << details_of(proof);
}

void show_failure(const Proof& proof) {
  std::cerr << "holdfast: " << headline_of(proof) << "\n" << details_of(proof);
  if (!proof.log.empty()) show_log(proof.log);
}

int prove(const ProveArguments& arguments) {
  Prover prover(arguments.options, arguments.command, std::cerr);
  try {
    const Proof proof = prover.prove();
    const bool has_result = proof.finding == Finding::kExact || proof.finding == Finding::kNotExact;
    if (!has_result) show_failure(proof);
    if (arguments.json) std::cout << text_of(to_json(proof));
    if (has_result && !arguments.json) show_result(proof);
    return status_of(proof.finding);
  } catch (const StopRequest& stop) {
    std::cerr << "holdfast: stopped by " << signal_text(stop.signal) << "; the runs so far are in "
              << printable(prover.directory().path()) << "\n";
    return 128 + stop.signal;
  }
}

int say_why_not(const std::exception& error) {
  complain("not proven: " + reason_of(error));
  return kNothingProven;
}

// A failure of the tool itself says nothing about the command, so it must not exit with 1.
int execute(const ProveArguments& arguments) {
  try {
    return prove(arguments);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInvalidArgument) throw;
    return say_why_not(error);
  } catch (const std::exception& error) {
    return say_why_not(error);
  }
}

void require_command(const std::vector<std::string>& command) {
  if (command.empty()) throw CLI::RequiredError("a command after '--'");
  const auto has_place = [](const std::string& word) {
    return word.find(kRunPlaceholder) != std::string::npos;
  };
  if (std::none_of(command.begin() + 1, command.end(), has_place))
    throw CLI::RequiredError("{run} in an argument of the command, for the run directory,");
}

}  // namespace

Subcommand add_prove(CLI::App& app, std::vector<std::string> command) {
  const auto arguments = std::make_shared<ProveArguments>();
  arguments->command = std::move(command);
  ProofOptions& options = arguments->options;
  options.seed = std::random_device()() % kMost;
  CLI::App* const prove_app = app.add_subcommand(
      "prove", "Shows whether a training command's resume is exact, by killing it and comparing");
  prove_app->formatter(std::make_shared<Help>("[OPTIONS] -- COMMAND [ARGUMENT...]", kContract));
  prove_app->option_defaults()->take_last();
  CLI::Option* const at =
      prove_app
          ->add_option("--at", options.at, "Kill it exactly at step N; may be given several times")
          ->type_name("N")
          ->take_all()
          ->allow_extra_args(false)
          ->transform(between(1, kMost));
  prove_app
      ->add_option("--crashes", options.crashes,
                   "Kill it K times, at random steps, while it keeps running")
      ->type_name("K")
      ->transform(between(1, kMostCrashes))
      ->excludes(at)
      ->capture_default_str();
  prove_app
      ->add_option("--seed", options.seed,
                   "The seed for these steps; by default a different one each time")
      ->type_name("S")
      ->transform(between(0, kMost));
  prove_app->add_option("--timeout", options.timeout, "Give up after S seconds; 0 means never")
      ->type_name("S")
      ->transform(between<double>(0, kMost))
      ->capture_default_str();
  prove_app
      ->add_option("--keep", options.directory,
                   "Keep the runs and the command's output in DIR, even if the resume is exact")
      ->type_name("DIR");
  prove_app->add_flag("--json", arguments->json, "Print the result as a JSON document");
  prove_app->final_callback([arguments] { require_command(arguments->command); });
  return {prove_app, [arguments] { return execute(*arguments); }, kNothingProven};
}

}  // namespace holdfast::tool
