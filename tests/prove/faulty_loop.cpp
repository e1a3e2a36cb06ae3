// A loop that resumes exactly, but for a fault of choice.
//
//   faulty_loop RUN_DIRECTORY FAULT
//
// Trains 30 steps and saves every fifth, each before it goes on. In a run directory called "killed"
// its first start waits at step 12 to be killed there.
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <holdfast/checkpoint/checkpointer.h>

namespace {

constexpr std::int64_t kSteps = 30;
constexpr std::int64_t kKillStep = 12;
constexpr std::int64_t kSamples = 64;

// The order of the data, by a generator of its own.
class Shuffle final : public holdfast::Stateful {
 public:
  torch::Tensor next_batch() {
    std::vector<std::int64_t> indices;
    for (int i = 0; i < 8; ++i) indices.push_back(static_cast<std::int64_t>(random_() % kSamples));
    return torch::tensor(indices);
  }
  void begin_anew() { random_.seed(); }

  void save(holdfast::StateWriter& writer) const override {
    std::ostringstream text;
    text << random_;
    writer.text("generator", text.str());
  }
  void load(const holdfast::StateReader& reader) override {
    std::istringstream(reader.text("generator")) >> random_;
  }

 private:
  std::mt19937 random_;
};

class Loop {
 public:
  explicit Loop(std::string fault) : fault_(std::move(fault)) {
    state_.model("net", net_).scalar("samples", samples_);
    if (fault_ != "no optimizer") state_.optimizer("adam", adam_);
    if (fault_ != "no scheduler") state_.scheduler("decay", decay_);
    if (fault_ != "no rng") state_.rng();
    if (fault_ != "no sampler") state_.sampler("train", shuffle_);
  }

  void train(const std::string& run) {
    holdfast::Options options;
    options.every_steps = 5;
    options.asynchronous = false;
    options.retention.keep_last = 1;
    holdfast::Checkpointer checkpoints(run, options);
    std::int64_t step = fault_ == "no restore" ? 0 : resume(checkpoints);
    const bool waits = step == 0 && std::filesystem::path(run).filename() == "killed";
    const std::int64_t end = fault_ == "own count" ? step + kSteps : kSteps;
    while (step < end) {
      train_one_step();
      checkpoints.completed(++step);
      if (checkpoints.due(step)) checkpoints.save(step, state_);
      if (waits && step == kKillStep) sleep(1000);
    }
  }

 private:
  std::int64_t resume(holdfast::Checkpointer& checkpoints) {
    const auto resumed = checkpoints.restore_latest(state_);
    if (!resumed) return 0;
    if (fault_ == "seeded again") torch::manual_seed(1);
    if (fault_ == "data anew") shuffle_.begin_anew();
    if (fault_ == "optimizer anew") adam_.state().clear();
    if (fault_ == "buffers reset") norm_->reset_running_stats();
    if (fault_ == "counter reset") samples_ = 0;
    return resumed->step;
  }

  void train_one_step() {
    const torch::Tensor indices = shuffle_.next_batch();
    const torch::Tensor x = inputs_.index_select(0, indices);
    adam_.zero_grad();
    const torch::Tensor loss = torch::mse_loss(net_->forward(x), x.sin() + target_);
    loss.backward();
    adam_.step();
    decay_.step();
    if (fault_ == "own tensor") target_ += 0.01;
    samples_ += indices.size(0);
  }

  const std::string fault_;
  torch::nn::BatchNorm1d norm_{16};
  torch::nn::Sequential net_{torch::nn::Linear(4, 16), norm_, torch::nn::Dropout(0.2),
                             torch::nn::Linear(16, 4)};
  torch::optim::Adam adam_{net_->parameters(), torch::optim::AdamOptions(1e-2)};
  torch::optim::StepLR decay_{adam_, 7, 0.5};
  torch::Tensor inputs_ = torch::rand({kSamples, 4});
  torch::Tensor target_ = torch::zeros({1});
  Shuffle shuffle_;
  std::int64_t samples_ = 0;
  holdfast::State state_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    at::set_num_threads(1);
    torch::manual_seed(1);
    Loop(argv[2]).train(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "faulty_loop: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
