// A training loop of your own, without the trainer: a dozen lines make it resume exactly.
//
//   own_loop RUN_DIRECTORY [STEPS]
//
// Kill it at any time and start it again: the last line that it prints is the same as in a run that
// was never stopped.
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include <torch/torch.h>

#include <holdfast/checkpoint/checkpointer.h>

namespace {

// Learns y = sin(x) from random points.
void train_one_step(torch::nn::Sequential& net, torch::optim::Adam& adam,
                    holdfast::Checkpointer& checkpoints) {
  const torch::Tensor x = torch::rand({64, 1}) * 6 - 3;
  adam.zero_grad();
  const torch::Tensor loss = torch::mse_loss(net->forward(x), x.sin());
  loss.backward();
  checkpoints.before_step();  // wait, if the last save is still copying the parameters
  adam.step();
}

void train(const std::string& run, std::int64_t steps) {
  torch::manual_seed(1);
  torch::nn::Sequential net(torch::nn::Linear(1, 64), torch::nn::Tanh(), torch::nn::Linear(64, 1));
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(1e-2));
  torch::optim::StepLR decay(adam, 500, 0.5);

  holdfast::State state;
  state.model("net", net).optimizer("adam", adam).scheduler("decay", decay).rng();
  holdfast::Options options;
  options.every_steps = 100;
  options.overlap = true;
  holdfast::Checkpointer checkpoints(run, options);

  std::int64_t step = 0;
  if (const auto resumed = checkpoints.restore_latest(state)) step = resumed->step;
  std::cout << (step == 0 ? "starting" : "resuming from step " + std::to_string(step)) << std::endl;

  while (step < steps) {
    train_one_step(net, adam, checkpoints);
    decay.step();
    checkpoints.completed(++step);
    if (checkpoints.due(step) || step == steps) checkpoints.save(step, state);
  }
  checkpoints.wait();
  const torch::Tensor one = torch::ones({1, 1});
  std::cout << "step " << step << ": net(1) = " << net->forward(one).item<float>() << " (sin(1) is "
            << one.sin().item<float>() << ")" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: own_loop RUN_DIRECTORY [STEPS]\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // the training goes on if nobody reads its output any more
  try {
    train(argv[1], argc == 3 ? std::stoll(argv[2]) : 2000);
  } catch (const std::exception& error) {
    std::cerr << "own_loop: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
