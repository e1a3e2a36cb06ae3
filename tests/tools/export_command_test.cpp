#include "convert_fixture.h"

#include "support/small_disk.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::floats;
using ::testing::HasSubstr;
using testing::Words;

class Export : public testing::ConvertTest {
 protected:
  Words words(const std::string& file, Words more = {}) const {
    more.insert(more.begin(), {"export", run_.path(), "--to", path(file)});
    return more;
  }
};

TEST_F(Export, ToPyTorchIsWhatLoadStateDictTakes) {
  EXPECT_THAT(done(words("net.pt")),
              AllOf(HasSubstr("wrote " + path("net.pt")), HasSubstr("model net, 5 tensors\n")));
  EXPECT_EQ(python(R"(
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.head = torch.nn.Linear(30, 40), torch.nn.Linear(30, 40, bias=False)
        self.head.weight = self.fc.weight
        self.norm = torch.nn.BatchNorm1d(40, affine=False)
state = torch.load('net.pt', weights_only=True)
print(list(state))
net = Net()
net.load_state_dict(state, strict=False)
print(torch.equal(net.fc.weight.detach().flatten(), torch.arange(1200.) + .5),
      state['head.weight'].data_ptr() == state['fc.weight'].data_ptr(),
      int(net.norm.num_batches_tracked), float(net.norm.running_mean[39]))
)"),
            "['fc.weight', 'fc.bias', 'head.weight', 'norm.running_mean', "
            "'norm.num_batches_tracked']\nTrue True 12 46.0\n");
}

TEST_F(Export, ToNumpyAndSafetensorsNeedsCopiesOfTies) {
  expect_refused(words("net.npz"), 1, "cannot hold tied tensors");
  expect_refused(words("net.safetensors"), 1, "cannot hold tied tensors");
  done(words("net.npz", {"--copy-ties"}));
  done(words("net.safetensors", {"--copy-ties"}));
  EXPECT_EQ(python(R"(
import json, struct, numpy as np
z = np.load('net.npz')
print(sorted(z), z['head.weight'][39, 29], z['norm.num_batches_tracked'])
raw = open('net.safetensors', 'rb').read()
n = struct.unpack('<Q', raw[:8])[0]
header = json.loads(raw[8:8 + n])
begin, end = header['fc.bias']['data_offsets']
print(header['__metadata__'], np.frombuffer(raw[8 + n + begin:8 + n + end], '<f4')[:2])
)"),
            "['fc.bias', 'fc.weight', 'head.weight', 'norm.num_batches_tracked', "
            "'norm.running_mean'] 1199.5 12\n{'format': 'pt'} [-3. -2.]\n");
}

TEST_F(Export, ToHdf5IsTheModelOrTheWholeCheckpoint) {
  done(words("net.h5", {"--model", "net"}));
  EXPECT_THAT(done(words("all.h5")), HasSubstr("all 22 entries\n"));
  EXPECT_EQ(python(R"(
import h5py
net, whole = h5py.File('net.h5'), h5py.File('all.h5')
print(sorted(net), whole['models/net/parameters/fc.weight'][0, 0],
      whole['optimizers/adam/groups/0/lr'][()], net['fc.weight'] == net['head.weight'])
)"),
            "['fc.bias', 'fc.weight', 'head.weight', 'norm.num_batches_tracked', "
            "'norm.running_mean'] 0.5 0.001 True\n");
}

TEST_F(Export, OfAnOptimizerIsWhatPythonLoads) {
  EXPECT_THAT(done(words("adam.pt", {"--optimizer", "adam"})),
              HasSubstr("these parameters, in this order:\nnet/fc.bias\nnet/fc.weight\n"));
  EXPECT_EQ(python(R"(
import torch
adam = torch.optim.Adam([torch.nn.Parameter(torch.zeros(40)),
                         torch.nn.Parameter(torch.zeros(40, 30))], lr=9)
adam.load_state_dict(torch.load('adam.pt'))
one = adam.state[adam.param_groups[0]['params'][1]]
print(adam.param_groups[0]['lr'], float(one['step']), float(one['exp_avg'][39, 29]))
)"),
            "0.001 200.0 1200.0\n");
  expect_refused(words("x.pt", {"--optimizer", "sgd"}), 1, "expected \"adam\", found \"sgd\"");
  expect_refused(words("x.npz", {"--optimizer", "adam"}), 2,
                 "a file of numpy cannot hold the state of an optimizer; write a file of PyTorch");
  expect_refused(words("x.pt", {"--optimizer", "adam", "--model", "net"}), 2, "excludes");
}

TEST_F(Export, OfAnOptimizerSaysWhatReadsItSafely) {
  EXPECT_THAT(done(words("adam.pt", {"--optimizer", "adam"})),
              HasSubstr("to be read with weights_only=True with PyTorch 2.1 or later\n"));
  EXPECT_EQ(python(R"(
import torch
if tuple(map(int, torch.__version__.split('.')[:2])) >= (2, 1):
    assert sorted(torch.load('adam.pt', weights_only=True)) == ['param_groups', 'state']
print('done')
)"),
            "done\n");
}

TEST_F(Export, SaysInJsonWhatItWrote) {
  const auto json = [&](const Words& all) { return nlohmann::json::parse(done(all)); };
  const auto model = json(words("net.pt", {"--json"}));
  EXPECT_EQ(model.at("wrote"), path("net.pt"));
  EXPECT_EQ(model.at("bytes"), std::filesystem::file_size(path("net.pt")));
  EXPECT_EQ(model.at("models"), nlohmann::json({"net"}));
  EXPECT_EQ(model.at("parameters"), 3);
  EXPECT_EQ(model.at("buffers"), 2);
  EXPECT_TRUE(model.at("needs").empty());
  const auto whole = json(words("all.h5", {"--json"}));
  EXPECT_EQ(whole.at("parameters"), 3);
  const auto adam = json(words("adam.pt", {"--json", "--optimizer", "adam"}));
  EXPECT_EQ(adam.at("parameters"), 0);
  EXPECT_EQ(adam.at("needs"), nlohmann::json({"PyTorch 2.1"}));
  const auto& optimizer = adam.at("optimizers").at(0);
  EXPECT_EQ(optimizer.at("name"), "adam");
  EXPECT_EQ(optimizer.at("class"), "Adam");
  EXPECT_EQ(optimizer.at("parameters"), nlohmann::json({"net/fc.bias", "net/fc.weight"}));
}

TEST_F(Export, StoppedByASignalLeavesNothing) {
  for (const std::string name : {"x.pt", "x.npz", "x.safetensors", "x.h5"})
    expect_stopped(words(name, {"--copy-ties"}));
}

TEST_F(Export, StaysWhereOnlyItsReportIsLost) {
  Words command = {"/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh", HOLDFAST_PROGRAM};
  for (const std::string& word : words("net.pt")) command.push_back(word);
  EXPECT_EQ(testing::run_process(command).status, 1);
  done(words("again.pt"));
  EXPECT_EQ(testing::read_file(path("net.pt")), testing::read_file(path("again.pt")));
}

TEST_F(Export, AsksWhichOfSeveralModels) {
  std::vector<Item> items = testing::whole_training();
  items.push_back(floats("models/ema/parameters/w", {3}));
  save(300, std::move(items));
  expect_refused(words("x.pt"), 2, "several models: \"net\", \"ema\"; choose one");
  expect_refused(words("x.pt", {"--model", "no"}), 1, "expected \"net\", \"ema\", found \"no\"");
  done(words("ema.pt", {"--model", "ema"}));
}

TEST_F(Export, RefusesByNameWhatAFormatCannotHold) {
  save(300, {floats("models/net/parameters/w", {3}),
             testing::item("models/net/parameters/b", DType::kBFloat16, {1}, {2, std::byte(1)}),
             testing::item("models/net/parameters/f", DType::kFloat8E4M3FN, {1}, {std::byte(1)})});
  expect_refused(words("x.npz"), 1, "b: a file of numpy cannot hold bfloat16");
  EXPECT_THAT(done(words("x.pt")), HasSubstr("to be read with PyTorch 2.1 or later\n"));
}

TEST_F(Export, TakesTheFormatFromTheEndingOrTheOption) {
  expect_refused(words("net.bin"), 2, "the file's ending does not tell its format");
  expect_refused(words("net.pt", {"--format", "onnx"}), 2, "there is no such format");
  done(words("net.bin", {"--format", "pt"}));
  EXPECT_EQ(python("import torch\nprint(len(torch.load('net.bin')))"), "5\n");
}

TEST_F(Export, RefusesWhatCannotBe) {
  expect_refused({"export", path("no-run"), "--to", path("x.pt")}, 1, "there is no such directory");
  expect_refused(words("nowhere/x.pt"), 1, "nowhere");
  expect_refused({"export", run_.path()}, 2, "--to is required");
  done(words("net.pt"));
  expect_refused(words("net.pt"), 1, "there is something already");
  save(300, {testing::integer("progress/epoch", 1)});
  expect_refused(words("x.pt"), 1, "there is no model");
}

TEST_F(Export, OfADamagedCheckpointOrToAFullDiskLeavesNothing) {
  run_.flip_bit(run_.file(200, testing::kShard), 9000);
  expect_refused(words("x.pt"), 1, "is damaged");
  save(300, {floats("models/net/parameters/w", {1 << 20})});
  const testing::SmallFiles limit(1 << 20);
  std::signal(SIGXFSZ, SIG_DFL);  // as a shell starts the tool
  for (const std::string name : {"x.pt", "x.npz", "x.safetensors", "x.h5"})
    expect_refused(words(name), 1, path(name) + ": cannot write");
}

}  // namespace
}  // namespace holdfast
