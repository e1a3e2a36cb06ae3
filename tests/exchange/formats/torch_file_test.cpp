
#include <sstream>
#include <thread>

#include "exchange/exchange_fixture.h"

namespace holdfast::testing {
namespace {

using exchange::items_of;

// What the scripts below begin with: a tensor's bytes, by way of numpy, which has not all dtypes.
constexpr const char* kPrelude = R"(
import torch
def bits(t):
    t = t.detach().contiguous()
    if t.dtype == torch.bfloat16: t = t.view(torch.int16)
    return t.numpy().tobytes().hex()
)";

std::string hex(const std::vector<std::byte>& bytes) {
  std::ostringstream text;
  for (const std::byte byte : bytes) {
    text << "0123456789abcdef"[static_cast<unsigned>(byte) >> 4];
    text << "0123456789abcdef"[static_cast<unsigned>(byte) & 15];
  }
  return text.str();
}

// As kPrelude's `line` prints it.
std::string line_of(const Item& item) {
  return item.name + " torch." + std::string(name_of(item.dtype)) + " " + to_string(item.shape) +
         " " + hex(read_item(item)) + "\n";
}

class TorchFile : public ExchangeTest {
 protected:
  void write_value(const std::string& name, const Value& value) const {
    exchange::write_value(posix_file_system(), path(name), torch_format(), value);
  }
  std::vector<Item> read_torch(const std::string& name) const { return read(name, torch_format()); }
  std::string torch(const std::string& script) const { return python(kPrelude + script); }

  // Those that PyTorch 1.13 has.
  static std::vector<Item> old_tensors() {
    std::vector<Item> items;
    for (const Item& item : tensors_for(torch_format()))
      if (torch_format().needed_version(item.kind, item.dtype).empty()) items.push_back(item);
    return items;
  }
};

TEST_F(TorchFile, KeepsEveryDtypeBitForBit) {
  const std::vector<Item> items = tensors_for(torch_format());
  write("state.pt", torch_format(), items);
  expect_same(items, read_torch("state.pt"));
}

TEST_F(TorchFile, IsReadByTorchLoadWithWeightsOnly) {
  const std::vector<Item> items = old_tensors();
  write("state.pt", torch_format(), items);
  std::string expected = "OrderedDict\n";
  for (const Item& item : items) expected += line_of(item);
  EXPECT_EQ(torch(R"(
state = torch.load('state.pt', weights_only=True)
print(type(state).__name__)
for name, t in state.items(): print(name, t.dtype, list(t.shape), bits(t))
)"),
            expected);
}

TEST_F(TorchFile, OfTorchSaveIsRead) {
  const std::vector<Item> items = old_tensors();
  write("ours.pt", torch_format(), items);
  torch(R"(
state = torch.load('ours.pt')
for protocol in 2, 3, 4, 5: torch.save(state, f'{protocol}.pt', pickle_protocol=protocol)
)");
  for (const char* name : {"2.pt", "3.pt", "4.pt", "5.pt"}) {
    SCOPED_TRACE(name);
    expect_same(items, read_torch(name));
  }
}

TEST_F(TorchFile, KeepsTiesAsSharedStorage) {
  const Item weight = floats("embedding.weight", {3, 2});
  const std::vector<Item> items = {weight, floats("bias", {2}), alias("output.weight", weight)};
  write("state.pt", torch_format(), items);
  expect_same(items, read_torch("state.pt"));
  EXPECT_EQ(torch(R"(
s = torch.load('state.pt', weights_only=True)
print(s['embedding.weight'].data_ptr() == s['output.weight'].data_ptr(), len(s))
torch.save(s, 'again.pt')
)"),
            "True 3\n");
  expect_same(items, read_torch("again.pt"));
}

TEST_F(TorchFile, KeepsNumbersTextAndNone) {
  const std::vector<Item> items = {integer("epoch", 3),     integer("large", std::int64_t{1} << 40),
                                   integer("negative", -5), real("loss", 0.1),
                                   boolean("done", true),   text("name", "größer"),
                                   text("nothing", ""),     none("scheduler")};
  write("state.pt", torch_format(), items);
  expect_same(items, read_torch("state.pt"));
  // PyTorch 1.13 reads floats without weights_only only.
  EXPECT_EQ(torch("s = torch.load('state.pt')\nprint(list(s.values()))"
                  "\ntorch.save(dict(s), 'again.pt')"),
            "[3, 1099511627776, -5, 0.1, True, 'größer', '', None]\n");
  expect_same(items, read_torch("again.pt"));
}

TEST_F(TorchFile, GivesNestedCheckpointsAsATree) {
  torch(R"(
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
adam = torch.optim.Adam(net.parameters())
net(torch.ones(4, 2)).sum().backward()
adam.step()
torch.save({'model': net.state_dict(), 'optimizer': adam.state_dict(), 'epoch': 3,
            'betas': (0.5, [1, None]), 'size': torch.Size([2, 3]), 'dtype': torch.float32,
            'device': torch.device('cuda', 1), 'parameter': torch.nn.Parameter(torch.ones(2))},
           'checkpoint.pt')
)");
  const Value value = read_value("checkpoint.pt", torch_format());
  const Dict& dict = *value.dict();
  EXPECT_EQ(*dict.find("epoch")->integer(), 3);
  EXPECT_EQ(*dict.find("dtype")->text(), "torch.float32");
  EXPECT_EQ(dict.find("size")->tuple()->elements.size(), 2U);
  EXPECT_EQ(*dict.find("device")->tuple()->elements[0].text(), "cuda");
  EXPECT_TRUE(dict.find("betas")->tuple()->elements[1].list()->elements[1].is_none());
  EXPECT_EQ(dict.find("parameter")->tensor()->shape, Shape{2});
  const std::vector<Item> model = items_of(*dict.find("model"));
  EXPECT_TRUE(dict.find("model")->dict()->is_ordered);
  EXPECT_EQ(find_item(model, "0.weight").shape, (Shape{3, 2}));
  EXPECT_EQ(find_item(model, "1.num_batches_tracked").dtype, DType::kInt64);
  const Value* first = dict.find("optimizer")->dict()->find("state")->dict()->find(0);
  EXPECT_EQ(first->dict()->find("step")->tensor()->dtype, DType::kFloat32);
}

TEST_F(TorchFile, OfATreeIsReadAsThatTree) {
  Dict inner;
  inner.add(0, List{{1, 2.5, "x"}});
  inner.add(-7, Tuple{{}});
  inner.add("t", items_of(exchange::value_of({floats("w", {2})})).empty() ? Value() : Value(true));
  Dict dict;
  dict.add("inner", inner);
  dict.add("rest", Tuple{{1, 2, 3, 4, Value()}});
  write_value("tree.pt", dict);
  EXPECT_EQ(torch("print(torch.load('tree.pt'))"),
            "{'inner': {0: [1, 2.5, 'x'], -7: (), 't': True}, 'rest': (1, 2, 3, 4, None)}\n");
}

TEST_F(TorchFile, MakesViewsOfStoragesTensorsOfTheirOwn) {
  EXPECT_EQ(torch(R"(
def base(): return torch.arange(120, dtype=torch.float32).reshape(4, 5, 6)
tied = base()
views = {'whole': base(), 'transposed': tied.transpose(0, 2), 'slice': base()[1:3, 2],
         'stepped': base()[::2, 1:, ::3], 'last': base()[..., -1],
         'permuted': base().permute(1, 2, 0), 'same': tied.transpose(0, 2),
         'point': base()[3, 4, 5], 'diagonal': base().diagonal(dim1=0, dim2=2),
         'images': torch.arange(96.).reshape(2, 3, 4, 4).to(memory_format=torch.channels_last)}
torch.save(views, 'views.pt')
torch.save({name: view.clone(memory_format=torch.contiguous_format)
            for name, view in views.items()}, 'clones.pt')
)"),
            "");
  std::vector<Item> views = read_torch("views.pt");
  for (const Item& clone : read_torch("clones.pt")) {
    SCOPED_TRACE(clone.name);
    const Item& view = find_item(views, clone.name);
    EXPECT_EQ(view.shape, clone.shape);
    if (!view.alias_of.empty()) continue;
    EXPECT_EQ(read_item(view), read_item(clone));
  }
  // The same view of one storage is the same tensor.
  EXPECT_EQ(find_item(views, "same").alias_of, "transposed");
  EXPECT_EQ(find_item(views, "whole").alias_of, "");
}

TEST_F(TorchFile, MakesPartsOfAStorageTensorsOfTheirOwn) {
  torch(R"(
qkv = torch.arange(36.).reshape(4, 9)
flat = torch.arange(10.)
q, k, v = qkv.chunk(3, dim=1)
torch.save({'q': q, 'k': k, 'v': v, 'w': flat[:6].view(2, 3), 'b': flat[6:]}, 'parts.pt')
)");
  const std::vector<Item> parts = read_torch("parts.pt");
  for (const Item& part : parts) EXPECT_EQ(part.alias_of, "");
  EXPECT_EQ(read_item(find_item(parts, "k")),
            bytes_of(std::vector<float>{3, 4, 5, 12, 13, 14, 21, 22, 23, 30, 31, 32}));
  EXPECT_EQ(read_item(find_item(parts, "b")), bytes_of(std::vector<float>{6, 7, 8, 9}));
}

TEST_F(TorchFile, KeepsATieWhateverTheStrideOfOneElement) {
  torch(R"(
x = torch.arange(4.)
torch.save({'a': x.as_strided((1, 4), (4, 1)), 'b': x.as_strided((1, 4), (99, 1))}, 'tie.pt')
)");
  EXPECT_EQ(find_item(read_torch("tie.pt"), "b").alias_of, "a");
}

TEST_F(TorchFile, ThatSharesElementsInTwoWaysIsRefusedByName) {
  torch(R"(
x = torch.arange(24.).reshape(4, 6)
for name, other in {'transposed': x.t(), 'flat': x.view(-1), 'part': x[:, 1:3]}.items():
    torch.save({'first': torch.ones(2), 'model': {'x': x, 'list': [other]}}, name + '.pt')
torch.save({'x': x, 'window': x.view(-1).unfold(0, 3, 1)[1:3]}, 'window.pt')
)");
  for (const char* name : {"transposed.pt", "flat.pt", "part.pt"})
    expect_error(ErrorKind::kUnsupported,
                 std::string(name) +
                     ": tensors that share some of their elements, or view them in two ways: "
                     "\"model.x\" and \"model.list.0\"; in Python, save a .clone()",
                 [&] { read_value(name, torch_format()); });
  expect_error(ErrorKind::kUnsupported, "that is expanded from fewer elements",
               [&] { read_value("window.pt", torch_format()); });
}

TEST_F(TorchFile, IsTheSameForTheSameState) {
  const std::vector<Item> items = tensors_for(torch_format());
  write("a.pt", torch_format(), items);
  write("another-name.pt", torch_format(), items);
  EXPECT_EQ(get("a.pt"), get("another-name.pt"));
}

TEST_F(TorchFile, AlignsTheTensors) {
  write("state.pt", torch_format(), tensors_for(torch_format()));
  EXPECT_EQ(python(R"(
import zipfile, struct
z = zipfile.ZipFile('state.pt')
raw = open('state.pt', 'rb').read()
odd = []
for i in z.infolist():
    name, extra = struct.unpack('<HH', raw[i.header_offset + 26:i.header_offset + 30])
    if (i.header_offset + 30 + name + extra) % 64: odd.append(i.filename)
print(z.testzip(), odd, z.namelist()[0])
)"),
            "None [] archive/data.pkl\n");
}

TEST_F(TorchFile, IsReadInPartsOfAnySize) {
  write("state.pt", torch_format(), {floats("w", {40, 50})});
  const std::vector<Item> items = read_torch("state.pt");
  const std::vector<std::byte> whole = read_item(items[0]);
  std::vector<std::byte> part(333);
  copy_bytes(items[0], 4001, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 4001));
}

TEST_F(TorchFile, IsReadByManyThreads) {
  const std::vector<Item> items = {floats("a", {100, 100}), floats("b", {50, 7}, 3)};
  write("state.pt", torch_format(), items);
  const std::vector<Item> found = read_torch("state.pt");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { expect_same(items, found); });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(TorchFile, OutlivesItsName) {
  write("state.pt", torch_format(), {floats("w", {5})});
  const std::vector<Item> items = read_torch("state.pt");
  std::filesystem::remove(path("state.pt"));
  EXPECT_EQ(read_item(items[0]), read_item(floats("w", {5})));
}

TEST_F(TorchFile, OfOtherFormatsIsRefusedWithARemedy) {
  torch(R"(
torch.save({'a': torch.ones(1)}, 'old.pt', _use_new_zipfile_serialization=False)
torch.jit.script(torch.nn.Linear(1, 1)).save('script.pt')
import zipfile, tarfile
with zipfile.ZipFile('big.pt', 'w') as z:
    z.writestr('archive/data.pkl', b'\x80\x02N.')
    z.writestr('archive/byteorder', b'big')
with zipfile.ZipFile('packed.pt', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('archive/data.pkl', b'\x80\x02]' + b'N' * 1000 + b'.')
with zipfile.ZipFile('other.pt', 'w') as z: z.writestr('readme', 'nothing')
with tarfile.open('tar.pt', 'w') as t: t.add('other.pt')
)");
  const auto expect = [&](const char* name, ErrorKind kind, const std::string& words) {
    expect_error(kind, words, [&] { read_value(name, torch_format()); });
  };
  expect("old.pt", ErrorKind::kUnsupported,
         "the file has the format of PyTorch before 1.6; in Python, load it and torch.save it");
  expect("tar.pt", ErrorKind::kUnsupported, "before 1.6");
  expect("script.pt", ErrorKind::kUnsupported, "a TorchScript archive");
  expect("big.pt", ErrorKind::kUnsupported, "expected little, found \"big\"");
  expect("packed.pt", ErrorKind::kUnsupported, "\"archive/data.pkl\" is compressed");
  expect("other.pt", ErrorKind::kCorrupt, "\"data.pkl\" is missing");
  put("text.pt", "hello");
  expect("text.pt", ErrorKind::kCorrupt, "this is not a file of PyTorch");
  put("empty.pt", "");
  expect("empty.pt", ErrorKind::kCorrupt, "it is empty");
}

TEST_F(TorchFile, OfObjectsRunsNothing) {
  torch(R"(
import os
class Bomb:
    def __reduce__(self): return os.system, ('touch was-run',)
torch.save({'w': torch.ones(1), 'bomb': Bomb()}, 'bomb.pt')
torch.save(torch.nn.Linear(1, 1), 'module.pt')
)");
  expect_error(ErrorKind::kUnsupported, "the pickle asks for \"posix.system\"",
               [&] { read_value("bomb.pt", torch_format()); });
  expect_error(ErrorKind::kUnsupported, "\"torch.nn.modules.linear.Linear\"",
               [&] { read_value("module.pt", torch_format()); });
  EXPECT_FALSE(std::filesystem::exists(path("was-run")));
}

TEST_F(TorchFile, NeedsStoragesOfTheirSize) {
  python(R"(
import zipfile
pickle = (b'\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n'
          b'X\x01\0\0\0' + b'0X\x03\0\0\0cpuK\x04tQK\0(K\x04t(K\x01t\x89NtR.')
for size in 15, 17, None:
    with zipfile.ZipFile(f'{size}.pt', 'w') as z:
        z.writestr('archive/data.pkl', pickle)
        if size: z.writestr('archive/data/0', bytes(size))
)");
  for (const char* name : {"15.pt", "17.pt"})
    expect_error(ErrorKind::kCorrupt,
                 "the storage \"archive/data/0\" has the wrong size: expected 16 bytes",
                 [&] { read_value(name, torch_format()); });
  expect_error(ErrorKind::kCorrupt, "\"archive/data/0\" is missing",
               [&] { read_value("None.pt", torch_format()); });
}

}  // namespace
}  // namespace holdfast::testing
