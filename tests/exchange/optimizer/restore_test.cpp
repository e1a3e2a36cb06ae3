// A training that begins with LibTorch, goes on in Python, and comes back.
#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/exchange/export_checkpoint.h>
#include <holdfast/checkpoint/exchange/import_checkpoint.h>
#include <holdfast/checkpoint/run/locate.h>

#include "exchange/exchange_fixture.h"
#include "state/training.h"

namespace holdfast::testing {
namespace {

constexpr int kStepsHere = 5, kStepsInPython = 3;

// Adam's epsilon. The gradient of a bias in front of a batch norm is rounding alone, and differs
// with the number of threads: a smaller one would make steps of it.
constexpr double kEpsilon = 1e-3;

// tests/state/training.h in Python: goes on with what is in net.pt and optimizer.pt, and leaves
// net-back.pt and optimizer-back.pt.
constexpr const char* kGoOn = R"(
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5)
        self.second = torch.nn.Linear(5, 2)
        self.frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    def forward(self, x):
        return self.second(torch.tanh(self.norm(self.first(x)))) * self.frozen

net = Net()
net.load_state_dict(torch.load('net.pt'))
named = dict(net.named_parameters())
opt = make([named[name] for name in open('parameters').read().split()])
opt.load_state_dict(torch.load('optimizer.pt'))
for step in range(5, 8):
    x = torch.sin(torch.arange(32, dtype=torch.float) * (step + 1)).reshape(8, 4)
    y = torch.cos(torch.arange(16, dtype=torch.float) * (step + 1)).reshape(8, 2)
    opt.zero_grad()
    torch.nn.functional.mse_loss(net(x), y).backward()
    opt.step()
torch.save(net.state_dict(), 'net-back.pt')
torch.save(opt.state_dict(), 'optimizer-back.pt')
)";

class OptimizerRestore : public ExchangeTest {
 protected:
  // Exports the newest checkpoint of the run "here".
  void send() const {
    const auto files = here();
    exchange::write_state_dict(posix_file_system(), path("net.pt"), torch_format(),
                               exchange::state_dict_of(files, "net"));
    std::string names;
    for (const std::string& name :
         exchange::export_optimizer(files, "optimizer", path("optimizer.pt"), torch_format())
             .parameters)
      names += name.substr(name.rfind('/') + 1) + "\n";
    write_file(path("parameters"), names);
  }

  // Imports what Python has left, as the checkpoint "back".
  void fetch() const {
    exchange::ImportOptions options;
    options.like = here();
    options.step = kStepsHere + kStepsInPython;
    exchange::OptimizerFile optimizer;
    optimizer.name = "optimizer";
    optimizer.path = path("optimizer-back.pt");
    options.optimizers.push_back(optimizer);
    exchange::import_checkpoint(posix_file_system(), path("net-back.pt"), torch_format(),
                                path("back"), options);
  }

  template <typename Make>
  void expect_the_same_training(const Make& make, const std::string& in_python) {
    Training first(0.25, make, false);
    first.train(0, kStepsHere);
    Checkpointer(path("here")).save(kStepsHere, first.state);
    send();
    python("import torch\nmake = lambda parameters: torch.optim." + in_python + "\n" + kGoOn);
    fetch();
    Training resumed(0.75, make, true);
    const Resumed found = Checkpointer(path("next")).restore(path("back"), resumed.state);
    EXPECT_EQ(found.step, kStepsHere + kStepsInPython);
    resumed.train(kStepsHere + kStepsInPython, 10);
    first.train(kStepsHere, 10);
    expect_close(first.net.named_parameters(), resumed.net.named_parameters());
    expect_close(first.net.named_buffers(), resumed.net.named_buffers());
  }

 private:
  std::shared_ptr<const CheckpointFiles> here() const {
    return std::make_shared<const CheckpointFiles>(
        locate_checkpoint(posix_file_system(), path("here")));
  }
  using Tensors = torch::OrderedDict<std::string, at::Tensor>;
  static void expect_close(const Tensors& ours, const Tensors& theirs) {
    for (const auto& one : ours)
      EXPECT_TRUE(torch::allclose(one.value(), theirs[one.key()], 1e-4, 1e-6)) << one.key();
  }
};

TEST_F(OptimizerRestore, OfSgd) {
  expect_the_same_training(
      [](Net& net, bool other) {
        return std::make_unique<torch::optim::SGD>(net.parameters(),
                                                   torch::optim::SGDOptions(other ? 9 : 0.05)
                                                       .momentum(0.9)
                                                       .nesterov(true)
                                                       .weight_decay(0.01));
      },
      "SGD(parameters, lr=9)");
}

TEST_F(OptimizerRestore, OfAdam) {
  expect_the_same_training(
      [](Net& net, bool other) {
        return std::make_unique<torch::optim::Adam>(net.parameters(),
                                                    torch::optim::AdamOptions(other ? 9 : 0.02)
                                                        .betas({0.8, 0.95})
                                                        .eps(kEpsilon)
                                                        .weight_decay(0.01));
      },
      "Adam(parameters)");
}

TEST_F(OptimizerRestore, OfAdamWWithAmsgrad) {
  expect_the_same_training(
      [](Net& net, bool other) {
        return std::make_unique<torch::optim::AdamW>(
            net.parameters(),
            torch::optim::AdamWOptions(other ? 9 : 0.02).amsgrad(true).eps(kEpsilon));
      },
      "AdamW(parameters)");
}

TEST_F(OptimizerRestore, OfTwoGroupsOfParameters) {
  expect_the_same_training(
      [](Net& net, bool other) {
        const auto options = [&](double weight_decay) {
          return std::make_unique<torch::optim::AdamWOptions>(
              torch::optim::AdamWOptions(other ? 9 : 0.02)
                  .weight_decay(weight_decay)
                  .eps(kEpsilon));
        };
        std::vector<torch::optim::OptimizerParamGroup> groups;
        groups.emplace_back(
            std::vector<at::Tensor>{net.second->weight, net.first->weight, net.frozen},
            options(0.1));
        groups.emplace_back(std::vector<at::Tensor>{net.second->bias, net.norm->weight,
                                                    net.norm->bias, net.first->bias},
                            options(0));
        return std::make_unique<torch::optim::AdamW>(std::move(groups));
      },
      "AdamW([{'params': parameters[:3]}, {'params': parameters[3:]}])");
}

}  // namespace
}  // namespace holdfast::testing
