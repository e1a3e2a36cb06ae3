// holdfast_bench load: loads and verifies the whole state and parts of it, from the page cache and
// from disk.
#include <holdfast/checkpoint/reader.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <torch/types.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "aligned_memory.h"
#include "commands.h"
#include "model.h"
#include "page_cache.h"
#include "plain_io.h"
#include "report.h"
#include "saved_run.h"
#include "scratch.h"
#include "workers.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr int kModels = 5;

// The models of one checkpoint, and its path.
class SavedModels {
 public:
  SavedModels(const std::string& path, int models, std::uint64_t bytes, Workload workload) {
    for (int i = 0; i < models; ++i) {
      models_.push_back(make_model(bytes, std::max<std::int64_t>(1, workload.tensors / models)));
      state_.model(name_of(i), *models_.back());
    }
    workload.bytes = bytes * static_cast<std::uint64_t>(models);
    threads_ = workload.threads;
    SavedRun run(path, state_, workload, Overlap::kNo, [] {});
    run.save();
    checkpoint_ = run.newest();
  }

  const std::string& checkpoint() const { return checkpoint_; }

  void load_all() { restore(Reader(checkpoint_).files(), state_, options({})); }
  void load_one() { Reader(checkpoint_).load_model(name_of(0), *models_.front(), options({})); }
  // Loads one tensor in ten: those whose number ends in 7.
  void load_pattern() {
    const Reader reader(checkpoint_);
    reader.load_model(name_of(0), *models_.front(), options({"models/*/tensor_*7"}));
  }
  // Loads the first tenth of the rows of every tensor.
  void load_rows() {
    const Reader reader(checkpoint_);
    std::deque<TensorSink> sinks;
    std::vector<ReadRequest> requests;
    for (const auto& parameter : models_.front()->named_parameters()) {
      const torch::Tensor rows =
          parameter.value().narrow(0, 0, (parameter.value().size(0) + 9) / 10);
      TensorSink& sink = sinks.emplace_back(parameter.key(), rows);
      const std::string name = "models/" + name_of(0) + "/parameters/" + parameter.key();
      requests.push_back({reader.files().find(name), &sink, 0, rows.size(0)});
    }
    reader.files().read(requests, threads_);
  }

 private:
  static std::string name_of(int model) { return "model" + std::to_string(model); }
  RestoreOptions options(std::vector<std::string> include) const {
    RestoreOptions options;
    options.include = std::move(include);
    options.threads = threads_;
    return options;
  }

  std::vector<std::shared_ptr<torch::nn::Module>> models_;
  State state_;
  int threads_ = 1;
  std::string checkpoint_;
};

class LoadBench {
 public:
  LoadBench(const Arguments& arguments, std::uint64_t bytes)
      : repeat_(arguments.repeat),
        workload_{bytes, arguments.tensors.front(), arguments.shards.front(), arguments.threads},
        scratch_(arguments.directory, 3 * bytes, 4 * bytes),
        memory_(std::max(bytes, kPieceBytes)),
        single_(scratch_ / "one", 1, bytes, workload_),
        five_(scratch_ / "five", kModels, bytes / kModels, workload_) {
    write_plain(scratch_ / "plain", bytes, memory_.span(), workload_.threads, Transfer::kDirect);
  }

  void run(Report& report) {
    for (int i = 0; i < repeat_; ++i) {
      run_round("warm", bring_into_cache);
      run_round("cold", drop_from_cache);
    }
    for (const Result& result : results_) report.add(result);
  }

 private:
  using Prepare = std::function<void(const std::string&)>;

  void run_round(const std::string& cache, const Prepare& prepare) {
    const double floor = cache == "warm" ? warm_floor() : cold_floor();
    const auto load = [&](const std::string& name, SavedModels& saved,
                          void (SavedModels::*part)()) {
      const double seconds =
          measure(cache + ", " + name, prepare, saved.checkpoint(), [&] { (saved.*part)(); });
      result(cache + ", " + name).add("to_plain", seconds / floor);
      return seconds;
    };
    load("all", single_, &SavedModels::load_one);
    load("a tenth of the tensors", single_, &SavedModels::load_pattern);
    load("a tenth of the rows", single_, &SavedModels::load_rows);
    const double five = load("five models", five_, &SavedModels::load_all);
    const double one = load("one of the five", five_, &SavedModels::load_one);
    result(cache + ", one of the five").add("to_five", one / five);
  }

  double warm_floor() { return read(bring_into_cache, "warm, plain read", Transfer::kBuffered); }
  // The faster of two ways: one thread, for which the kernel reads ahead best, or several threads
  // that read past the cache.
  double cold_floor() {
    const double buffered = read(drop_from_cache, "cold, plain read", Transfer::kBuffered, 1);
    return std::min(buffered, read(drop_from_cache, "cold, plain direct read", Transfer::kDirect));
  }
  double read(const Prepare& prepare, const std::string& name, Transfer transfer, int threads = 0) {
    const std::string plain = scratch_ / "plain";
    return measure(name, prepare, plain, [&] {
      read_plain(plain, memory_.span(), threads == 0 ? workload_.threads : threads, transfer);
    });
  }

  double measure(const std::string& name, const Prepare& prepare, const std::string& path,
                 const std::function<void()>& action) {
    prepare(path);
    const double seconds = seconds_of(action);
    result(name).add("load_s", seconds);
    return seconds;
  }

  Result& result(const std::string& name) {
    for (Result& result : results_)
      if (result.name == name) return result;
    return results_.emplace_back(Result{"load", name, workload_, {}});
  }

  int repeat_;
  Workload workload_;
  Scratch scratch_;
  AlignedMemory memory_;
  SavedModels single_, five_;
  std::deque<Result> results_;
};

}  // namespace

Subcommand add_load(CLI::App& app) {
  const Command command =
      add_command(app, "load", "The whole state and parts of it, warm and cold, verified");
  add_bytes(command, {1024 * kMiB});
  add_tensors(command, {128});
  add_shards(command, {1});
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::uint64_t bytes : arguments->bytes)
              LoadBench(*arguments, bytes).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
