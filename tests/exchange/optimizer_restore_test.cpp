// A training that begins with LibTorch, goes on in Python, and comes back.
#include <holdfast/checkpoint/exchange/optimizer_dict.h>
#include <holdfast/checkpoint/exchange/torch_file.h>

#include "exchange/exchange_fixture.h"
#include "state/training.h"

namespace holdfast::testing {
namespace {

using exchange::items_of;
using exchange::OptimizerClass;
using exchange::value_of;

constexpr int kStepsHere = 5, kStepsInPython = 3;

// tests/state/training.h in Python: goes on with what is in there.pt, and writes back.pt.
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

there = torch.load('there.pt')
net = Net()
net.load_state_dict(there['model'])
named = dict(net.named_parameters())
opt = make([named[name] for name in there['parameters']])
opt.load_state_dict(there['optimizer'])
for step in range(5, 8):
    x = torch.sin(torch.arange(32, dtype=torch.float) * (step + 1)).reshape(8, 4)
    y = torch.cos(torch.arange(16, dtype=torch.float) * (step + 1)).reshape(8, 2)
    opt.zero_grad()
    torch.nn.functional.mse_loss(net(x), y).backward()
    opt.step()
torch.save({'model': net.state_dict(), 'optimizer': opt.state_dict()}, 'back.pt')
)";

std::string dotted(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

class OptimizerRestore : public ExchangeTest {
 protected:
  template <typename Make>
  void write_there(const Training<Make>& training) {
    const std::vector<Item> items = capture(training.state);
    std::vector<Item> model;
    for (const Item& item : items) {
      if (item.name.rfind("models/net/", 0) != 0) continue;
      model.push_back(item);
      model.back().name = dotted(item.name);
      if (item.name.find("/parameters/") != std::string::npos)
        shapes_[dotted(item.name)] = item.shape;
    }
    const auto optimizer = exchange::to_python(items, "optimizer");
    List parameters;
    for (const std::string& name : optimizer.parameters) {
      parameters.elements.emplace_back(dotted(name));
      parameters_.push_back({name, shapes_.at(dotted(name))});
    }
    Dict there;
    there.add("model", value_of(model));
    there.add("optimizer", optimizer.state_dict);
    there.add("parameters", parameters);
    exchange::write_torch_file(posix_file_system(), path("there.pt"), there);
  }

  std::vector<Item> read_back(OptimizerClass type) const {
    const Value value = read_value("back.pt", FileFormat::kTorch);
    std::vector<Item> items = items_of(*value.dict()->find("model"));
    for (Item& item : items)
      item.name = "models/net/" +
                  std::string(shapes_.count(item.name) == 0 ? "buffers/" : "parameters/") +
                  item.name;
    const auto optimizer =
        exchange::from_python(*value.dict()->find("optimizer"), "optimizer", type, parameters_);
    items.insert(items.end(), optimizer.begin(), optimizer.end());
    return items;
  }

  template <typename Make>
  void expect_the_same_training(const Make& make, const std::string& in_python,
                                OptimizerClass type) {
    Training first(0.25, make, false);
    first.train(0, kStepsHere);
    write_there(first);
    python("import torch\nmake = lambda parameters: torch.optim." + in_python + "\n" + kGoOn);
    Training resumed(0.75, make, true);
    MemoryCheckpoint(read_back(type)).restore(resumed.state);
    resumed.train(kStepsHere + kStepsInPython, 10);
    first.train(kStepsHere, 10);
    for (const auto& parameter : first.net.named_parameters()) {
      const at::Tensor& other = resumed.net.named_parameters()[parameter.key()];
      EXPECT_TRUE(torch::allclose(parameter.value(), other, 1e-4, 1e-6)) << parameter.key();
    }
  }

 private:
  std::map<std::string, format::Shape> shapes_;  // of the parameters
  std::vector<exchange::Parameter> parameters_;
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
      "SGD(parameters, lr=9)", OptimizerClass::kSgd);
}

TEST_F(OptimizerRestore, OfAdam) {
  expect_the_same_training(
      [](Net& net, bool other) {
        return std::make_unique<torch::optim::Adam>(
            net.parameters(),
            torch::optim::AdamOptions(other ? 9 : 0.02).betas({0.8, 0.95}).weight_decay(0.01));
      },
      "Adam(parameters)", OptimizerClass::kAdam);
}

TEST_F(OptimizerRestore, OfAdamWWithAmsgrad) {
  expect_the_same_training(
      [](Net& net, bool other) {
        return std::make_unique<torch::optim::AdamW>(
            net.parameters(), torch::optim::AdamWOptions(other ? 9 : 0.02).amsgrad(true));
      },
      "AdamW(parameters)", OptimizerClass::kAdamW);
}

}  // namespace
}  // namespace holdfast::testing
