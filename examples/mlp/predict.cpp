// Inference with a model from a run's checkpoint. Needs neither the optimizer nor the trainer's
// configuration, and takes no lock: it works while the run still trains.
//
//   predict RUN_OR_CHECKPOINT MODEL DATA_ROOT     MODEL: its name in the checkpoint, such as mlp
#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/reader.h>
#include <holdfast/trainer/idx_dataset.h>

namespace {

// A module of your own. Its parts have the same names as in the checkpoint, and the sizes of its
// layers are read from the checkpoint.
struct Net : torch::nn::Module {
  Net(const holdfast::Reader& reader, const std::string& model) {
    const std::string parameters = "models/" + model + "/parameters/";
    for (int i = 1; reader.contains(parameters + "fc" + std::to_string(i) + ".weight"); ++i) {
      const std::string number = std::to_string(i);
      const torch::Tensor weight = reader.tensor(parameters + "fc" + number + ".weight");
      layers.push_back(
          register_module("fc" + number, torch::nn::Linear(weight.size(1), weight.size(0))));
      if (reader.contains(parameters + "bn" + number + ".weight"))
        norms.push_back(register_module("bn" + number, torch::nn::BatchNorm1d(weight.size(0))));
    }
  }

  torch::Tensor forward(torch::Tensor x) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      x = layers[i]->forward(x);
      if (i < norms.size()) x = norms[i]->forward(x);
      if (i + 1 < layers.size()) x = torch::relu(x);
    }
    return x;
  }

  std::vector<torch::nn::Linear> layers;
  std::vector<torch::nn::BatchNorm1d> norms;
};

double setting(const holdfast::CheckpointInfo& info, const std::string& key, double otherwise) {
  const auto found = info.configuration.find(key);
  return found == info.configuration.end() ? otherwise : std::stod(found->second);
}

void predict(const std::string& path, const std::string& model, const std::string& data_root) {
  const torch::NoGradGuard no_grad;
  const holdfast::Reader reader(path);
  const holdfast::CheckpointInfo info = reader.info();
  Net net(reader, model);
  reader.load_model(model, net);
  net.eval();

  holdfast::trainer::IdxOptions options;  // scales pixels as in the training
  options.mean = setting(info, "data.mean", 0);
  options.stddev = setting(info, "data.stddev", 1);
  const holdfast::trainer::IdxDataset data(data_root, holdfast::trainer::Split::kTest, options);
  std::vector<std::int64_t> all(static_cast<std::size_t>(data.size()));
  std::iota(all.begin(), all.end(), 0);
  const holdfast::trainer::Batch batch = data.batch(all);
  const torch::Tensor answers = net.forward(batch.inputs).argmax(1);

  std::cout << holdfast::printable(info.path) << ", step " << info.step << ", model '" << model
            << "'\n";
  for (std::int64_t i = 0; i < std::min<std::int64_t>(5, data.size()); ++i)
    std::cout << "  image " << i << ": class " << answers[i].item<std::int64_t>() << ", truth "
              << batch.targets[i].item<std::int64_t>() << "\n";
  const double accuracy = answers.eq(batch.targets).to(torch::kFloat64).mean().item<double>();
  std::cout << "test accuracy " << 100 * accuracy << " % of " << data.size() << " images\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: predict RUN_OR_CHECKPOINT MODEL DATA_ROOT\n";
    return 2;
  }
  try {
    predict(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "predict: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
