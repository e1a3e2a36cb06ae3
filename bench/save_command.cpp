// holdfast_bench save: how long saves block the training, and when they are durable, for several
// sizes of the state.
#include <algorithm>
#include <deque>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "aligned_memory.h"
#include "commands.h"
#include "model.h"
#include "plain_io.h"
#include "report.h"
#include "resident_memory.h"
#include "saved_run.h"
#include "scratch.h"
#include "training.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kFloorMemory = 256 * kMiB;

// Measures in turn: saves of one state with overlap, saves without, and plain writes of as many
// bytes.
class SaveBench {
 public:
  SaveBench(const Arguments& arguments, std::uint64_t bytes)
      : repeat_(arguments.repeat),
        scratch_(arguments.directory, 5 * bytes, 3 * bytes + kFloorMemory),
        model_(make_model(bytes, arguments.tensors.front())),
        workload_{bytes_of(*model_), arguments.tensors.front(), arguments.shards.front(),
                  arguments.threads},
        memory_(std::min(kFloorMemory, workload_.bytes)),
        compute_(arguments.compute) {
    state_.model("model", *model_);
  }

  void run(Report& report) {
    run_first(Overlap::kNo, "first save");
    run_first(Overlap::kYes, "first save, overlap");
    for (int i = 0; i < repeat_; ++i) run_round();
    for (const Result& result : results_) report.add(result);
  }

 private:
  // The first save of a checkpointer is slower: it allocates memory and builds the structure of the
  // files. It is measured by itself.
  void run_first(Overlap overlap, const std::string& name) {
    scratch_.settle();
    const std::uint64_t before = resident_bytes();
    reset_peak_resident_bytes();
    auto& run = overlap == Overlap::kYes ? overlapped_ : blocking_;
    run.emplace(scratch_ / (overlap == Overlap::kYes ? "overlap" : "blocking"), state_, workload_,
                overlap, [this] { take_step(*model_); });
    Result& first = result(name);
    add_times(first, save(*run, overlap));
    save(*run, overlap);
    first.add("memory_bytes", static_cast<double>(peak_resident_bytes() - before));
  }

  SaveTimes save(SavedRun& run, Overlap overlap) {
    scratch_.settle();
    return overlap == Overlap::kNo ? run.save() : run.save([this] { compute_.run(); });
  }

  void run_round() {
    scratch_.settle();
    const double floor = seconds_of_floor();
    add_round("save", save(*blocking_, Overlap::kNo), floor);
    scratch_.settle();
    const double alone = seconds_of([this] { compute_.run(); });
    const SaveTimes overlapped = save(*overlapped_, Overlap::kYes);
    add_round("save, overlap", overlapped, floor);
    result("save, overlap").add("work_alone_s", alone);
    result("save, overlap").add("work_s", overlapped.work);
  }

  void add_round(const std::string& name, const SaveTimes& times, double floor) {
    add_times(result(name), times);
    result(name).add("floor_s", floor);
    result(name).add("durable_to_floor", times.durable / floor);
  }

  double seconds_of_floor() {
    const std::string path = scratch_ / "floor";
    const double seconds = seconds_of([&] {
      write_plain(path, workload_.bytes, memory_.span(), workload_.threads, Transfer::kDirect);
    });
    std::filesystem::remove(path);
    return seconds;
  }

  Result& result(const std::string& name) {
    for (Result& result : results_)
      if (result.name == name) return result;
    return results_.emplace_back(Result{"save", name, workload_, {}});
  }

  int repeat_;
  Scratch scratch_;
  std::shared_ptr<torch::nn::Module> model_;
  Workload workload_;
  AlignedMemory memory_;
  Compute compute_;
  State state_;
  std::optional<SavedRun> blocking_, overlapped_;
  std::deque<Result> results_;
};

}  // namespace

Subcommand add_save(CLI::App& app) {
  const Command command = add_command(
      app, "save", "Blocked and durable time with and without overlap, and plain writes");
  add_bytes(command, {64 * kMiB, 256 * kMiB, 1024 * kMiB});
  add_tensors(command, {128});
  add_shards(command, {1});
  add_compute(command);
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::uint64_t bytes : arguments->bytes)
              SaveBench(*arguments, bytes).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
