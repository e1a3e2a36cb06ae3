
#include "exchange/exchange_fixture.h"
#include "support/child.h"
#include "support/fault_file_system.h"

namespace holdfast::testing {
namespace {

class Hdf5ExchangeFile : public ExchangeTest {
 protected:
  exchange::FileContents read_contents(const std::string& name) const {
    return exchange::read_file(posix_file_system(), path(name), hdf5_format());
  }
  std::vector<Item> read_hdf5(const std::string& name) const { return read_contents(name).items; }

  // A file that the script makes with h5py, open as `f`, is refused.
  void expect_refused(ErrorKind kind, const std::string& words, const std::string& script) const {
    SCOPED_TRACE(script);
    python("import h5py, numpy as np\nwith h5py.File('made.h5', 'w') as f:\n  " + script + "\n");
    expect_error(kind, words, [&] { read_hdf5("made.h5"); });
  }
  void expect_refused(const std::string& words, const std::string& script) const {
    expect_refused(ErrorKind::kUnsupported, words, script);
  }

  // The root's attributes, as a script sets them.
  static std::string signed_as(const std::string& format, int version = 1) {
    return "f.attrs['format'] = np.array(b'" + format + "'); f.attrs['version'] = np.int64(" +
           std::to_string(version) + "); ";
  }
};

TEST_F(Hdf5ExchangeFile, KeepsEveryDtypeKindAndTie) {
  std::vector<Item> items = tensors_for(hdf5_format());
  Item undefined = none("undefined");
  undefined.kind = Kind::kUndefined;
  items.push_back(alias("tied/again", items[0]));
  for (const Item& item : {integer("epoch", 3), real("loss", 0.1), boolean("done", true),
                           text("name", "größer"), text("nothing", ""), none("none"), undefined,
                           floats("models/net/parameters/fc1.weight", {30, 40})})
    items.push_back(item);
  write("state.h5", hdf5_format(), items);
  expect_same(items, read_hdf5("state.h5"));
}

TEST_F(Hdf5ExchangeFile, IsReadByH5py) {
  const Item weight = floats("fc1.weight", {2, 3});
  write("state.h5", hdf5_format(),
        {weight, alias("tied", weight), real("a/loss", 0.5), none("a/none"),
         tensor_of(DType::kBool, "flags")});
  EXPECT_EQ(python(R"(
import h5py
with h5py.File('state.h5') as f:
    print(sorted(f), f['fc1.weight'][:].tolist(), f['tied'] == f['fc1.weight'])
    print(f['a/loss'][()], f['a/none'].shape, f['flags'].dtype)
)"),
            "['a', 'fc1.weight', 'flags', 'tied'] [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] True\n"
            "0.5 None bool\n");
}

TEST_F(Hdf5ExchangeFile, OfH5pyIsRead) {
  for (const char* options : {"", ", libver='latest'", ", userblock_size=512"}) {
    SCOPED_TRACE(options);
    python("import h5py, numpy as np\nwith h5py.File('made.h5', 'w'" + std::string(options) +
           R"() as f:
    f['model/fc1/kernel'] = np.arange(6, dtype='f4').reshape(2, 3)
    f['model/fc1/half'] = np.arange(3, dtype='f2')
    f['model/flag'] = np.array([True, False])
    f['complex'] = np.array([1 + 2j])
    f['epoch'] = 7
    f['empty'] = np.zeros((0, 3))
    f['tied'] = f['model/fc1/kernel']
    f['soft'] = h5py.SoftLink('/model/flag')
    f['model'].attrs['layers'] = ['fc1']
    for i in range(50): f[f'many/{i:02}'] = i
)");
    const std::vector<Item> items = read_hdf5("made.h5");
    EXPECT_EQ(items.size(), 58U);
    EXPECT_EQ(read_item(find_item(items, "model/fc1/kernel")),
              bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(find_item(items, "model/fc1/half").dtype, DType::kFloat16);
    EXPECT_EQ(find_item(items, "complex").dtype, DType::kComplex128);
    EXPECT_EQ(find_item(items, "empty").shape, (Shape{0, 3}));
    EXPECT_EQ(find_item(items, "soft").alias_of, "model/flag");
    EXPECT_EQ(find_item(items, "tied").alias_of, "model/fc1/kernel");
    EXPECT_EQ(read_item(find_item(items, "many/49")), bytes_of(std::vector<std::int64_t>{49}));
    EXPECT_EQ(find_item(items, "epoch").kind, Kind::kTensor);
  }
}

TEST_F(Hdf5ExchangeFile, TellsAShardFromAForeignFileOfTheSameNames) {
  write("ours.h5", hdf5_format(), {floats("models/net/parameters/a%2Fb", {2})});
  python(R"(
import h5py
with h5py.File('foreign.h5', 'w') as f: f['models/net/parameters/a%2Fb'] = [1.0, 2.0]
)");
  using Names = exchange::FileContents::Names;
  EXPECT_EQ(read_contents("ours.h5").names, Names::kEntries);
  EXPECT_EQ(read_contents("foreign.h5").names, Names::kPaths);
  for (const char* name : {"ours.h5", "foreign.h5"})
    EXPECT_EQ(read_hdf5(name)[0].name, "models/net/parameters/a%2Fb");
}

TEST_F(Hdf5ExchangeFile, FollowsNoLinkToElsewhere) {
  expect_refused("\"x\": an external link, which is not followed",
                 "f['x'] = h5py.ExternalLink('/etc/passwd', '/')");
  expect_refused("\"g/x\": an external link",
                 "f.create_group('g')['x'] = h5py.ExternalLink('other.h5', 'a')");
  expect_refused("\"x\": a soft link that leads nowhere", "f['x'] = h5py.SoftLink('/nothing')");
  expect_refused("\"x\": a soft link that leads nowhere, or to itself",
                 "f['x'] = h5py.SoftLink('/y'); f['y'] = h5py.SoftLink('/x')");
  expect_refused("\"x\": a soft link to no dataset",
                 "f.create_group('g'); f['x'] = h5py.SoftLink('/g')");
}

TEST_F(Hdf5ExchangeFile, GoesRoundInNoCircle) {
  expect_refused("\"g/self\": a group that has another name already, or contains itself",
                 "g = f.create_group('g'); g['self'] = g");
  expect_refused("\"g/up\": a group that has another name already",
                 "g = f.create_group('g'); g['up'] = f['/']");
  expect_refused("\"h\": a group that has another name already",
                 "g = f.create_group('g'); f['h'] = g");
  expect_refused("groups are nested too deeply", "f.create_group('g/' * 100)");
}

TEST_F(Hdf5ExchangeFile, ReadsNothingThatIsElsewhere) {
  expect_refused("\"x\": a dataset whose values are in other files",
                 "f.create_dataset('x', (4,), 'u1', external=[('/etc/passwd', 0, 4)])");
  expect_refused("\"x\": a virtual dataset",
                 "layout = h5py.VirtualLayout((4,), 'u1'); "
                 "layout[:] = h5py.VirtualSource('other.h5', 'a', (4,)); "
                 "f.create_virtual_dataset('x', layout)");
}

TEST_F(Hdf5ExchangeFile, RunsNoFilter) {
  expect_refused("\"x\": a dataset that is compressed or filtered; rewrite it with: h5repack",
                 "f.create_dataset('x', (4,), 'u1', compression='gzip')");
  expect_refused("\"x\": a dataset that is compressed or filtered",
                 "f.create_dataset('x', (4,), 'u1', shuffle=True)");
  expect_refused("\"x\": a dataset that is stored in chunks; rewrite it with: h5repack -l CONTI",
                 "f.create_dataset('x', (4,), 'u1', chunks=(2,))");
  expect_refused("\"x\": a dataset that is not stored in one place",
                 "p = h5py.h5p.create(h5py.h5p.DATASET_CREATE); "
                 "p.set_layout(h5py.h5d.COMPACT); "
                 "h5py.h5d.create(f.id, b'x', h5py.h5t.STD_U8LE, h5py.h5s.create_simple((4,)), p)");
}

TEST_F(Hdf5ExchangeFile, NamesTypesThatACheckpointCannotHold) {
  const std::string cannot = "\"x\": values of a type that a checkpoint cannot hold: ";
  expect_refused(cannot + "big-endian floating-point numbers of 4 bytes",
                 "f['x'] = np.zeros(2, '>f4')");
  expect_refused(cannot + "strings", "f['x'] = 'text'");
  expect_refused(cannot + "records of 5 bytes", "f['x'] = np.zeros(2, [('a', 'u1'), ('b', 'f4')])");
  expect_refused(cannot + "sequences of variable length",
                 "f.create_dataset('x', (2,), h5py.vlen_dtype('i4'))");
  expect_refused(cannot + "references", "f['x'] = f.ref");
  expect_refused(cannot + "an enumeration of 1 bytes",
                 "f.create_dataset('x', (2,), h5py.enum_dtype({'A': 0, 'B': 1}, 'i1'))");
  expect_refused("\"t\": an object that is neither a group nor a dataset",
                 "f['t'] = np.dtype('f4')");
  expect_refused("\"x\": a dataset without a value", "f['x'] = h5py.Empty('f4')");
  expect_refused("\"x\": a dataset whose values were never written",
                 "f.create_dataset('x', (4,), 'u1')");
}

TEST_F(Hdf5ExchangeFile, PromisesNoMoreThanItHas) {
  expect_refused("\"x\": a dataset whose values were never written",
                 "f.create_dataset('x', (1 << 40,), 'f8')");
}

TEST_F(Hdf5ExchangeFile, SaysWhatToDoWithPartsOfACheckpoint) {
  expect_refused("this is the index of a checkpoint; give the directory",
                 signed_as("holdfast index"));
  expect_refused("this is one of several shards of a checkpoint; give the directory",
                 signed_as("holdfast shard") + "f.attrs['shard_count'] = np.int64(2)");
}

TEST_F(Hdf5ExchangeFile, OfANewerHoldfastIsRefused) {
  for (const char* format : {"holdfast shard", "holdfast index"}) {
    expect_refused(
        ErrorKind::kVersion,
        "made.h5: written by a newer Holdfast: expected version 1 or older, found version "
        "2; read it with the Holdfast that wrote it",
        signed_as(format, 2) + "f.attrs['shard_count'] = np.int64(1); f['x'] = 1");
    expect_refused(ErrorKind::kCorrupt, "without a version", signed_as(format, 0));
  }
}

TEST_F(Hdf5ExchangeFile, BelievesNoKind) {
  const std::string ours = signed_as("holdfast shard") + "f.attrs['shard_count'] = np.int64(1); ";
  expect_refused("\"x\": a value of an unknown kind",
                 ours + "f['x'] = 1; f['x'].attrs['kind'] = np.array(b'other')");
  expect_refused("\"x\": dtype and shape do not go with the kind",
                 ours + "f['x'] = [1, 2]; f['x'].attrs['kind'] = np.array(b'scalar')");
  expect_refused("\"x\": a value of an unknown dtype",
                 ours + "f['x'] = 1; f['x'].attrs['dtype'] = np.array(b'float8_e5m2')");
  expect_refused("\"x\": a dataset without a value",
                 ours + "f['x'] = np.uint8(1); f['x'].attrs['kind'] = np.array(b'none')");
}

TEST_F(Hdf5ExchangeFile, ThatIsNoneIsRefused) {
  const auto expect = [&](const std::string& content, const std::string& found) {
    put("none.h5", content);
    expect_error(ErrorKind::kCorrupt, "none.h5: this is not a file of HDF5: " + found,
                 [&] { read_hdf5("none.h5"); });
  };
  expect("", "it is empty");
  expect("hello", "its content is of no known format");
  expect("PK\x03\x04" + std::string(2000, 'x'),
         "it looks like a file of PyTorch or numpy; name its format");
}

// The same bytes could be as many datasets as the file has headers.
TEST_F(Hdf5ExchangeFile, WithDatasetsThatHaveBytesInCommonIsRefused) {
  python(R"(
import h5py, numpy as np, struct
with h5py.File('apart.h5', 'w') as f:
    f['a'] = np.arange(1000.)
    f['b'] = np.arange(1000.)
    f['again'] = f['a']
    a, b = f['a'].id.get_offset(), f['b'].id.get_offset()
content = open('apart.h5', 'rb').read()
for name, place in ('same.h5', a), ('partly.h5', a + 8 * 999):
    changed = content.replace(struct.pack('<Q', b), struct.pack('<Q', place))
    assert changed != content
    open(name, 'wb').write(changed)
)");
  EXPECT_EQ(read_hdf5("apart.h5").size(), 3U) << "two names of one dataset are a tie";
  for (const char* name : {"same.h5", "partly.h5"})
    expect_error(ErrorKind::kCorrupt, "found the dataset \"a\" and the dataset \"b\"",
                 [&] { read_hdf5(name); });
}

TEST_F(Hdf5ExchangeFile, IsReadBehindWhatAnotherProgramKeepsThere) {
  python(R"(
import h5py
with h5py.File('state.h5', 'w', userblock_size=2048) as f: f['w'] = [1., 2.]
)");
  EXPECT_EQ(read_hdf5("state.h5").size(), 1U);
}

// The file, or the way to the process that looks at it, would have their descriptors.
TEST_F(Hdf5ExchangeFile, IsReadWithOutputAndInputClosed) {
  write("state.h5", hdf5_format(), {floats("w", {3})});
  for (int closed = 1; closed < 8; ++closed)
    EXPECT_EQ(run_child([&] {
                for (const int fd : {0, 1, 2})
                  if ((closed >> fd & 1) != 0) close(fd);
                read_all("state.h5", hdf5_format());
              }),
              0)
        << closed;
}

TEST_F(Hdf5ExchangeFile, IsNamedOnceInAnError) {
  write("state.h5", hdf5_format(), {floats("w", {3})});
  const auto failing = std::make_shared<FaultFileSystem>();
  failing->fail(Call::kRead, EIO, 1, FaultFileSystem::kForever);
  const auto error =
      error_of([&] { exchange::read_file(failing, path("state.h5"), hdf5_format()); });
  ASSERT_TRUE(error);
  const std::string message = error->what();
  EXPECT_EQ(message.find("state.h5"), message.rfind("state.h5")) << message;
}

TEST_F(Hdf5ExchangeFile, IsTheSameForTheSameItems) {
  const std::vector<Item> items = tensors_for(hdf5_format());
  write("a.h5", hdf5_format(), items);
  write("b.h5", hdf5_format(), items);
  EXPECT_EQ(get("a.h5"), get("b.h5"));
}

class DamagedHdf5File : public Hdf5ExchangeFile {
 protected:
  // Each byte of the file's metadata flipped in turn: it is read or refused, and this goes on.
  void flip_bytes(std::size_t end, std::size_t stride) {
    const std::string whole = get("made.h5");
    for (std::size_t at = 0; at < std::min(end, whole.size()); at += stride) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (at % 2 == 0 ? 0xFF : 0x04));
      put("changed.h5", changed);
      try {
        for (const Item& item : read_hdf5("changed.h5")) read_item(item);
      } catch (const Error& error) {
        ASSERT_TRUE(error.kind() == ErrorKind::kCorrupt ||
                    error.kind() == ErrorKind::kUnsupported || error.kind() == ErrorKind::kVersion)
            << at << ": " << error.what();
      }
    }
  }
};

TEST_F(DamagedHdf5File, OfOursIsReadOrRefused) {
  write("made.h5", hdf5_format(),
        {floats("a/b", {3}), integer("n", 1), none("none"), tensor_of(DType::kComplex64)});
  flip_bytes(2400, 1);
}

TEST_F(DamagedHdf5File, OfTheOldLayoutIsReadOrRefused) {
  python(R"(
import h5py, numpy as np
with h5py.File('made.h5', 'w') as f:
    f['a/b'] = np.arange(3.)
    f['c'] = f['a/b']
    f['flag'] = True
    f['a'].attrs['text'] = 'x'
)");
  flip_bytes(6000, 3);
}

TEST_F(DamagedHdf5File, OfTheNewLayoutIsReadOrRefused) {
  python(R"(
import h5py, numpy as np
with h5py.File('made.h5', 'w', libver='latest') as f:
    for i in range(12): f[f'g/{i}'] = np.arange(3.)
)");
  flip_bytes(8000, 3);
}

TEST_F(DamagedHdf5File, ThatIsCutShortIsRefused) {
  write("made.h5", hdf5_format(), {floats("a/b", {2000})});
  const std::string whole = get("made.h5");
  for (std::size_t size = 0; size < whole.size(); size += 199) {
    put("cut.h5", whole.substr(0, size));
    EXPECT_THROW(read_all("cut.h5", hdf5_format()), Error) << size;
  }
}

}  // namespace
}  // namespace holdfast::testing
