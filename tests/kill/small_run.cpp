#include "kill/small_run.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <torch/torch.h>

#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/format/run_names.h>

#include "support/child.h"
#include "support/every_bit.h"
#include "support/files.h"
#include "support/forwarding_file_system.h"

namespace holdfast::testing {
namespace {

constexpr const char* kJournal = "metrics.csv";

class DeadlyFileSystem final : public ForwardingFileSystem {
 public:
  DeadlyFileSystem(int kth, bool after) : kth_(kth), after_(after) {}

  int changes() const { return changes_; }

  int open(int directory, const char* name, int flags, mode_t mode) override {
    const auto open = [&] { return ForwardingFileSystem::open(directory, name, flags, mode); };
    return (flags & O_CREAT) == 0 ? open() : change(open);
  }
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    return change([&] { return ForwardingFileSystem::pwrite(fd, from, count, offset); });
  }
  int fsync(int fd) override {
    return change([&] { return ForwardingFileSystem::fsync(fd); });
  }
  int ftruncate(int fd, std::uint64_t size) override {
    return change([&] { return ForwardingFileSystem::ftruncate(fd, size); });
  }
  int mkdir(int directory, const char* name, mode_t mode) override {
    return change([&] { return ForwardingFileSystem::mkdir(directory, name, mode); });
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    return change([&] {
      return ForwardingFileSystem::rename(from_directory, from, to_directory, to, flags);
    });
  }
  int unlink(int directory, const char* name, int flags) override {
    return change([&] { return ForwardingFileSystem::unlink(directory, name, flags); });
  }

 private:
  template <typename Call>
  auto change(Call call) -> decltype(call()) {
    const bool deadly = ++changes_ == kth_;
    if (deadly && !after_) kill(getpid(), SIGKILL);
    const auto result = call();
    if (deadly) kill(getpid(), SIGKILL);
    return result;
  }

  const int kth_;
  const bool after_;
  std::atomic<int> changes_{0};
};

struct Training {
  Training()
      : net(torch::nn::Linear(8, 16), torch::nn::BatchNorm1d(16), torch::nn::Dropout(0.3),
            torch::nn::Linear(16, 2)),
        adam(net->parameters(), 0.01) {
    state.model("net", net).optimizer("adam", adam).scalar("step", step).rng();
    state.add("engine", engine).add("noise", noise).add("losses", losses).add("seen", seen);
  }

  template <typename BeforeStep>
  double train_one_step(const BeforeStep& before_step) {
    adam.zero_grad();
    const torch::Tensor input = torch::randn({4, 8}) * noise(engine);
    for (const auto& [kind, times] : seen) input[0][kind % 8] += times;
    const torch::Tensor loss = net->forward(input).square().mean();
    loss.backward();
    before_step();
    adam.step();
    ++step;
    ++seen[static_cast<std::int64_t>(engine() % 1000)];
    losses.push_back(loss.item<double>());
    if (losses.size() > 5) losses.pop_front();
    return losses.back() + losses.front();
  }

  torch::nn::Sequential net;
  torch::optim::Adam adam;
  std::int64_t step = 0;
  std::mt19937 engine;
  std::normal_distribution<float> noise;
  std::deque<double> losses;
  std::unordered_map<std::int64_t, int> seen;  // its order decides in which order it is added up
  State state;
};

void require_nothing_unfinished(const std::string& run) {
  const auto entries =
      std::filesystem::directory_iterator(run + "/" + format::kCheckpointsDirectory);
  for (const auto& entry : entries)
    if (!format::parse_step_directory(entry.path().filename().string()))
      throw std::runtime_error("left behind: " + entry.path().string());
  if (std::filesystem::exists(run + "/" + format::kQuarantineDirectory))
    throw std::runtime_error("a checkpoint was taken for damaged in " + run);
}

}  // namespace

std::shared_ptr<FileSystem> deadly_file_system(int kth, bool after) {
  return std::make_shared<DeadlyFileSystem>(kth, after);
}

void train_small_run(const std::string& run, std::int64_t steps, std::shared_ptr<FileSystem> fs) {
  at::set_num_threads(1);
  torch::manual_seed(7);
  Training training;
  Options options;
  options.every_steps = 1;
  options.shards = 2;
  options.overlap = true;
  options.retention.keep_last = 2;
  options.file_system = std::move(fs);
  Checkpointer checkpoints(run, options);
  checkpoints.restore_latest(training.state);
  while (training.step < steps) {
    const double loss = training.train_one_step([&] { checkpoints.before_step(); });
    checkpoints.journal(kJournal).append(std::to_string(training.step) + "," +
                                         std::to_string(loss) + "\n");
    checkpoints.save(training.step, training.state);
  }
  checkpoints.wait();
}

int count_changes(const std::string& run, std::int64_t steps) {
  const std::string count = run + ".changes";
  run_child([&] {
    const auto fs = std::make_shared<DeadlyFileSystem>(std::numeric_limits<int>::max(), false);
    train_small_run(run, steps, fs);
    std::ofstream(count) << fs->changes();
  });
  int changes = 0;
  std::ifstream(count) >> changes;
  return changes;
}

void require_same_end(const std::string& a, const std::string& b, std::int64_t steps) {
  const std::string last =
      std::string("/") + format::kCheckpointsDirectory + "/" + format::step_directory_name(steps);
  const Comparison result =
      compare_every_bit(CheckpointFiles(Directory::open(posix_file_system(), a + last)),
                        CheckpointFiles(Directory::open(posix_file_system(), b + last)));
  if (!result.differences.empty())
    throw std::runtime_error(a + " differs in " + result.differences[0].name);
  if (read_file(a + "/" + kJournal) != read_file(b + "/" + kJournal))
    throw std::runtime_error(a + " has another journal");
  require_nothing_unfinished(a);
}

}  // namespace holdfast::testing
