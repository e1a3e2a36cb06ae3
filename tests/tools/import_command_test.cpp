#include "convert_fixture.h"

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>

#include "support/small_disk.h"

namespace holdfast {
namespace {

using exchange::FileFormat;
using ::testing::AllOf;
using testing::floats;
using ::testing::HasSubstr;
using testing::item;
using testing::Words;

constexpr const char* kEndings[] = {"pt", "safetensors", "npz", "h5"};

class Import : public testing::ConvertTest {
 protected:
  Words words(const std::string& file, const std::string& to, Words more = {}) const {
    more.insert(more.begin(), {"import", path(file), "--to", path(to)});
    return more;
  }
  void write(const std::string& name, const std::vector<Item>& items) const {
    exchange::write_file(posix_file_system(), path(name), *exchange::file_format_of(name), items);
  }

  using Groups = std::vector<std::vector<int>>;  // Python's numbers of their parameters

  void write_sgd(const std::string& name, const Groups& groups,
                 const std::vector<std::string>& names) const {
    exchange::write_value(posix_file_system(), path(name), exchange::torch_format(),
                          sgd(groups, names));
  }

  // Python's SGD of parameters of two elements, whose momentum begins with their numbers.
  static exchange::Value sgd(const Groups& groups, const std::vector<std::string>& names) {
    exchange::Dict state;
    exchange::List list;
    for (const std::vector<int>& numbers : groups) {
      exchange::Dict group;
      group.add("lr", 0.1);
      group.add("momentum", 0.9);
      group.add("dampening", 0.0);
      group.add("weight_decay", 0.0);
      group.add("nesterov", false);
      exchange::List params, param_names;
      for (const int number : numbers) {
        params.elements.emplace_back(number);
        if (!names.empty())
          param_names.elements.emplace_back(names[static_cast<std::size_t>(number)]);
        const exchange::Value slots =
            exchange::value_of({floats("momentum_buffer", {2}, static_cast<float>(number))});
        state.add(number, slots);
      }
      if (!names.empty()) group.add("param_names", param_names);
      group.add("params", params);
      list.elements.emplace_back(group);
    }
    exchange::Dict dict;
    dict.add("state", state);
    dict.add("param_groups", list);
    return dict;
  }

  // A model of all dtypes that the format has.
  static std::vector<Item> every_dtype(const FileFormat& format) {
    std::vector<Item> items;
    for (const DType dtype : all_dtypes()) {
      if (!format.carries(dtype)) continue;
      std::vector<std::byte> bytes(6 * size_of(dtype));
      for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = std::byte(dtype == DType::kBool ? i % 2 : i * 7 % 0x5F);
      items.push_back(item("models/net/parameters/of." + std::string(name_of(dtype)), dtype, {2, 3},
                           std::move(bytes)));
    }
    items.push_back(item("models/net/parameters/empty", DType::kFloat32, {0, 4}, {}));
    items.push_back(item("models/net/buffers/point", DType::kInt64, {}, std::vector<std::byte>(8)));
    return items;
  }
};

TEST_F(Import, OfWhatExportWroteIsTheSameInEveryFormatAndDType) {
  std::int64_t step = 300;
  for (const std::string ending : kEndings) {
    SCOPED_TRACE(ending);
    save(step, every_dtype(*exchange::file_format_of("a." + ending)));
    const std::string from = run_.path_of(step++), file = "net." + ending;
    done({"export", from, "--to", path(file), "--model", "net"});
    done(words(file, "from-" + ending, {"--like", from}));
    expect_same_model(from, path("from-" + ending));
    EXPECT_EQ(testing::holdfast({"verify", path("from-" + ending)}).status, 0);
  }
}

TEST_F(Import, OfTiesIsTheSameWhereTheFormatHasThem) {
  for (const std::string ending : {"pt", "h5"}) {
    done({"export", run_.path(), "--to", path("net." + ending), "--model", "net"});
    done(words("net." + ending, ending, {"--like", run_.path()}));
    expect_same_model(run_.path(), path(ending));
  }
}

TEST_F(Import, OfAWholeCheckpointInHdf5IsTheSameCheckpoint) {
  done({"export", run_.path(), "--to", path("all.h5")});
  EXPECT_THAT(done(words("all.h5", "all")), HasSubstr("model net, 3 parameters, 2 buffers\n"));
  const auto finished = testing::holdfast({"diff", run_.path(), path("all"), "--verify"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  done(words("all.h5", "net", {"--model", "net"}));
  EXPECT_EQ(open("net").find("progress/epoch"), nullptr);
  expect_refused(words("all.h5", "x", {"--model", "no"}), 1, "there is no model of that name");
  expect_refused(words("all.h5", "x", {"--key", "models"}), 2, "itself says what its tensors are");
}

TEST_F(Import, OfAWholeCheckpointInHdf5HasItsManifest) {
  done({"export", run_.path(), "--to", path("all.h5")});
  done(words("all.h5", "all"));
  const format::Manifest before = run_.open(200).manifest(), after = open("all").manifest();
  EXPECT_EQ(after.step, 200);
  EXPECT_EQ(after.run_id, before.run_id);
  EXPECT_EQ(after.resumed_from, before.resumed_from);
  EXPECT_EQ(after.configuration, before.configuration);
  EXPECT_EQ(after.metrics.at("accuracy"), 0.875);
  EXPECT_EQ(after.environment.at("torch"), "1.13.1");
  EXPECT_EQ(after.environment.at("imported_from"), path("all.h5"));
  EXPECT_EQ(open("all").find("manifest"), nullptr);
  done(words("all.h5", "later", {"--step", "010", "--model", "net"}));
  EXPECT_EQ(open("later").manifest().step, 10);
  EXPECT_EQ(open("later").manifest().run_id, before.run_id);
  python("import h5py\nh5py.File('all.h5', 'r+')['manifest'][5] = 0");
  expect_refused(words("all.h5", "x"), 1, "all.h5");
}

TEST_F(Import, OfAWholeCheckpointInHdf5KeepsTheOrderOfItsEntries) {
  const auto names_in = [](const CheckpointFiles& files) {
    std::vector<std::string> names;
    for (const format::Entry& entry : files.catalog().entries) names.push_back(entry.name);
    return names;
  };
  done({"export", run_.path(), "--to", path("all.h5")});
  done(words("all.h5", "all"));
  EXPECT_EQ(names_in(open("all")), names_in(run_.open(200)));
  EXPECT_THAT(done({"show", path("all")}), HasSubstr("lr 0.001, betas (0.9, 0.999), eps 1e-08"));
  python("import h5py\ndel h5py.File('all.h5', 'r+')['entry_order']");
  done(words("all.h5", "sorted"));
  EXPECT_THAT(done({"show", path("sorted")}), HasSubstr("betas (0.9, 0.999), eps 1e-08, lr 0.001"));
}

TEST_F(Import, OfAnOrderThatIsNotThatOfTheFileTakesWhatFits) {
  done({"export", run_.path(), "--to", path("all.h5")});
  done(words("all.h5", "all"));
  python(R"(
import h5py, numpy
with h5py.File('all.h5', 'r+') as file:
    order = file['entry_order']
    names, attributes = bytes(order[:]), dict(order.attrs)
    del file['entry_order']
    lines = b'\n'.join([b'x', names, names, b'\n' * 100000])
    file['entry_order'] = numpy.frombuffer(lines, 'u1')
    file['entry_order'].attrs.update(attributes)
)");
  done(words("all.h5", "again"));
  EXPECT_EQ(testing::holdfast({"diff", path("all"), path("again")}).status, 0);
}

TEST_F(Import, OfATextOfItsOwnThatHasAnotherNameIsRefused) {
  for (const std::string name : {"entry_order", "manifest"}) {
    done({"export", run_.path(), "--to", path(name + ".h5")});
    python("import h5py\nfile = h5py.File('" + name + ".h5', 'r+')\nfile['zz'] = file['" + name +
           "']");
    expect_refused(words(name + ".h5", "x"), 1, "\"" + name + "\" in the file has another name");
  }
}

TEST_F(Import, TakesNoEmptySideOfAnOptionForNone) {
  write("net.pt", {floats("w", {2})});
  write_sgd("sgd.pt", {{0}}, {});
  const Words sgd = {"--optimizer", "sgd=" + path("sgd.pt")};
  const auto with = [&](const std::string& option, const std::string& value) {
    Words all = sgd;
    all.insert(all.end(), {option, value});
    return words("net.pt", "x", all);
  };
  expect_refused(with("--parameters", "sgd="), 2, "one side of the '=' is empty");
  expect_refused(with("--optimizer-class", "=sgd"), 2, "one side of the '=' is empty");
  expect_refused(with("--model", "net="), 2, "one side of the '=' is empty");
  expect_refused(words("net.pt", "x", {"--optimizer", "sgd=" + path("sgd.pt") + ":"}), 2,
                 "the key behind the ':' is empty");
}

TEST_F(Import, SaysInJsonWhatItWrote) {
  done({"export", run_.path(), "--to", path("net.pt")});
  done({"export", run_.path(), "--to", path("adam.pt"), "--optimizer", "adam"});
  const auto json = nlohmann::json::parse(done(words(
      "net.pt", "net",
      {"--json", "--step", "5", "--like", run_.path(), "--optimizer", "adam=" + path("adam.pt")})));
  EXPECT_EQ(json.at("wrote"), path("net"));
  EXPECT_EQ(json.at("step"), 5);
  EXPECT_EQ(json.at("models"), nlohmann::json({"net"}));
  EXPECT_EQ(json.at("parameters"), 3);
  EXPECT_EQ(json.at("buffers"), 2);
  EXPECT_GT(json.at("bytes"), 4800);
  EXPECT_EQ(json.at("optimizers").at(0).at("class"), "Adam");
  EXPECT_EQ(json.at("optimizers").at(0).at("parameters"),
            nlohmann::json({"net/fc.bias", "net/fc.weight"}));
}

TEST_F(Import, StoppedByASignalLeavesNothing) {
  for (const std::string ending : kEndings) {
    write("net." + ending, {floats("w", {1 << 20})});
    expect_stopped(words("net." + ending, "x"));
  }
  expect_stopped(words("no.pt", "x"));  // an error may come of the signal
}

TEST_F(Import, OfAnOptimizerIsTheSameState) {
  done({"export", run_.path(), "--to", path("net.pt")});
  done({"export", run_.path(), "--to", path("adam.pt"), "--optimizer", "adam"});
  const Words optimizer = {"--optimizer", "adam=" + path("adam.pt"), "--step", "200"};
  expect_refused(words("net.pt", "x", optimizer), 2, "does not say what class");
  Words like = optimizer;
  like.insert(like.end(), {"--like", run_.path()});
  done(words("net.pt", "made", like));
  const CheckpointFiles before = run_.open(200), after = open("made");
  EXPECT_EQ(after.manifest().step, 200);
  for (const format::Entry& entry : before.catalog().entries) {
    if (entry.name.rfind("optimizers/", 0) != 0) continue;
    ASSERT_NE(after.find(entry.name), nullptr) << entry.name;
    EXPECT_EQ(testing::read_entry(before, entry.name), testing::read_entry(after, entry.name))
        << entry.name;
  }
}

TEST_F(Import, OfPythonsTrainingTakesItsModelAndItsOptimizer) {
  python(R"(
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
torch.optim.lr_scheduler.StepLR(sgd, 5)
net(torch.ones(4, 2)).sum().backward()
sgd.step()
torch.save({'state': {'model': net.state_dict()}, 'sgd': sgd.state_dict(), 'epoch': 3}, 'run.pt')
)");
  expect_refused(words("run.pt", "x"), 1, "choose one by its key (--key of");
  expect_refused(words("run.pt", "x", {"--key", "ema"}), 1,
                 "expected \"state\", \"sgd\", \"epoch\", found \"ema\"");
  expect_refused(words("run.pt", "x", {"--key", "epoch"}), 1, "this is not a state dict");
  const Words model = {"--key", "state.model", "--model", "mlp"};
  EXPECT_THAT(done(words("run.pt", "mlp", model)),
              HasSubstr("model mlp, 4 parameters, 3 buffers\n"));
  EXPECT_NE(open("mlp").find("models/mlp/parameters/1.weight"), nullptr);
  EXPECT_NE(open("mlp").find("models/mlp/buffers/1.running_var"), nullptr);
  Words both = model;
  both.insert(both.end(), {"--optimizer", "sgd=" + path("run.pt"), "--optimizer-key", "sgd"});
  expect_refused(words("run.pt", "x", both), 2,
                 "found \"mlp/0.bias\" and \"mlp/1.weight\", both of the shape [3]; list them");
  testing::write_file(path("names"), "0.weight\n0.bias\n1.weight\n1.bias\n");
  both.insert(both.end(), {"--parameters", path("names")});
  expect_refused(words("run.pt", "x", both), 1,
                 "run.pt, param_groups[0].initial_lr: LibTorch's SGD does not have this; set it to "
                 "its default, or leave it out (--ignore of the tool)");
  both.insert(both.end(), {"--ignore", "initial_lr"});
  done(words("run.pt", "both", both));
  EXPECT_NE(open("both").find("optimizers/sgd/state/mlp/1.bias/momentum_buffer"), nullptr);
}

TEST_F(Import, TakesTheOrderOfTheFileWhereShapesTellTheParametersApart) {
  const Item w = floats("w", {2});
  write("net.pt", {w, floats("a", {2, 1}), testing::alias("tied", w)});
  exchange::Dict slots, state;
  slots.add(0, exchange::value_of({floats("momentum_buffer", {2}, 5)}));
  slots.add(1, exchange::value_of({floats("momentum_buffer", {2, 1}, 6)}));
  state.add("state", slots);
  state.add("param_groups", *sgd({{0, 1}}, {}).dict()->find("param_groups"));
  exchange::write_value(posix_file_system(), path("sgd.pt"), exchange::torch_format(), state);
  const Words optimizer = {"--optimizer", "sgd=" + path("sgd.pt")};
  EXPECT_THAT(done(words("net.pt", "net", optimizer)),
              HasSubstr("optimizer sgd (SGD) has these parameters, in this order:\n"
                        "model/w\nmodel/a\n"));
  EXPECT_EQ(testing::read_floats(open("net"), "optimizers/sgd/state/model/w/momentum_buffer")[0],
            5.F);
  write("sorted.pt", {floats("a", {2, 1}), w});
  expect_refused(words("sorted.pt", "x", optimizer), 1, "another shape");
}

TEST_F(Import, SaysWhichParametersAnOptimizerHasAndTakesAListOfThem) {
  write("net.pt", {floats("w", {2}), floats("a", {2})});
  write("net.safetensors", {floats("w", {2}), floats("a", {2})});
  write_sgd("sgd.pt", {{0, 1}}, {});
  const Words sgd = {"--optimizer", "sgd=" + path("sgd.pt")};
  expect_refused(words("net.pt", "x", sgd), 2, "found \"model/w\" and \"model/a\", both of");
  expect_refused(words("net.safetensors", "x", sgd), 2, "nothing tells which parameters");
  testing::write_file(path("names"), "model/a\r\n\nw\n");
  Words listed = sgd;
  listed.insert(listed.end(), {"--parameters", path("names")});
  EXPECT_THAT(done(words("net.safetensors", "listed", listed)), HasSubstr("model/a\nmodel/w\n"));
  EXPECT_EQ(testing::read_floats(open("listed"), "optimizers/sgd/state/model/w/momentum_buffer")[0],
            1.F);
  testing::write_file(path("names"), "a\nb\n");
  expect_refused(words("net.pt", "x", listed), 1, "is in no imported model: \"b\"");
  testing::write_file(path("names"), "\n");
  expect_refused(words("net.pt", "x", listed), 2, "no name can be read");
  listed.back() = path("");
  expect_refused(words("net.pt", "x", listed), 2, "this is not a file");
}

TEST_F(Import, OfAnOptimizerWithGroupsNeedsTheNamesOfItsParameters) {
  write("net.pt", {floats("w", {2}), floats("a", {2})});
  write_sgd("sgd.pt", {{0}, {1}}, {});
  expect_refused(words("net.pt", "x", {"--optimizer", "sgd=" + path("sgd.pt")}), 2,
                 "found 2 groups; list them");
  write_sgd("named.pt", {{0}, {1}}, {"a", "w"});
  EXPECT_THAT(done(words("net.pt", "net", {"--optimizer", "sgd=" + path("named.pt")})),
              HasSubstr("model/a\nmodel/w\n"));
}

TEST_F(Import, KnowsBuffersByPatternsToo) {
  write("net.npz", {floats("w", {2}), floats("table", {3})});
  EXPECT_THAT(done(words("net.npz", "net", {"--buffer", "tab*"})),
              HasSubstr("model model, 1 parameter, 1 buffer\n"));
  EXPECT_NE(open("net").find("models/model/buffers/table"), nullptr);
  expect_refused(words("net.npz", "x", {"--buffer", "no*"}), 1, "no tensor matches");
  expect_refused(words("net.npz", "x", {"--buffer", "w", "--like", run_.path()}), 2, "excludes");
}

TEST_F(Import, KeepsTheMetadataOfSafetensorsAndWhereItCameFrom) {
  done({"export", run_.path(), "--to", path("net.safetensors"), "--copy-ties"});
  done(words("net.safetensors", "net"));
  const auto environment = open("net").manifest().environment;
  EXPECT_EQ(environment.at("safetensors.format"), "pt");
  EXPECT_EQ(environment.at("imported_from"), path("net.safetensors"));
  exchange::WriteOptions options;
  options.metadata = {{"format", "np"}, {"author", "me"}};
  exchange::write_file(posix_file_system(), path("a.safetensors"), exchange::safetensors_format(),
                       {floats("w", {2})}, options);
  done(words("a.safetensors", "a"));
  done({"export", path("a"), "--to", path("b.safetensors")});
  EXPECT_EQ(exchange::read_file(posix_file_system(), path("b.safetensors"),
                                exchange::safetensors_format())
                .metadata,
            options.metadata);
}

TEST_F(Import, TakesGroupsOfPlainHdf5AsDottedNames) {
  python(R"(
import h5py
f = h5py.File('plain.h5', 'w')
f['net/fc/weight'] = [[1., 2.]]
f['net/fc/bias'] = [3.]
f['other'] = [4.]
)");
  done(words("plain.h5", "net", {"--key", "net"}));
  EXPECT_NE(open("net").find("models/model/parameters/fc.weight"), nullptr);
  EXPECT_EQ(open("net").catalog().entries.size(), 2U);
}

TEST_F(Import, LikeAnotherModelIsRefused) {
  write("net.npz", {floats("fc.weight", {2}), floats("extra", {3})});
  expect_refused(words("net.npz", "x", {"--like", run_.path()}), 1,
                 "only in the file \"extra\", only there \"norm.num_batches_tracked\"");
}

TEST_F(Import, LikeAModelOfOtherShapesTypesOrTiesIsRefused) {
  const Item w = floats("models/net/parameters/w", {2, 3});
  save(300,
       {w, testing::alias("models/net/parameters/x", w), floats("models/net/parameters/y", {1}),
        item("models/net/buffers/n", DType::kInt64, {}, std::vector<std::byte>(8))});
  write("net.npz", {floats("w", {3, 2}), floats("x", {2, 3}), floats("y", {1}),
                    item("n", DType::kInt32, {}, std::vector<std::byte>(4))});
  const Words like = {"--like", run_.path_of(300)};
  for (const std::string difference :
       {"\"w\" float32 [3, 2] instead of float32 [2, 3]", "\"n\" int32 [] instead of int64 []",
        "\"x\" tied to nothing instead of tied to w"})
    expect_refused(words("net.npz", "x", like), 1, difference);
  done({"export", run_.path_of(300), "--to", path("all.h5")});
  done(words("all.h5", "same", like));
  save(400, {w});
  expect_refused(words("all.h5", "x", {"--like", run_.path_of(400)}), 1,
                 "only in the file \"n\", \"x\", \"y\"");
}

TEST_F(Import, TakesSeveralModelsAndOptimizersOfOneFile) {
  const exchange::Value net = exchange::value_of({floats("w", {2}), floats("b", {2})});
  exchange::Dict ema, all;
  ema.add("w", *net.dict()->find("w"));
  all.add("net", net);
  all.add("ema", ema);
  all.add("opt", sgd({{0, 1}}, {}));
  all.add("other", sgd({{0}}, {}));
  exchange::write_value(posix_file_system(), path("run.pt"), exchange::torch_format(), all);
  testing::write_file(path("two"), "ema/w\nb\n");
  testing::write_file(path("one"), "net/b\n");
  const Words models = {"--model", "net=net", "--model", "ema=ema"};
  Words more = models;
  more.insert(more.end(), {"--optimizer", "a=" + path("run.pt") + ":opt", "--parameters",
                           "a=" + path("two"), "--optimizer", "b=" + path("run.pt") + ":other"});
  expect_refused(words("run.pt", "x", more), 2, "the optimizer \"b\" has in which order");
  more.insert(more.end(), {"--parameters", path("one"), "--optimizer-class", "b=sgd"});
  EXPECT_THAT(done(words("run.pt", "made", more)),
              AllOf(HasSubstr("models net, ema, 3 parameters"),
                    HasSubstr("optimizer a (SGD) has these parameters, in this order:\n"
                              "ema/w\nnet/b\noptimizer b (SGD)")));
  EXPECT_EQ(open("made").find("models/ema/parameters/w")->alias_of, "models/net/parameters/w");
  EXPECT_NE(open("made").find("optimizers/b/state/net/b/momentum_buffer"), nullptr);
  more.back() = "c=sgd";
  expect_refused(words("run.pt", "x", more), 2, "there is no --optimizer of that name: \"c\"");
  expect_refused(words("run.pt", "x", {"--model", "a=net", "--model", "a=ema"}), 2,
                 "two models get the same name");
  expect_refused(words("run.pt", "x", {"--model", "=net"}), 2, "one side of the '=' is empty");
  testing::write_file(path("one"), "w\n");
  more.back() = "b=sgd";
  expect_refused(words("run.pt", "x", more), 1, "is in several models");
}

TEST_F(Import, RefusesWhatIsNoFileOfTensors) {
  testing::write_file(path("a.pt"), "hello");
  testing::write_file(path("a.txt"), "hello");
  python(
      "import torch, os\nclass B:\n  def __reduce__(self): return os.system, ('touch run',)\n"
      "torch.save({'w': B()}, 'bomb.pt')\ntorch.save({'w': torch.ones(1), 'n': 3}, 'n.pt')\n"
      "torch.save({}, 'empty.pt')\n"
      "torch.save({3: torch.ones(1)}, 'key.pt')\ntorch.save({'x': [1]}, 'list.pt')");
  expect_refused(words("no.pt", "x"), 1, "no.pt");
  expect_refused(words("a.pt", "x"), 1, "a.pt");
  expect_refused(words("a.txt", "x"), 2, "the file's ending does not tell its format");
  for (const std::string ending : {"safetensors", "npz", "h5"})
    expect_refused(words("a.pt", "x", {"--format", ending}), 1, "a.pt");
  expect_refused(words("bomb.pt", "x"), 1, "posix.system");
  expect_refused(words("n.pt", "x"), 1, "\"n\" is not a tensor");
  expect_refused(words("empty.pt", "x"), 1, "has no tensors");
  expect_refused(words("key.pt", "x"), 1, "key.pt: a key of the dict is not a name");
  expect_refused(words("list.pt", "x"), 1, "list.pt: \"x\" is not a single value");
}

TEST_F(Import, OfAForeignHdf5FileTakesItsNamesAsTheyAre) {
  python(
      "import h5py, numpy\nf = h5py.File('f.h5', 'w')\n"
      "f['layer/a%2Fb'] = numpy.ones(3, 'f4')\nf['models/net/parameters/w'] = numpy.ones(3, 'f4')");
  done(words("f.h5", "made"));
  for (const char* const name : {"layer.a%2Fb", "models.net.parameters.w"})
    EXPECT_NE(open("made").find(format::join({"models", "model", "parameters", name})), nullptr)
        << name;
  python(
      "import h5py, numpy\nf = h5py.File('two.h5', 'w')\n"
      "f['a/b.c'] = numpy.ones(2, 'f4')\nf['a.b/c'] = numpy.ones(2, 'f4')");
  expect_refused(words("two.h5", "x"), 1, "two.h5: a.b.c: two items have the same name");
}

TEST_F(Import, RefusesWhatCannotBe) {
  write("net.npz", {floats("w", {2})});
  done(words("net.npz", "net"));
  expect_refused(words("net.npz", "net"), 1, "there is something already");
  expect_refused(words("net.npz", "nowhere/x"), 1, "nowhere");
  expect_refused(words("net.npz", "x", {"--step", "-1"}), 2, "step");
  expect_refused(words("net.npz", "x", {"--like", path("no")}), 1, "there is no such directory");
  expect_refused(words("net.npz", "x", {"--optimizer", "adam"}), 2, "expected NAME=FILE.pt");
  expect_refused(words("net.npz", "x",
                       {"--optimizer", "a=" + path("net.npz"), "--optimizer-class", "rmsprop"}),
                 2, "there is no such class");
  expect_refused({"import", path("net.npz")}, 2, "--to is required");
}

TEST_F(Import, OnAFullDiskLeavesNothing) {
  write("net.npz", {floats("w", {1 << 20})});
  const testing::SmallFiles limit(1 << 20);
  expect_refused(words("net.npz", "x"), 1, path("x") + ": cannot write");
}

}  // namespace
}  // namespace holdfast
