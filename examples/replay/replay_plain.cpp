// Reinforcement learning with a replay buffer: Q-learning balances a pole on a cart.
//
//   replay_plain [STEPS]
//
// replay.cpp is the same program with checkpoints: it can be killed at any time.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace {

using Observation = std::array<float, 4>;  // position, speed, angle and angular speed of the pole

struct Transition {
  Observation before{}, after{};
  std::int64_t action = 0;
  bool ended = false;
};

// The newest transitions. The oldest one is overwritten.
struct Replay {
  std::vector<Transition> transitions;
  std::size_t next = 0;

  void push(const Transition& transition) {
    if (transitions.size() < 2000) transitions.emplace_back();
    transitions[next] = transition;
    next = (next + 1) % 2000;
  }
};

// Barto, Sutton, Anderson, "Neuronlike adaptive elements", 1983, in steps of 0.02 seconds.
struct CartPole {
  Observation now{};
  std::int64_t steps = 0, longest = 0;

  void begin(std::mt19937_64& engine) {
    std::uniform_real_distribution<float> start(-0.05F, 0.05F);
    for (float& value : now) value = start(engine);
    steps = 0;
  }

  // Returns true if the pole has fallen or the cart has left the track.
  bool push(bool to_the_right) {
    auto& [x, speed, angle, turning] = now;
    const float sine = std::sin(angle), cosine = std::cos(angle);
    const float force = ((to_the_right ? 10.0F : -10.0F) + 0.05F * turning * turning * sine) / 1.1F;
    const float turn =
        (9.8F * sine - cosine * force) / (0.5F * (4.0F / 3 - 0.1F * cosine * cosine / 1.1F));
    x += 0.02F * speed;
    speed += 0.02F * (force - 0.05F * turn * cosine / 1.1F);
    angle += 0.02F * turning;
    turning += 0.02F * turn;
    longest = std::max(longest, ++steps);
    return std::abs(x) > 2.4F || std::abs(angle) > 0.21F;
  }
};

torch::nn::Sequential make_net() {
  return torch::nn::Sequential(torch::nn::Linear(4, 64), torch::nn::ReLU(),
                               torch::nn::Linear(64, 2));
}

void copy(torch::nn::Sequential& from, torch::nn::Sequential& to) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < from->parameters().size(); ++i)
    to->parameters()[i].copy_(from->parameters()[i]);
}

// One step of gradient descent on 32 transitions that the engine draws.
void learn(torch::nn::Sequential& net, torch::nn::Sequential& target, torch::optim::Adam& adam,
           const Replay& replay, std::mt19937_64& engine) {
  const torch::Tensor before = torch::empty({32, 4}), after = torch::empty({32, 4}),
                      goes_on = torch::empty({32}), action = torch::empty({32, 1}, torch::kInt64);
  for (std::int64_t i = 0; i < 32; ++i) {
    const Transition& drawn = replay.transitions[engine() % replay.transitions.size()];
    std::copy_n(drawn.before.data(), 4, before[i].data_ptr<float>());
    std::copy_n(drawn.after.data(), 4, after[i].data_ptr<float>());
    goes_on[i] = drawn.ended ? 0.0F : 1.0F;
    action[i] = drawn.action;
  }
  const torch::Tensor best = std::get<0>(target->forward(after).max(1)).detach();
  adam.zero_grad();
  torch::smooth_l1_loss(net->forward(before).gather(1, action).squeeze(1),
                        1 + 0.99 * goes_on * best)
      .backward();
  adam.step();
}

void train(std::int64_t steps) {
  torch::manual_seed(1);
  torch::nn::Sequential net = make_net(), target = make_net();
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(1e-3));
  std::mt19937_64 engine(1);
  CartPole cart;
  Replay replay;
  for (std::int64_t step = 0; step < steps; ++step) {
    if (cart.steps == 0) cart.begin(engine);
    Transition transition;
    transition.before = cart.now;
    const torch::Tensor values = net->forward(torch::from_blob(cart.now.data(), {1, 4}));
    const bool explores =
        engine() % 2000 > static_cast<std::uint64_t>(std::min<std::int64_t>(step, 1900));
    transition.action = explores ? engine() % 2 : values.argmax().item<std::int64_t>();
    transition.ended = cart.push(transition.action == 1);
    transition.after = cart.now;
    replay.push(transition);
    if (transition.ended || cart.steps == 500) cart.steps = 0;
    if (step % 300 == 0) copy(net, target);
    learn(net, target, adam, replay, engine);
  }
  std::cout << "step " << steps << ": the pole stood for " << cart.longest
            << " steps at most; the value of a pole at rest is "
            << net->forward(torch::zeros({1, 4})).max().item<float>() << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
  train(argc > 1 ? std::stoll(argv[1]) : 3000);
  return 0;
} catch (const std::exception& error) {
  std::cerr << argv[0] << ": " << error.what() << "\n";
  return 1;
}
