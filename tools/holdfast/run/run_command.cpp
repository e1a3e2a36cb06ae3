#include "run_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <utility>

#include "command/between.h"
#include "command/help.h"
#include "supervisor.h"

namespace holdfast::tool {
namespace {

constexpr int kMost = 1'000'000'000;
constexpr double kLongestGrace = 1e6;  // seconds

constexpr const char* kContract =
    "The command is started again if a signal ends it, or if its exit status is none of these:\n"
    "  0    done: nothing is left to do; the tool exits with 0\n"
    "  2    bad usage or configuration (also 126, 127: not executable, not found); exits with 2\n"
    "  75   stopped on request, with a checkpoint saved; exits with 75\n"
    "When the tool gives up, it exits with 1. Progress is a new checkpoint in a run that the\n"
    "command has opened with Holdfast.\n"
    "\n"
    "SIGTERM, SIGINT, SIGUSR1 and SIGHUP are requests to stop. They are passed on to the\n"
    "command, and it is not started again. The exit status is then the command's, or 128 + the\n"
    "signal that ended it. But it is 75 if that signal was the request itself (other than\n"
    "SIGHUP) and there is a checkpoint, or if the request came while no command ran. SIGUSR2\n"
    "is passed on, too.\n"
    "\n"
    "Processes that the command leaves running when it ends, as a wrapper does that dies\n"
    "alone, get SIGTERM (or SIGUSR1, if that was the request): at once after a request to\n"
    "stop, else after a second. --grace seconds later they are killed. Only then does the tool\n"
    "exit, or restart the command. If such a process exits with 75, that counts as the\n"
    "command's status if the command exited with 0, or failed after a request to stop.";

struct RunOptions {
  RestartLimits limits;
  double grace = LeftLimits{}.grace.count();  // seconds
};

// Opens /dev/null for standard input, output and error if the tool was started without them.
// Otherwise a file that the tool opens could get such a number, and messages would be written into
// it.
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
                  "Give up after N restarts; 0 allows none")
      ->type_name("N")
      ->transform(between(0, kMost))
      ->capture_default_str();
  run->add_option("--max-stalled", options->limits.max_stalled,
                  "Give up after N failures in a row without progress")
      ->type_name("N")
      ->transform(between(1, kMost))
      ->capture_default_str();
  run->add_option("--backoff", options->limits.backoff,
                  "Seconds before a restart; doubled, up to 300, by each failure without progress")
      ->type_name("S")
      ->transform(between<double>(0, kLongestBackoff))
      ->capture_default_str();
  run->add_option("--grace", options->grace,
                  "Seconds for processes that are left to save and stop, before a kill")
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
