#include "saved_run.h"

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/reader.h>

#include <algorithm>
#include <utility>

namespace holdfast::bench {

SavedRun::SavedRun(const std::string& path, State& state, const Workload& workload, Overlap overlap,
                   std::function<void()> step)
    : state_(state),
      threads_(workload.threads),
      take_step_(std::move(step)),
      checkpointer_(path, options_for(workload, overlap)) {}

Options SavedRun::options_for(const Workload& workload, Overlap overlap) {
  constexpr std::uint64_t kHeaderPerTensor = 2048;  // more than HDF5 needs
  Options options;
  options.retention.keep_last = 1;
  options.overlap = overlap == Overlap::kYes;
  options.shards = workload.shards;
  options.threads = workload.threads;
  const std::uint64_t headers =
      kHeaderPerTensor * static_cast<std::uint64_t>(workload.tensors + workload.shards);
  options.max_staging_bytes =
      std::max(options.max_staging_bytes, workload.bytes + headers + (std::uint64_t{32} << 20));
  options.on_event = [this](const Event& event) {
    if (event.name == "save") committed_ = Stopwatch::Clock::now();
  };
  return options;
}

SaveTimes SavedRun::save(const std::function<void()>& work) {
  const double step = seconds_of(take_step_);
  SaveTimes times = save_idle(work);
  times.step = step;
  return times;
}

SaveTimes SavedRun::save_idle(const std::function<void()>& work) {
  SaveTimes times;
  const Stopwatch stopwatch;
  times.blocked = seconds_of([&] { begin_save(); });
  times.work = seconds_of(work);
  times.blocked += seconds_of([&] { checkpointer_.before_step(); });
  checkpointer_.wait();
  times.retired = stopwatch.seconds();
  times.durable = stopwatch.seconds_to(committed_);
  return times;
}

void SavedRun::begin_save() {
  checkpointer_.save(++step_, state_);
}

std::string SavedRun::newest() const {
  return checkpointer_.path() + "/" + format::kCheckpointsDirectory + "/" +
         format::step_directory_name(checkpointer_.steps().back());
}

double SavedRun::seconds_to_load(torch::nn::Module& model) const {
  RestoreOptions options;
  options.threads = threads_;
  return seconds_of([&] { Reader(newest()).load_model("model", model, options); });
}

void add_times(Result& result, const SaveTimes& times) {
  result.add("blocked_s", times.blocked);
  result.add("durable_s", times.durable);
  result.add("retired_s", times.retired);
}

}  // namespace holdfast::bench
