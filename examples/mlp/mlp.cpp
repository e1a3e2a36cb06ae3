// Trains the models of a YAML configuration with checkpoints, and resumes where it stopped.
//
//   mlp --config configs/mlp.yaml [--set train.epochs=2]… [--resume auto|never|<checkpoint>]
//
// Exit status: checkpoint/base/exit_status.h.
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/trainer/config.h>
#include <holdfast/trainer/progress.h>
#include <holdfast/trainer/trainer.h>

namespace {

using holdfast::ExitStatus;

constexpr const char* kUsage =
    "usage: mlp --config FILE [--set KEY=VALUE]... [--resume auto|never|CHECKPOINT]\n"
    "\n"
    "  --config FILE        the configuration; configs/mlp.yaml explains every key\n"
    "  --set KEY=VALUE      overrides a key, e.g. --set train.epochs=2; may be repeated\n"
    "  --resume auto        resume from the newest checkpoint of the run, or begin if it has none "
    "(the\n"
    "                       default)\n"
    "  --resume never       begin a new run; an error if the run has checkpoints\n"
    "  --resume CHECKPOINT  resume from this checkpoint directory\n"
    "  --help               this text\n"
    "\n"
    "SIGTERM, SIGINT and SIGUSR1 stop the training after the current step, which is saved.\n"
    "\n"
    "Exit status: 0 done; 1 failed; 2 bad usage or configuration; 75 stopped by a signal and saved "
    "(the\n"
    "same command, with --resume auto, continues the training).\n";

struct Arguments {
  std::string config;
  std::vector<std::string> overrides;
  bool help = false;
};

// Throws a std::string that says what is wrong with the arguments.
Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--help" || flag == "-h") {
      arguments.help = true;
      return arguments;
    }
    if (flag != "--config" && flag != "--set" && flag != "--resume")
      throw std::string("unknown argument '" + flag + "'");
    if (++i == argc) throw std::string(flag + " needs a value");
    if (flag == "--config") arguments.config = argv[i];
    if (flag == "--set") arguments.overrides.push_back(argv[i]);
    if (flag == "--resume") arguments.overrides.push_back("resume.from=" + std::string(argv[i]));
  }
  if (arguments.config.empty()) throw std::string("--config is missing");
  return arguments;
}

// kFailed if it may help to run the same command again, kBadUsage if it would fail in the same way.
ExitStatus status_of(const holdfast::Error& error) {
  switch (error.kind()) {
    case holdfast::ErrorKind::kInvalidArgument:
    case holdfast::ErrorKind::kNotFound:
    case holdfast::ErrorKind::kExists:
    case holdfast::ErrorKind::kVersion:
    case holdfast::ErrorKind::kMismatch:
    case holdfast::ErrorKind::kUnsupported:
    case holdfast::ErrorKind::kRestartLoop:
      return ExitStatus::kBadUsage;
    default:
      return ExitStatus::kFailed;
  }
}

ExitStatus train(const holdfast::trainer::Config& config) {
  using namespace holdfast::trainer;
  const ProgressOptions progress =
      progress_options_for(STDOUT_FILENO, config.train.log_every_steps);
  const RunResult result = run(config, std::cout, progress);
  std::cout << summary_of(result);
  return result.stopped_by == 0 ? ExitStatus::kDone : ExitStatus::kStopped;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ,
              SIG_IGN);  // a file that gets too large is an error of the save, and ends no process
  std::signal(SIGPIPE, SIG_IGN);  // the training goes on if nobody reads its output any more
  holdfast::trainer::Config config;
  try {
    const Arguments arguments = parse(argc, argv);
    if (arguments.help) {
      std::cout << kUsage;
      return ExitStatus::kDone;
    }
    config = holdfast::trainer::load_config(arguments.config, arguments.overrides);
  } catch (const std::string& problem) {
    std::cerr << "mlp: " << holdfast::printable(problem) << "\n\n" << kUsage;
    return ExitStatus::kBadUsage;
  } catch (const holdfast::Error& error) {
    std::cerr << "mlp: " << error.what() << "\n";
    return ExitStatus::kBadUsage;
  }
  try {
    return train(config);
  } catch (const holdfast::Error& error) {
    std::cerr << "mlp: " << error.what() << "\n";
    return status_of(error);
  } catch (const std::exception& error) {
    std::cerr << "mlp: " << holdfast::printable_lines(error.what()) << "\n";
    return ExitStatus::kFailed;
  }
}
