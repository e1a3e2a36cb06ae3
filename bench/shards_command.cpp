// holdfast_bench shards: saves the same state in 1 to 16 files.
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "commands.h"
#include "model.h"
#include "page_cache.h"
#include "report.h"
#include "saved_run.h"
#include "scratch.h"

namespace holdfast::bench {
namespace {

class ShardsBench {
 public:
  ShardsBench(const Arguments& arguments, std::uint64_t bytes)
      : repeat_(arguments.repeat),
        scratch_(arguments.directory, (arguments.shards.size() + 1) * bytes,
                 (arguments.shards.size() + 1) * bytes),
        model_(make_model(bytes, arguments.tensors.front())) {
    state_.model("model", *model_);
    for (const int shards : arguments.shards)
      add_case({bytes_of(*model_), arguments.tensors.front(), shards, arguments.threads});
  }

  void run(Report& report) {
    for (int i = 0; i < repeat_; ++i)
      for (Case& one : cases_) run_round(one);
    for (const Case& one : cases_) report.add(one.result);
  }

 private:
  struct Case {
    Result result;
    std::optional<SavedRun> run;
  };

  void add_case(const Workload& workload) {
    const std::string name =
        std::to_string(workload.shards) + (workload.shards == 1 ? " file" : " files");
    Case& one = cases_.emplace_back();
    one.result = {"shards", name, workload, {}};
    one.run.emplace(scratch_ / name, state_, workload, Overlap::kNo,
                    [this] { take_step(*model_); });
    one.run->save();  // the first save allocates the memory, and does not count
  }

  void run_round(Case& one) {
    scratch_.settle();
    add_times(one.result, one.run->save());
    const std::string checkpoint = one.run->newest();
    bring_into_cache(checkpoint);
    one.result.add("warm_load_s", one.run->seconds_to_load(*model_));
    drop_from_cache(checkpoint);
    one.result.add("cold_load_s", one.run->seconds_to_load(*model_));
  }

  int repeat_;
  Scratch scratch_;
  std::shared_ptr<torch::nn::Module> model_;
  State state_;
  std::deque<Case> cases_;
};

}  // namespace

Subcommand add_shards(CLI::App& app) {
  const Command command = add_command(app, "shards", "The same state in 1 to 16 files");
  add_bytes(command, {std::uint64_t{512} << 20});
  add_tensors(command, {128});
  add_shards(command, {1, 2, 4, 8, 16});
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::uint64_t bytes : arguments->bytes)
              ShardsBench(*arguments, bytes).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
