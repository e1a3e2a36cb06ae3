// Files that hold a training: what is imported is the model, or nothing.
#include "convert_fixture.h"

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>

namespace holdfast {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::item;
using testing::Words;

class ImportOfATraining : public testing::ConvertTest {
 protected:
  Words words(const std::string& file, const std::string& to, const std::string& key = "") const {
    Words words = {"import", path(file), "--to", path(to)};
    if (!key.empty()) words.insert(words.end(), {"--key", key});
    return words;
  }
  void write(const std::string& name, const std::vector<std::string>& tensors) const {
    std::vector<Item> items;
    for (const std::string& tensor : tensors) items.push_back(floats(tensor, {2}));
    exchange::write_file(posix_file_system(), path(name), *exchange::file_format_of(name), items);
  }
  // Makes the file with h5py, open as `f`.
  void write_keras(const std::string& name, const std::string& body) const {
    python(R"(
import h5py, numpy as np
ones = lambda *shape: np.ones(shape, 'f4')
with h5py.File(')" +
           name + "', 'w') as f:\n" + body);
  }
  std::vector<std::string> entries(const std::string& name) const {
    std::vector<std::string> names;
    const CheckpointFiles files = open(name);
    for (const format::Entry& entry : files.catalog().entries) names.push_back(entry.name);
    return names;
  }
};

// As Keras 2 writes model.save("model.h5"): four layers, and Adam with two slots for each weight.
TEST_F(ImportOfATraining, OfKeras2IsRefusedWithTheKeyThatHasTheModel) {
  write_keras("model.h5", R"(
    f.attrs['keras_version'] = '2.11.0'
    f['optimizer_weights/Adam/iteration:0'] = np.int64(7)
    f['optimizer_weights/Adam/learning_rate:0'] = np.float32(0.1)
    for layer in ('dense', 'dense_1', 'dense_2', 'dense_3'):
        f[f'model_weights/{layer}/{layer}/kernel:0'] = ones(3, 2)
        f[f'model_weights/{layer}/{layer}/bias:0'] = ones(2)
        for slot in ('m', 'v'):
            f[f'optimizer_weights/Adam/{slot}/{layer}/kernel:0'] = ones(3, 2)
    f.create_group('model_weights/top_level_model_weights')
)");
  expect_refused(words("model.h5", "x"), 1,
                 "model.h5: not all of these tensors are a model's: expected a model alone, found "
                 "\"optimizer_weights.Adam.iteration:0\" and 9 more of an optimizer among 18; "
                 "choose the model by its key (--key of the tool): \"model_weights\"");
  EXPECT_THAT(done(words("model.h5", "net", "model_weights")),
              HasSubstr("model model, 8 parameters, 0 buffers\n"));
  EXPECT_THAT(entries("net"),
              ::testing::Contains("models/model/parameters/dense_1.dense_1.kernel:0"));
  expect_refused(words("model.h5", "x", "weights"), 1,
                 "there is no such key in the file: expected \"model_weights\", "
                 "\"optimizer_weights\", found \"weights\"");
}

// As Keras 3 writes model.save_weights("model.weights.h5") of a compiled model.
TEST_F(ImportOfATraining, OfKeras3IsRefusedWithTheKeyThatHasTheModel) {
  write_keras("model.weights.h5", R"(
    for layer in ('dense', 'dense_1'):
        f[f'layers/{layer}/vars/0'] = ones(3, 2)
        f[f'layers/{layer}/vars/1'] = ones(2)
    f['optimizer/vars/0'] = np.int64(7)
    f['optimizer/vars/1'] = np.float32(0.1)
    for i in range(2, 10): f[f'optimizer/vars/{i}'] = ones(2)
    f.create_group('vars')
)");
  expect_refused(words("model.weights.h5", "x"), 1,
                 "\"optimizer.vars.0\" and 9 more of an optimizer among 14; choose the model by "
                 "its key (--key of the tool): \"layers\"");
  done(words("model.weights.h5", "net", "layers"));
  EXPECT_THAT(entries("net"),
              ::testing::UnorderedElementsAre("models/model/parameters/dense.vars.0",
                                              "models/model/parameters/dense.vars.1",
                                              "models/model/parameters/dense_1.vars.0",
                                              "models/model/parameters/dense_1.vars.1"));
}

TEST_F(ImportOfATraining, OfKerasWithoutAnOptimizerIsTaken) {
  write_keras("model.weights.h5", "    f['layers/dense/vars/0'] = ones(3, 2)\n");
  done(words("model.weights.h5", "net"));
  EXPECT_THAT(entries("net"),
              ::testing::ElementsAre("models/model/parameters/layers.dense.vars.0"));
}

TEST_F(ImportOfATraining, OfFlatNamesIsRefusedInEveryFormatAndChosenByKey) {
  for (const std::string ending : {"pt", "safetensors", "npz", "h5"}) {
    SCOPED_TRACE(ending);
    const std::string file = "run." + ending;
    write(file, {"model.fc.weight", "model.fc.bias", "optimizer.state.0.exp_avg"});
    expect_refused(words(file, "x"), 1,
                   "found \"optimizer.state.0.exp_avg\" of an optimizer among 3; choose the model "
                   "by its key (--key of the tool): \"model\"");
    done(words(file, "net-" + ending, "model"));
    EXPECT_THAT(entries("net-" + ending),
                ::testing::UnorderedElementsAre("models/model/parameters/fc.weight",
                                                "models/model/parameters/fc.bias"));
    expect_refused(words(file, "x", "mode"), 1, "found \"mode\"");
  }
}

TEST_F(ImportOfATraining, LooksBelowTheKeyToo) {
  write("run.npz", {"state/params/w", "state/opt_state/0/mu/w"});
  expect_refused(words("run.npz", "x", "state"), 1,
                 "\"opt_state/0/mu/w\" of an optimizer among 2; choose the model by its key (--key "
                 "of the tool): \"state.params\"");
  done(words("run.npz", "net", "state.params"));
  EXPECT_THAT(entries("net"), ::testing::ElementsAre("models/model/parameters/w"));
}

TEST_F(ImportOfATraining, WithSlotsBesideTheParametersOrGeneratorsIsRefused) {
  write("slots.safetensors", {"fc.weight", "fc.weight.exp_avg", "fc.weight.exp_avg_sq"});
  expect_refused(words("slots.safetensors", "x"), 1,
                 "\"fc.weight.exp_avg\" and 1 more of an optimizer among 3; write a file of the "
                 "model alone, or compare it with a checkpoint of the model (--like of the tool)");
  write("rng.pt", {"fc.weight", "cuda_rng_state"});
  expect_refused(words("rng.pt", "x"), 1,
                 "found \"cuda_rng_state\" of a random number generator among 2; write a file of");
}

// A module may be called so: a checkpoint of it leaves no doubt.
TEST_F(ImportOfATraining, TakesSuchNamesWhereACheckpointOfTheModelHasThem) {
  save(300, {floats("models/net/parameters/optimizer.weight", {2})});
  write("net.pt", {"optimizer.weight"});
  expect_refused(words("net.pt", "x"), 1, "\"optimizer.weight\" of an optimizer among 1; write a");
  Words like = words("net.pt", "net");
  like.insert(like.end(), {"--like", run_.path_of(300)});
  done(like);
}

}  // namespace
}  // namespace holdfast
