// holdfast_bench stall: how much checkpoints slow a training loop down.
#include <algorithm>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "commands.h"
#include "report.h"
#include "saved_run.h"
#include "scratch.h"
#include "training.h"

namespace holdfast::bench {
namespace {

constexpr int kMostSteps = 1'000'000;

struct StallArguments {
  std::int64_t width = 2048;
  std::int64_t batch = 256;
  std::int64_t steps = 100;
  std::vector<std::int64_t> every = {1, 10, 100};
};

// One training, which runs in turn some steps with checkpoints and as many without. So whatever
// else changes in the machine with time changes both.
class StallBench {
 public:
  StallBench(const Arguments& arguments, const StallArguments& stall)
      : repeat_(arguments.repeat),
        steps_(stall.steps),
        scratch_(arguments.directory, (stall.every.size() + 1) * Training::state_bytes(stall.width),
                 (stall.every.size() + 2) * Training::state_bytes(stall.width)),
        training_(stall.width, stall.batch),
        workload_{Training::state_bytes(stall.width), training_.state_tensors(),
                  arguments.shards.front(), arguments.threads} {
    training_.add_to(state_);
    train_one_step(nullptr);  // fills the optimizer's state
    for (const std::int64_t every : stall.every) add_case(every);
  }

  void run(Report& report) {
    for (int i = 0; i < repeat_; ++i)
      for (Case& one : cases_) run_round(one);
    for (const Case& one : cases_) report.add(one.result);
  }

 private:
  struct Case {
    Result result;
    std::int64_t every;
    std::int64_t pairs = 0;  // pairs of runs so far
    std::optional<SavedRun> run;
  };

  void add_case(std::int64_t every) {
    const std::string name =
        every == 1 ? "every step" : "every " + std::to_string(every) + " steps";
    Case& one = cases_.emplace_back();
    one.result = {"stall", name, workload_, {}};
    one.every = every;
    const auto no_step = [] {};  // train() takes the steps
    one.run.emplace(scratch_ / name, state_, workload_, Overlap::kYes, no_step);
    one.run->save();  // the first save allocates memory, and does not count
  }

  // Runs pairs: some steps with checkpoints, and as many without. Each has ten steps, or more if
  // fewer would have no save in them. In every other pair, the one without goes first.
  void run_round(Case& one) {
    const std::int64_t length =
        std::max<std::int64_t>(one.every, std::min<std::int64_t>(10, steps_));
    const std::int64_t pairs = std::max<std::int64_t>(1, steps_ / length);
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const bool alone_first = one.pairs++ % 2 == 0;
      const double first = alone_first ? train(length) : 0;
      const double blocked = one.run->blocked_seconds();
      const double seconds = train(length, one);
      const double alone = alone_first ? first : train(length);
      one.result.add("step_s", seconds / static_cast<double>(length));
      one.result.add("step_alone_s", alone / static_cast<double>(length));
      one.result.add("slowdown_percent", 100 * (seconds / alone - 1));
      one.result.add("blocked_percent", 100 * (one.run->blocked_seconds() - blocked) / seconds);
    }
  }

  double train(std::int64_t steps) {
    scratch_.settle();
    return seconds_of([&] {
      for (std::int64_t step = 0; step < steps; ++step) train_one_step(nullptr);
    });
  }

  // A save comes in the middle of its interval of steps. The time includes the wait for the last
  // save, so that no save is paid for by the next run.
  double train(std::int64_t steps, Case& one) {
    scratch_.settle();
    return seconds_of([&] {
      for (std::int64_t step = 0; step < steps; ++step) {
        train_one_step(&*one.run);
        if (step % one.every == one.every / 2) one.run->begin_save();
      }
      one.run->wait();
    });
  }

  void train_one_step(SavedRun* run) {
    training_.forward_backward();
    if (run != nullptr) run->before_step();
    training_.optimizer_step();
  }

  int repeat_;
  std::int64_t steps_;
  Scratch scratch_;
  Training training_;
  Workload workload_;
  State state_;
  std::deque<Case> cases_;
};

void add_number(CLI::App& parser, const char* name, std::int64_t& number, int most,
                const char* description) {
  parser.add_option(name, number, description)
      ->type_name("N")
      ->transform(between(1, most))
      ->capture_default_str();
}

}  // namespace

Subcommand add_stall(CLI::App& app) {
  const Command command =
      add_command(app, "stall", "The slowdown of a training loop by its checkpoints");
  add_shards(command, {1});
  const auto stall = std::make_shared<StallArguments>();
  add_number(*command.parser, "--width", stall->width, 32'768,
             "Width of each of the model's three layers");
  add_number(*command.parser, "--batch", stall->batch, 1'000'000, "Samples in each step");
  add_number(*command.parser, "--steps", stall->steps, kMostSteps,
             "Steps of each case in each of the --repeat rounds");
  command.parser->add_option("--every", stall->every, "Steps from save to save")
      ->type_name("N,…")
      ->delimiter(',')
      ->transform(between(1, kMostSteps))
      ->capture_default_str();
  return {command.parser, [arguments = command.arguments, stall] {
            Report report(arguments->json, std::cout);
            StallBench(*arguments, *stall).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
