#include "run_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <utility>

#include "between.h"
#include "help.h"
#include "supervisor.h"

namespace holdfast::tool {
namespace {

constexpr int kMost = 1'000'000'000;
constexpr double kLongestGrace = 1e6;  // seconds

constexpr const char* kContract =
    "The command is started again when a signal ended it or its exit status is none of these:\n"
    "  0    done: nothing is left to do; exits with 0\n"
    "  2    bad usage or configuration (also 126, 127: not executable, not found); exits with 2\n"
    "  75   stopped on request, with a checkpoint saved; exits with 75\n"
    "Giving up exits with 1. SIGTERM, SIGINT, SIGUSR1 and SIGHUP are passed on to the command, "
    "and\n"
    "it is not started again then: the exit status is its own, or 128 + the signal that ended it,\n"
    "but 75 if that was the request itself (SIGHUP apart) and there is a checkpoint to go on "
    "from,\n"
    "or while no command runs. SIGUSR2 is passed on, too.\n"
    "What the command leaves running when it ends (a wrapper that dies alone leaves the training) "
    "is\n"
    "asked to stop by SIGTERM, a second later where nobody has asked for a stop, and killed\n"
    "--grace seconds later. Then the command is reported, or started again. 75 of such a\n"
    "process counts for a command that ends with 0, and after a request to stop for a failed one.\n"
    "Progress is a new checkpoint in a run that the command has opened with Holdfast.";

struct RunOptions {
  RestartLimits limits;
  double grace = LeftLimits{}.grace.count();  // seconds
};

// Where the tool is started without one of them, a file that it opens would get its number, and
// what the tool says would be written into that.
void fill_standard_descriptors() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO) close(fd);
}

}  // namespace

Subcommand add_run(CLI::App& app, std::vector<std::string> command) {
  const auto options = std::make_shared<RunOptions>();
  const auto words = std::make_shared<const std::vector<std::string>>(std::move(command));
  CLI::App* const run =
      app.add_subcommand("run", "Starts a training command, and starts it again until it is done");
  run->formatter(std::make_shared<Help>("[OPTIONS] -- COMMAND [ARGUMENT...]", kContract));
  run->option_defaults()->take_last();
  run->add_option("--max-restarts", options->limits.max_restarts,
                  "Give up after N restarts; 0: none")
      ->type_name("N")
      ->transform(between(0, kMost))
      ->capture_default_str();
  run->add_option("--max-stalled", options->limits.max_stalled,
                  "Give up after N failures in a row without progress")
      ->type_name("N")
      ->transform(between(1, kMost))
      ->capture_default_str();
  run->add_option(
         "--backoff", options->limits.backoff,
         "Seconds before a restart; doubles with each further failure without progress, to 300")
      ->type_name("S")
      ->transform(between<double>(0, kLongestBackoff))
      ->capture_default_str();
  run->add_option("--grace", options->grace,
                  "Seconds for what the command leaves running, to save and stop, before a kill")
      ->type_name("S")
      ->transform(between<double>(0, kLongestGrace))
      ->capture_default_str();
  run->final_callback([words] {
    if (words->empty()) throw CLI::RequiredError("a command after '--'");
  });
  return {run, [options, words] {
            fill_standard_descriptors();
            LeftLimits left;
            left.grace = std::chrono::duration<double>(options->grace);
            return Supervisor(*words, options->limits, left, std::cerr).run();
          }};
}

}  // namespace holdfast::tool
