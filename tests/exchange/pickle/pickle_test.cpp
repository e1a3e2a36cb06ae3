// Pickles that were made to do harm, or are none.
#include <random>

#include <holdfast/checkpoint/exchange/pickle/reader.h>
#include <holdfast/checkpoint/exchange/pickle/writer.h>

#include "exchange/exchange_fixture.h"
#include "support/allocations.h"

namespace holdfast::testing {
namespace {

using namespace std::string_literals;

constexpr const char* kSource = "some.pt";

// Storages are what they are asked to be.
Value read(const std::string& pickle) {
  return exchange::read_pickle(
      ByteView(pickle),
      [](const std::string&, std::uint64_t bytes) {
        return std::make_shared<OwnedBytes>(some_bytes(bytes));
      },
      kSource);
}

void expect_refused(const std::string& words, const std::string& pickle) {
  expect_error(ErrorKind::kUnsupported, words, [&] { read("\x80\x02" + pickle); });
}

void expect_damaged(const std::string& words, const std::string& pickle) {
  expect_error(ErrorKind::kCorrupt, words, [&] { read("\x80\x02" + pickle); });
}

std::string number(std::int64_t value) {
  std::string bytes = "\x8a\x08"s;
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

std::string four_bytes(std::int32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string numbers(const std::vector<std::int64_t>& values) {
  std::string tuple = "(";
  for (const std::int64_t value : values) tuple += number(value);
  return tuple + "t";
}

std::string storage(std::int64_t count, const std::string& type = "torch\nFloatStorage",
                    const std::string& name = "0") {
  return "(U\x07storagec"s + type + "\nU" + static_cast<char>(name.size()) + name +
         "U\x03"
         "cpu" +
         number(count) + "tQ";
}

// Of a storage of 12 floats.
std::string tensor(std::int64_t offset, const std::vector<std::int64_t>& sizes,
                   const std::vector<std::int64_t>& strides, const std::string& more = "") {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage(12) + number(offset) + numbers(sizes) +
         numbers(strides) +
         "\x89"
         "N" +
         more + "tR";
}

TEST(Pickles, RunNothing) {
  expect_refused("the pickle asks for \"os.system\"", "cos\nsystem\nU\x02id\x85R.");
  expect_refused("\"posix.system\"", "cposix\nsystem\nU\x02id\x85R.");
  expect_refused("\"builtins.eval\"",
                 "U\x08"
                 "builtinsU\x04"
                 "eval\x93U\x01"
                 "1\x85R.");
  expect_refused("\"torch.jit.load\"", "ctorch.jit\nload\n.");
  expect_refused("\"torch.os.system\"", "ctorch.os\nsystem\n.");
  expect_refused("\"torch.hub\\x0aload\"", "U\x05torchU\x08hub\nload\x93.");
  expect_error(ErrorKind::kUnsupported,
               "some.pt: the pickle asks for \"__main__.Net\": expected plain Python values and "
               "dense tensors; no code is run; in Python, save the state_dict()",
               [] {
                 read(
                     "\x80\x02"
                     "c__main__\nNet\n.");
               });
}

TEST(Pickles, CallNothingButWhatIsKnown) {
  expect_damaged("it calls something that is not a function", "K\x01)R.");
  expect_damaged("it calls a function with the wrong arguments",
                 "ccollections\nOrderedDict\nK\x01\x85R.");
  expect_damaged("it calls a function with the wrong arguments",
                 "ctorch\nFloatStorage\nK\x01\x85R.");
  expect_damaged("it calls a function with the wrong arguments", "ctorch\nfloat32\n)R.");
  expect_damaged("the arguments of a call are not a list", "ccollections\nOrderedDict\nK\x01R.");
  expect_refused("an instruction that Holdfast refuses", "ccollections\nOrderedDict\n)\x81.");
  expect_refused("sets attributes of an object", "}}b.");
  expect_refused("instruction 105", "(i__main__\nNet\n.");
}

TEST(Pickles, HoldOnlyWhatAStateHolds) {
  expect_refused("an integer of more than 64 bits",
                 "\x8a\x09"
                 "123456789.");
  expect_refused("not UTF-8", "U\x01\xff.");
  expect_refused("instruction 143", "\x8f.");   // a set
  expect_refused("instruction 67", "C\x01x.");  // bytes
  expect_refused("a key that is not a string", "})K\x01s.");
  expect_refused("a storage or a class, which is not a value", "ccollections\nOrderedDict\n.");
  expect_refused("a storage or a class", storage(1) + ".");
}

TEST(Pickles, ThatAreNoneAreSaidToBeNone) {
  expect_error(ErrorKind::kUnsupported, "expected protocol 2 to 5, found none",
               [] { read("(dp0\n."); });
  expect_error(ErrorKind::kUnsupported, "found 1", [] { read("\x80\x01N."); });
  expect_error(ErrorKind::kUnsupported, "found 6", [] { read("\x80\x06N."); });
  expect_error(ErrorKind::kUnsupported, "unknown protocol", [] { read(""); });
  expect_damaged("it ends too early", "");
  expect_damaged("it ends too early", "N");
  expect_damaged("it takes a value that is not there", ".");
  expect_damaged("it takes a value that is not there", "N\x86.");
  expect_damaged("it takes a value that is not there", "N(R.");
  expect_damaged("it ends a list that was not begun", "Nt.");
  expect_damaged("it appends to something that is not a list", "}Na.");
  expect_damaged("it sets items of something that is not a dict", "](NNu.");
  expect_damaged("it sets items of something that is not a dict", "}(Nu.");
  expect_damaged("a dict has a key twice",
                 "}(U\x01"
                 "aNU\x01"
                 "aNu.");
  expect_damaged("a dict has a key twice", "}(K\x01N\x88Nu.");
  expect_damaged("it recalls a value that it has not stored", "h\x00."s);
  expect_damaged("it stores a value out of order", "Nr\xff\xff\xff\xff.");
  expect_damaged("a name has no end", "ccollections");
  expect_damaged("it ends within a frame", "\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.");
}

TEST(Pickles, BelieveNoLength) {
  expect_damaged("it ends too early",
                 "X\xff\xff\xff\xff"
                 "abc.");
  expect_damaged("it ends too early",
                 "\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
                 "abc.");
  expect_refused("more than 64 bits",
                 "\x8a\xff"
                 "abc.");
}

TEST(Pickles, ContainThemselvesToNoHarm) {
  expect_damaged("nested too deeply, or within themselves",
                 "]q\x00h\x00"
                 "a."s);
  expect_damaged("within themselves", "}q\x00U\x01xh\x00s."s);
}

TEST(Pickles, AreNotNestedDeeply) {
  EXPECT_NO_THROW(read("\x80\x02" + std::string(64, ']') + std::string(63, 'a') + "."));
  expect_damaged("nested too deeply", std::string(100'000, ']') + std::string(99'999, 'a') + ".");
  expect_damaged("nested too deeply", "N" + std::string(100'000, '\x85') + ".");
}

// Each of 60 lists holds the one before it ten times.
TEST(Pickles, OfALaughIsNotAMillion) {
  std::string pickle = "]q"s + '\0';
  for (char i = 0; i < 60; ++i) {
    pickle += "](";
    for (int n = 0; n < 10; ++n) pickle += std::string("h") + i;
    pickle += std::string("eq") + static_cast<char>(i + 1);
  }
  expect_damaged("too many values", pickle + ".");
}

// A list of a million, within itself: each level would take memory for a million more.
TEST(Pickles, TakeNoMemoryForWhatIsTooMuch) {
  for (const std::string& begin : {"]q"s + '\0' + "(h" + '\0', "}q"s + '\0' + "(Nh" + '\0'}) {
    const bool is_list = begin[0] == ']';
    std::string pickle = begin;
    for (int i = 0; is_list && i < 1'000'000; ++i) pickle += "N";
    for (int i = 0; !is_list && i < 300'000; ++i) pickle += "J" + four_bytes(i) + "N";
    const auto peak = peak_memory_of(
        [&] { expect_damaged("too many values", pickle + (is_list ? "e." : "u.")); });
    EXPECT_LT(peak, std::size_t{600} << 20);
  }
}

TEST(Pickles, RepeatNoTextForever) {
  std::string pickle = "X\x00\x00\x10\x00"s + std::string(1 << 20, 'x') + "q\x00]("s;
  for (int i = 0; i < 100'000; ++i) pickle += "h\x00"s;
  const auto peak = peak_memory_of([&] { expect_damaged("too many values", pickle + "e."); });
  EXPECT_LT(peak, std::size_t{1} << 30);
}

TEST(Pickles, HaveABoundOfInstructions) {
  expect_damaged("too many instructions", std::string(17'000'000, 'N') + ".");
}

TEST(Pickles, ViewNothingOutsideOfAStorage) {
  EXPECT_EQ(read("\x80\x02" + tensor(0, {3, 4}, {4, 1}) + ".").tensor()->shape, (Shape{3, 4}));
  EXPECT_NO_THROW(read("\x80\x02" + tensor(11, {1}, {1}) + "."));
  EXPECT_NO_THROW(read("\x80\x02" + tensor(99, {0}, {1}) + "."));
  expect_damaged("a tensor of shape [3, 4] outside of its storage",
                 tensor(1, {3, 4}, {4, 1}) + ".");
  expect_damaged("outside", tensor(12, {}, {}) + ".");
  expect_damaged("outside", tensor(0, {3}, {6}) + ".");
  expect_damaged("outside", tensor(0, {3}, {std::int64_t{1} << 62}) + ".");
  expect_damaged("outside", tensor(std::int64_t{1} << 62, {1}, {1}) + ".");
  expect_damaged("the offset of a tensor is not an integer of 0 or more",
                 tensor(-1, {1}, {1}) + ".");
  expect_damaged("a size of a tensor is not an integer of 0 or more", tensor(0, {-1}, {1}) + ".");
  expect_damaged("a stride of a tensor is not an integer of 0 or more", tensor(5, {2}, {-1}) + ".");
  expect_damaged("does not have one stride for each dimension", tensor(0, {1, 1}, {1}) + ".");
}

TEST(Pickles, MakeNoTerabytesOfAFewBytes) {
  expect_refused("a tensor of shape [1099511627776] that is expanded from fewer elements",
                 tensor(0, {std::int64_t{1} << 40}, {0}) + ".");
  expect_refused("expanded from fewer elements",
                 tensor(0, {std::int64_t{1} << 40, std::int64_t{1} << 40}, {0, 0}) + ".");
  expect_refused("expanded from fewer elements", tensor(0, {2, 3}, {0, 1}) + ".");
  expect_damaged("a storage of more than 2^63 bytes", storage(std::int64_t{1} << 62) + ".");
  expect_refused(
      "too many dimensions",
      tensor(0, std::vector<std::int64_t>(40, 1), std::vector<std::int64_t>(40, 1)) + ".");
}

// Each view is no larger than the storage, all of them are a thousand times as large.
TEST(Pickles, MakeNoThousandTensorsOfOne) {
  std::string pickle = "(";
  for (std::int64_t i = 0; i < 2000; ++i) pickle += tensor(i % 6, {6 - i % 5}, {1});
  expect_refused("tensors that share some of their elements, or view them in two ways: ",
                 pickle + "t.");
}

TEST(Pickles, HoldDenseTensorsAsTheyAre) {
  const std::string conjugated =
      "}U\x04"
      "conj\x88s";
  expect_refused("conjugated or negated", tensor(0, {1}, {1}, conjugated) + ".");
  EXPECT_NO_THROW(read("\x80\x02" + tensor(0, {1}, {1}, "}") + "."));
  expect_refused("\"torch._utils._rebuild_sparse_tensor\"",
                 "ctorch._utils\n_rebuild_sparse_tensor\n.");
  expect_refused("\"torch._utils._rebuild_qtensor\"", "ctorch._utils\n_rebuild_qtensor\n.");
  expect_refused("\"torch.QInt8Storage\"", "ctorch\nQInt8Storage\n.");
}

TEST(Pickles, NameStoragesOnlyInTheirForm) {
  expect_damaged("the parts of a storage are not a list", "NQ.");
  expect_damaged("something that is not a storage", "U\x06module\x85Q.");
  expect_damaged("a storage has an impossible type", storage(1, "collections\nOrderedDict") + ".");
  expect_damaged("the size of a storage is not an integer", storage(-1) + ".");
  expect_damaged("the storage \"0\" is described in two ways", storage(1) + storage(2) + ".");
  expect_damaged("is described in two ways", storage(1) + storage(1, "torch\nIntStorage") + ".");
  expect_damaged("a tensor has the wrong arguments",
                 "ctorch._utils\n_rebuild_tensor_v2\n(K\x00tR."s);
  expect_damaged("a tensor has no dtype", "ctorch._utils\n_rebuild_tensor_v2\n(" +
                                              storage(8, "torch\nUntypedStorage") + number(0) +
                                              "))\x89NtR.");
}

// What is written, with bytes changed, is read or refused.
TEST(Pickles, ThatAreDamagedAreReadOrRefused) {
  Dict dict;
  dict.add("model", exchange::value_of({floats("w", {2, 3}), tensor_of(DType::kFloat8E5M2),
                                        integer("n", 70'000), real("x", 0.5)}));
  dict.add("list", List{{1, "two", Tuple{{3.0, Value()}}}});
  const std::string pickle = exchange::write_pickle(dict).bytes;
  std::mt19937 random(3);
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string changed = pickle;
    for (auto n = random() % 3 + 1; n > 0; --n)
      changed[random() % changed.size()] = static_cast<char>(random());
    if (random() % 8 == 0) changed.resize(random() % changed.size());
    try {
      read(changed);
      ++accepted;
    } catch (const Error& error) {
      ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kUnsupported)
          << error.what();
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace holdfast::testing
