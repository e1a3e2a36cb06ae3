// Trains a tiny model in a loop of its own, is cut off and resumed, and must end as one that never
// was.
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

#include <torch/torch.h>

#include <holdfast/holdfast.h>

namespace {

struct Outcome {
  std::int64_t began = 0;  // at this step: 0, or where it resumed
  at::Tensor weight;
};

// Trains to `steps`, from the newest checkpoint of the run if there is one.
Outcome train(const std::string& run, std::uint64_t seed, std::int64_t steps) {
  torch::manual_seed(seed);
  torch::nn::Linear net(4, 2);
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(0.1));
  holdfast::State state;
  state.model("net", net).optimizer("adam", adam).rng();

  holdfast::Options options;
  options.every_steps = 5;
  holdfast::Checkpointer checkpoints(run, options);
  std::int64_t step = 0;
  if (const auto resumed = checkpoints.restore_latest(state)) step = resumed->step;
  Outcome outcome{step, net->weight};
  while (step < steps) {
    adam.zero_grad();
    net(torch::randn({8, 4})).square().mean().backward();
    adam.step();
    checkpoints.completed(++step);
    if (checkpoints.due(step)) checkpoints.save(step, state);
  }
  checkpoints.wait();
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path directory = argv[1];
  std::filesystem::remove_all(directory);

  train(directory / "interrupted", 1, 7);
  const Outcome resumed = train(directory / "interrupted", 2, 20);
  const Outcome uninterrupted = train(directory / "uninterrupted", 1, 20);
  const bool same = torch::equal(resumed.weight, uninterrupted.weight);
  std::cout << "resumed at step " << resumed.began << (same ? ", same bits\n" : ", other bits\n");
  return resumed.began == 5 && same ? 0 : 1;
}
