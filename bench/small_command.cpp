// holdfast_bench small: many small tensors, where the work a tensor costs is all there is.
#include <iostream>
#include <memory>

#include "commands.h"
#include "model.h"
#include "page_cache.h"
#include "report.h"
#include "saved_run.h"
#include "scratch.h"
#include "training.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kTensorBytes = 256 * sizeof(float);

class SmallBench {
 public:
  SmallBench(const Arguments& arguments, std::int64_t tensors)
      : repeat_(arguments.repeat),
        workload_{kTensorBytes * static_cast<std::uint64_t>(tensors), tensors,
                  arguments.shards.front(), arguments.threads},
        // Headers and index are as large again; structures and names in memory, too.
        scratch_(arguments.directory, 8 * workload_.bytes, 16 * workload_.bytes),
        model_(make_model(workload_.bytes, tensors)),
        compute_(arguments.compute) {
    state_.model("model", *model_);
  }

  Result run() {
    const auto step = [this] { take_step(*model_); };
    SavedRun blocking(scratch_ / "blocking", state_, workload_, Overlap::kNo, step);
    SavedRun overlapped(scratch_ / "overlap", state_, workload_, Overlap::kYes, step);
    const SaveTimes first = blocking.save();
    overlapped.save();
    result_.add("first_save_blocked_s", first.blocked);
    result_.add("first_save_durable_s", first.durable);
    for (int i = 0; i < repeat_; ++i) run_round(blocking, overlapped);
    return result_;
  }

 private:
  void run_round(SavedRun& blocking, SavedRun& overlapped) {
    scratch_.settle();
    const SaveTimes times = blocking.save();
    result_.add("blocked_s", times.blocked);
    result_.add("durable_s", times.durable);
    scratch_.settle();
    result_.add("overlap_blocked_s", overlapped.save([this] { compute_.run(); }).blocked);
    bring_into_cache(blocking.newest());
    result_.add("warm_load_s", blocking.seconds_to_load(*model_));
  }

  int repeat_;
  Workload workload_;
  Scratch scratch_;
  std::shared_ptr<torch::nn::Module> model_;
  Compute compute_;
  State state_;
  Result result_{"small", "256 floats each", workload_, {}};
};

}  // namespace

Subcommand add_small(CLI::App& app) {
  const Command command = add_command(app, "small", "Many tensors of 256 floats");
  add_tensors(command, {1'000, 10'000, 100'000});
  add_shards(command, {1});
  add_compute(command);
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::int64_t tensors : arguments->tensors)
              report.add(SmallBench(*arguments, tensors).run());
            report.finish();
          }};
}

}  // namespace holdfast::bench
