// holdfast_bench small: saves many small tensors, so that only the cost of each tensor counts, and
// not that of its bytes.
#include <holdfast/checkpoint/state/stateful.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

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

// A text that gets longer with each save. A generator of the standard library, written as text, may
// do so, too.
class Growing final : public Stateful {
 public:
  void save(StateWriter& writer) const override { writer.text("log", text_); }
  void load(const StateReader& reader) override { text_ = reader.text("log"); }
  void grow() { text_ += "another line\n"; }

 private:
  std::string text_;
};

class SmallBench {
 public:
  SmallBench(const Arguments& arguments, std::int64_t tensors)
      : repeat_(arguments.repeat),
        workload_{kTensorBytes * static_cast<std::uint64_t>(tensors), tensors,
                  arguments.shards.front(), arguments.threads},
        // With tensors this small, headers and index are several times as large as the values; so
        // are structures and names in memory.
        scratch_(arguments.directory, 12 * workload_.bytes, 24 * workload_.bytes),
        model_(make_model(workload_.bytes, tensors)),
        parameters_(model_->parameters()),
        compute_(arguments.compute) {
    state_.model("model", *model_);
    growing_state_.model("model", *model_).add("growing", growing_);
  }

  Result run() {
    const auto step = [this] { take_step(*model_); };
    SavedRun blocking(scratch_ / "blocking", state_, workload_, Overlap::kNo, step);
    SavedRun overlapped(scratch_ / "overlap", state_, workload_, Overlap::kYes, step);
    SavedRun growing(scratch_ / "growing", growing_state_, workload_, Overlap::kNo, step);
    const SaveTimes first = blocking.save();
    overlapped.save();
    for (int i = 0; i < kLearning; ++i) save_grown(growing);
    result_.add("first_save_blocked_s", first.blocked);
    result_.add("first_save_durable_s", first.durable);
    for (int i = 0; i < repeat_; ++i) run_round(blocking, overlapped, growing);
    return result_;
  }

 private:
  // Saves that do not count: the first builds the structure, the second builds it anew, since it
  // finds that the text has changed its length.
  static constexpr int kLearning = 3;

  SaveTimes save_grown(SavedRun& run) {
    growing_.grow();
    return run.save();
  }

  // Touches all tensors, as a training does before it saves: so each save finds the same in the
  // caches.
  void step() {
    scratch_.settle();
    scratch_.settle();
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : parameters_) parameter.add_(1);
  }

  void run_round(SavedRun& blocking, SavedRun& overlapped, SavedRun& growing) {
    step();
    const SaveTimes times = blocking.save();
    result_.add("blocked_s", times.blocked);
    result_.add("durable_s", times.durable);
    step();
    result_.add("overlap_blocked_s", overlapped.save([this] { compute_.run(); }).blocked);
    step();
    const SaveTimes grown = save_grown(growing);
    result_.add("one_grows_blocked_s", grown.blocked);
    result_.add("one_grows_durable_s", grown.durable);
    bring_into_cache(blocking.newest());
    result_.add("warm_load_s", blocking.seconds_to_load(*model_));
  }

  int repeat_;
  Workload workload_;
  Scratch scratch_;
  std::shared_ptr<torch::nn::Module> model_;
  std::vector<torch::Tensor> parameters_;
  Compute compute_;
  Growing growing_;
  State state_, growing_state_;
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
