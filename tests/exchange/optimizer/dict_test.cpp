#include <holdfast/checkpoint/exchange/optimizer/dict.h>

#include "exchange/exchange_fixture.h"

namespace holdfast::testing {
namespace {

using exchange::from_python;
using exchange::FromPythonOptions;
using exchange::OptimizerClass;
using exchange::Parameter;
using exchange::to_python;

constexpr const char* kAdam = "torch::optim::Adam";

std::string below(const std::string& name) {
  return "optimizers/opt/" + name;
}

// As LibTorch's Adam is stored: of two parameters, the second of which has no state yet.
std::vector<Item> adam_items(std::int64_t step = 5, const std::string& type = kAdam) {
  return {text(below("type"), type),
          text(below("groups/0/params"), "net/fc.weight\nnet/fc.bias"),
          real(below("groups/0/lr"), 0.001),
          text(below("groups/0/betas/type"), "tuple"),
          real(below("groups/0/betas/0"), 0.9),
          real(below("groups/0/betas/1"), 0.999),
          real(below("groups/0/eps"), 1e-8),
          real(below("groups/0/weight_decay"), 0),
          boolean(below("groups/0/amsgrad"), false),
          integer(below("state/net/fc.weight/step"), step),
          floats(below("state/net/fc.weight/exp_avg"), {2, 3}),
          floats(below("state/net/fc.weight/exp_avg_sq"), {2, 3}, 10)};
}

std::vector<Item> sgd_items() {
  return {text(below("type"), "torch::optim::SGD"),
          text(below("groups/0/params"), "net/fc.weight"),
          real(below("groups/0/lr"), 0.1),
          real(below("groups/0/momentum"), 0.9),
          real(below("groups/0/dampening"), 0),
          real(below("groups/0/weight_decay"), 0.01),
          boolean(below("groups/0/nesterov"), true),
          text(below("groups/1/params"), "net/fc.bias"),
          real(below("groups/1/lr"), 0.2),
          real(below("groups/1/momentum"), 0.9),
          real(below("groups/1/dampening"), 0),
          real(below("groups/1/weight_decay"), 0),
          boolean(below("groups/1/nesterov"), false),
          floats(below("state/net/fc.weight/momentum_buffer"), {2, 3}),
          floats(below("state/net/fc.bias/momentum_buffer"), {2}, 7)};
}

const std::vector<Parameter>& parameters() {
  static const std::vector<Parameter> list = {{"net/fc.weight", {2, 3}}, {"net/fc.bias", {2}}};
  return list;
}

std::vector<Item> without(std::vector<Item> items, const std::string& name) {
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const Item& item) { return item.name == below(name); }),
              items.end());
  return items;
}

std::vector<Item> with(std::vector<Item> items, Item item) {
  items = without(std::move(items), item.name.substr(below("").size()));
  items.push_back(std::move(item));
  return items;
}

class OptimizerDict : public ExchangeTest {
 protected:
  void put_state_dict(const std::string& name, const std::vector<Item>& items) const {
    exchange::write_value(posix_file_system(), path(name), torch_format(),
                          to_python(items, "opt").state_dict);
  }

  // What Python's optimizer saves after each of the scripts, of a Linear(3, 2) named `net` that has
  // stepped once; `make` makes the optimizer.
  std::vector<Value> python_states(const std::string& make,
                                   const std::vector<std::string>& scripts) const {
    std::string program =
        "import torch, copy\ntorch.manual_seed(1)\nnet = torch.nn.Linear(3, 2)\n"
        "opt = torch.optim." +
        make +
        "\n"
        "net(torch.ones(4, 3)).square().sum().backward()\nopt.step()\n";
    for (std::size_t i = 0; i < scripts.size(); ++i)
      program += "state = copy.deepcopy(opt.state_dict())\n" + scripts[i] +
                 "\ntorch.save(state, '" + std::to_string(i) + ".pt')\n";
    python(program);
    std::vector<Value> states;
    for (std::size_t i = 0; i < scripts.size(); ++i)
      states.push_back(read_value(std::to_string(i) + ".pt", torch_format()));
    return states;
  }
  Value python_state(const std::string& make, const std::string& script = "pass") const {
    return python_states(make, {script})[0];
  }

  struct Refused {
    std::string words, script;
  };
  void expect_refused(ErrorKind kind, const std::string& make,
                      const std::vector<Refused>& cases) const {
    std::vector<std::string> scripts;
    for (const Refused& one : cases) scripts.push_back(one.script);
    const std::vector<Value> states = python_states(make, scripts);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      SCOPED_TRACE(cases[i].script);
      expect_error(kind, cases[i].words,
                   [&] { from_python(states[i], "opt", OptimizerClass::kAdam, parameters()); });
    }
  }
};

TEST_F(OptimizerDict, OfAdamIsAsPythonHasIt) {
  put_state_dict("opt.pt", adam_items());
  EXPECT_EQ(python(R"(
import torch
s = torch.load('opt.pt')
print(s['param_groups'])
print(list(s['state']), {k: (v.dtype, list(v.shape)) for k, v in s['state'][0].items()})
print(s['state'][0]['step'])
)"),
            "[{'lr': 0.001, 'betas': (0.9, 0.999), 'eps': 1e-08, 'weight_decay': 0.0, "
            "'amsgrad': False, 'params': [0, 1]}]\n"
            "[0] {'step': (torch.float32, []), 'exp_avg': (torch.float32, [2, 3]), "
            "'exp_avg_sq': (torch.float32, [2, 3])}\n"
            "tensor(5.)\n");
}

TEST_F(OptimizerDict, IsTakenByPythonsOptimizers) {
  put_state_dict("adam.pt", adam_items());
  put_state_dict("adamw.pt", adam_items(7, "torch::optim::AdamW"));
  put_state_dict("sgd.pt", sgd_items());
  EXPECT_EQ(python(R"(
import torch
def resumed(make, file):
    net = torch.nn.Linear(3, 2)
    opt = make(net)
    opt.load_state_dict(torch.load(file))
    net(torch.ones(4, 3)).square().sum().backward()
    opt.step()
    return opt.state_dict()
for make in torch.optim.Adam, torch.optim.AdamW:
    s = resumed(lambda net: make(net.parameters(), lr=9), make.__name__.lower() + '.pt')
    print(make.__name__, s['param_groups'][0]['lr'], [int(v['step']) for v in s['state'].values()])
s = resumed(lambda net: torch.optim.SGD([{'params': [net.weight]}, {'params': [net.bias]}], 9),
            'sgd.pt')
print([(g['lr'], g['nesterov'], g['params']) for g in s['param_groups']], len(s['state']))
)"),
            "Adam 0.001 [6, 1]\n"
            "AdamW 0.001 [8, 1]\n"
            "[(0.1, True, [0]), (0.2, False, [1])] 2\n");
}

TEST_F(OptimizerDict, ComesBackAsItWas) {
  for (const std::vector<Item>& items :
       {adam_items(), adam_items(1 << 24), adam_items(), sgd_items()}) {
    const auto there = to_python(items, "opt");
    EXPECT_EQ(there.parameters, (std::vector<std::string>{"net/fc.weight", "net/fc.bias"}));
    expect_same(items, from_python(there.state_dict, "opt", there.type, parameters()));
  }
}

TEST_F(OptimizerDict, CountsStepsThatFloat32CannotHold) {
  const std::int64_t many = (1 << 24) + 1;
  const auto there = to_python(adam_items(many), "opt");
  const Value* first = there.state_dict.dict()->find("state")->dict()->find(0);
  EXPECT_EQ(first->dict()->find("step")->tensor()->dtype, DType::kFloat64);
  expect_same(adam_items(many), from_python(there.state_dict, "opt", there.type, parameters()));
  expect_error(ErrorKind::kUnsupported, "Python cannot count to this step: 9007199254740993",
               [&] { to_python(adam_items(9007199254740993), "opt"); });
}

TEST_F(OptimizerDict, OfPythonIsAsLibTorchHasIt) {
  const Value state = python_state("AdamW(net.parameters(), lr=0.01, amsgrad=True)");
  const std::vector<Item> items = from_python(state, "opt", OptimizerClass::kAdamW, parameters());
  expect_same({text(below("type"), "torch::optim::AdamW"),
               text(below("groups/0/params"), "net/fc.weight\nnet/fc.bias"),
               real(below("groups/0/lr"), 0.01), real(below("groups/0/eps"), 1e-8),
               real(below("groups/0/weight_decay"), 0.01), boolean(below("groups/0/amsgrad"), true),
               text(below("groups/0/betas/type"), "tuple"), real(below("groups/0/betas/0"), 0.9),
               real(below("groups/0/betas/1"), 0.999)},
              std::vector<Item>(items.begin(), items.begin() + 9));
  EXPECT_EQ(items.size(), 17U);
  EXPECT_EQ(read_item(find_item(items, below("state/net/fc.bias/step"))),
            bytes_of(std::vector<std::int64_t>{1}));
  EXPECT_EQ(find_item(items, below("state/net/fc.weight/max_exp_avg_sq")).shape, (Shape{2, 3}));
}

TEST_F(OptimizerDict, OfPythonsSgdLeavesOutWhatHasNoBuffer) {
  const std::vector<Item> plain = from_python(python_state("SGD(net.parameters(), lr=1)"), "opt",
                                              OptimizerClass::kSgd, parameters());
  EXPECT_EQ(plain.size(), 7U);
  EXPECT_EQ(read_item(find_item(plain, below("groups/0/momentum"))),
            bytes_of(std::vector<double>{0}));
  const std::vector<Item> buffered =
      from_python(python_state("SGD(net.parameters(), lr=1, momentum=0.5)"), "opt",
                  OptimizerClass::kSgd, parameters());
  EXPECT_EQ(buffered.size(), 9U);
}

TEST_F(OptimizerDict, GoesByPositionsNotByNumbers) {
  const Value state =
      python_state("Adam(net.parameters())",
                   "state['param_groups'][0]['params'] = [40, 7]\n"
                   "state['state'] = {7: state['state'][1], 40: state['state'][0]}");
  const std::vector<Item> items = from_python(state, "opt", OptimizerClass::kAdam, parameters());
  EXPECT_EQ(find_item(items, below("state/net/fc.bias/exp_avg")).shape, Shape{2});
}

TEST_F(OptimizerDict, OfATiedParameterHasOneNumber) {
  std::vector<Item> items = with(
      adam_items(), text(below("groups/0/params"), "net/fc.weight\nnet/fc.weight\nnet/fc.bias"));
  const auto there = to_python(items, "opt");
  const Dict& group = *there.state_dict.dict()->find("param_groups")->list()->elements[0].dict();
  std::vector<std::int64_t> numbers;
  for (const Value& number : group.find("params")->list()->elements)
    numbers.push_back(*number.integer());
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 0, 2}));
  const std::vector<Parameter> listed = {parameters()[0], parameters()[0], parameters()[1]};
  expect_same(items, from_python(there.state_dict, "opt", there.type, listed));
  const std::vector<Parameter> wrong = {parameters()[0], parameters()[1], parameters()[1]};
  expect_error(ErrorKind::kMismatch,
               "two parameters have the same number: net/fc.weight and net/fc.bias",
               [&] { from_python(there.state_dict, "opt", there.type, wrong); });
}

TEST_F(OptimizerDict, TellsItsClassByItsKeys) {
  EXPECT_EQ(class_of(to_python(sgd_items(), "opt").state_dict), OptimizerClass::kSgd);
  EXPECT_EQ(class_of(to_python(adam_items(), "opt").state_dict), std::nullopt);
  const std::string set = "state['param_groups'][0]['decoupled_weight_decay'] = ";
  const auto states = python_states("Adam(net.parameters())", {set + "False", set + "True"});
  EXPECT_EQ(class_of(states[0]), OptimizerClass::kAdam);
  EXPECT_EQ(class_of(states[1]), OptimizerClass::kAdamW);
  EXPECT_EQ(class_of(Value(3)), std::nullopt);
}

TEST_F(OptimizerDict, TakesWhatChangesNothing) {
  const Value state = python_state("Adam(net.parameters())",
                                   "state['param_groups'][0].update(foreach=True, fused=False, "
                                   "decoupled_weight_decay=False, capturable=False, "
                                   "param_names=['fc.weight', 'fc.bias'])");
  EXPECT_NO_THROW(from_python(state, "opt", OptimizerClass::kAdam, parameters()));
}

TEST_F(OptimizerDict, NamesWhatLibTorchDoesNotHave) {
  const std::string group = "state['param_groups'][0]";
  const std::string first = "state['state'][0]";
  expect_refused(
      ErrorKind::kUnsupported, "Adam(net.parameters())",
      {{"param_groups[0].maximize: LibTorch's Adam does not have this at this value",
        group + "['maximize'] = True"},
       {"param_groups[0].capturable", group + "['capturable'] = True"},
       {"param_groups[0].decoupled_weight_decay", group + "['decoupled_weight_decay'] = True"},
       {"param_groups[0].initial_lr: LibTorch's Adam does not have this; set it to its default, or "
        "leave it out (--ignore of the tool)",
        group + "['initial_lr'] = 1.0"},
       {"param_groups[0].lr: the option is not a number: expected a float, found Tensor",
        group + "['lr'] = torch.tensor(1.0)"},
       {"param_groups[0].amsgrad: the option is not a bool", group + "['amsgrad'] = 0"},
       {"state[0].more: LibTorch's Adam does not have this slot",
        first + "['more'] = torch.ones(2, 3)"},
       {"state[0].step: the step is not a whole number from 0 to 2^53: 1.5",
        first + "['step'] = torch.tensor(1.5)"},
       {"not a whole number from 0 to 2^53: -5", first + "['step'] = -5"},
       {"not a whole number from 0 to 2^53: 9007199254740994", first + "['step'] = 2**53 + 1"},
       {"not a whole number from 0 to 2^53: -1", first + "['step'] = torch.tensor(-1)"},
       {"not a whole number from 0 to 2^53: 9007199254740994",
        first + "['step'] = torch.tensor(2**53 + 1)"},
       {"state[0].step: the step is not a number: expected one float32, float64 or int64, found "
        "float32 [2]",
        first + "['step'] = torch.ones(2)"}});
}

TEST_F(OptimizerDict, LeavesOutWhatItIsToldTo) {
  const Value state =
      python_state("Adam(net.parameters())", "state['param_groups'][0]['initial_lr'] = 0.5");
  FromPythonOptions options;
  options.ignored = {"initial_lr"};
  EXPECT_NO_THROW(from_python(state, "opt", OptimizerClass::kAdam, parameters(), options));
}

TEST_F(OptimizerDict, SaysWhatDoesNotFit) {
  const std::string group = "state['param_groups'][0]";
  const std::string states = "state['state']";
  expect_refused(
      ErrorKind::kMismatch, "Adam(net.parameters())",
      {{"state[0].exp_avg: no optimizer computes with the slot's dtype: expected a "
        "floating-point or complex one, found int64",
        states + "[0]['exp_avg'] = torch.ones(2, 3, dtype=torch.int64)"},
       {"param_groups[0].eps: the option is missing; is this the state of Adam?",
        "del " + group + "['eps']"},
       {"this is not the state_dict() of an optimizer: expected a list, found nothing",
        "state = {'state': {}}"},
       {"expected a dict, found nothing", "del state['state']"},
       {"expected a dict, found list", "state = [1]"},
       {"param_groups[0].params: the optimizer has too many parameters",
        group + "['params'] = [0, 1, 2]"},
       {"the wrong number of parameters: expected 2, found 1", group + "['params'] = [0]"},
       {"the state is of a parameter that is in no group", states + "[9] = state['state'][0]"},
       {"state[0].exp_avg: the slot has another shape than its parameter net/fc.weight: "
        "expected [2, 3], found [2]",
        states + "[0] = state['state'][1]"},
       {"state[0].exp_avg: the slot is missing", "del state['state'][0]['exp_avg']"},
       {"state[1].exp_avg: the slot is not a tensor", states + "[1]['exp_avg'] = 1.0"},
       {"state[0].max_exp_avg_sq: the slot is missing", group + "['amsgrad'] = True"},
       {"param_groups[0].param_names: the parameters are in another order: expected "
        "net/fc.weight, found \"fc.bias\"",
        group + "['param_names'] = ['fc.bias', 'fc.weight']"},
       {"param_groups[0].betas: this is not a pair: 3 values", group + "['betas'] = (1, 2, 3)"}});
}

TEST_F(OptimizerDict, SaysWhatIsWrongWithTheEntries) {
  const auto expect = [](ErrorKind kind, const std::string& words, const std::vector<Item>& items) {
    expect_error(kind, words, [&] { to_python(items, "opt"); });
  };
  expect(ErrorKind::kNotFound, "optimizers/opt: there is no state of an optimizer", {});
  expect(ErrorKind::kNotFound, "no state of an optimizer", {floats("optimizers/other/x", {1})});
  expect(ErrorKind::kUnsupported, "found torch::optim::LBFGS",
         adam_items(1, "torch::optim::LBFGS"));
  expect(ErrorKind::kUnsupported,
         "optimizers/opt/groups/0/more: an option that Python's Adam does not have",
         with(adam_items(), real(below("groups/0/more"), 1)));
  expect(ErrorKind::kUnsupported, "a slot that Python's Adam does not have",
         with(adam_items(), floats(below("state/net/fc.weight/more"), {1})));
  expect(ErrorKind::kMismatch, "optimizers/opt/groups/0/lr: the entry is missing",
         without(adam_items(), "groups/0/lr"));
  expect(ErrorKind::kMismatch,
         "optimizers/opt/groups/0/lr: the entry has the wrong kind: expected "
         "a float",
         with(adam_items(), text(below("groups/0/lr"), "x")));
  expect(ErrorKind::kMismatch, "exp_avg: the entry is missing",
         without(adam_items(), "state/net/fc.weight/exp_avg"));
  expect(ErrorKind::kMismatch, "the state is of a parameter that is in no group",
         with(adam_items(), text(below("groups/0/params"), "net/fc.bias")));
  expect(ErrorKind::kMismatch, "this is not a pair of numbers",
         with(adam_items(), text(below("groups/0/betas/type"), "list of float")));
}

TEST_F(OptimizerDict, TakesSlotsThatAreTiedToSomethingElse) {
  const Item weight = floats("models/net/parameters/fc.weight", {2, 3});
  std::vector<Item> items = without(sgd_items(), "state/net/fc.weight/momentum_buffer");
  items.insert(items.begin(), weight);
  items.push_back(alias(below("state/net/fc.weight/momentum_buffer"), weight));
  const auto there = to_python(items, "opt");
  expect_same(sgd_items(), from_python(there.state_dict, "opt", there.type, parameters()));
}

}  // namespace
}  // namespace holdfast::testing
