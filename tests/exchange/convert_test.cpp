// Checkpoints to files and back, as a C++ program calls it.
#include <holdfast/checkpoint/exchange/export_checkpoint.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/import_checkpoint.h>
#include <holdfast/checkpoint/transform/slim.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using exchange::FileFormat;
using exchange::hdf5_format;
using exchange::ImportOptions;
using exchange::numpy_format;
using exchange::safetensors_format;
using exchange::torch_format;
using testing::alias;
using testing::expect_error;
using testing::floats;

class Convert : public ::testing::Test {
 protected:
  Convert() {
    const Item weight = floats("models/net/parameters/w", {300, 7});
    run_.save(1, {weight, floats("models/net/buffers/table", {5}),
                  alias("models/ema/parameters/w", weight), floats("models/ema/parameters/b", {2}),
                  testing::text("optimizers/sgd/type", "torch::optim::SGD"),
                  testing::text("optimizers/sgd/groups/0/params", "net/w"),
                  testing::real("optimizers/sgd/groups/0/lr", 0.5)});
  }

  std::string path(const std::string& name) const { return directory_ / name; }
  std::shared_ptr<const CheckpointFiles> files(
      const std::shared_ptr<FileSystem>& fs = posix_file_system()) const {
    return std::make_shared<const CheckpointFiles>(Directory::open(fs, run_.path_of(1)));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      names.push_back(entry.path().filename());
    return names;
  }
  void write(const std::string& name, const FileFormat& format,
             const std::vector<Item>& items) const {
    exchange::write_file(posix_file_system(), path(name), format, items);
  }
  void import(const std::string& name, const FileFormat& format,
              const ImportOptions& options) const {
    exchange::import_checkpoint(posix_file_system(), path(name), format, path("made"), options);
  }

  // Whatever call fails, an Error is thrown and nothing is left; a call whose failure is no matter
  // may be survived.
  void expect_nothing_left(
      const std::function<void(const std::shared_ptr<FileSystem>&)>& convert) const {
    const std::vector<std::string> before = names();
    for (int kth = 1;; ++kth) {
      const auto fs = std::make_shared<testing::FaultFileSystem>();
      fs->fail_any(EIO, kth);
      try {
        convert(fs);
        std::filesystem::remove_all(path("made"));
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("/.tmp-"))) << kth;
        EXPECT_FALSE(std::filesystem::exists(path("made")))
            << kth << ": " << fs->log()[static_cast<std::size_t>(kth) - 1];
        std::filesystem::remove_all(path("made"));
      }
      for (const std::string& name : names())  // that the clean-up could not remove, failing itself
        if (name.rfind(".tmp-", 0) == 0) std::filesystem::remove_all(path(name));
      EXPECT_EQ(names(), before) << kth;
      if (fs->calls() < kth) return;
    }
  }

  testing::SavedRun run_;

 private:
  testing::TemporaryDirectory directory_;
};

TEST_F(Convert, TellsTheProgressOfAllThatIsRead) {
  std::atomic<std::uint64_t> told{0};
  const Progress progress = [&](std::uint64_t more) { told += more; };
  const auto items = exchange::state_dict_of(files(), "net", progress);
  EXPECT_EQ(bytes_of(items), 300U * 7 * 4 + 5 * 4);
  for (const FileFormat* format : exchange::all_file_formats()) {
    told = 0;
    const std::string file(format->name());
    exchange::write_state_dict(posix_file_system(), path(file), *format, items);
    EXPECT_EQ(told, bytes_of(items)) << file;
    ImportOptions options;
    std::uint64_t total = 0;
    options.on_start = [&](std::uint64_t bytes) { total = bytes; };
    options.progress = progress;
    told = 0;
    import(file, *format, options);
    EXPECT_EQ(total, bytes_of(items)) << file;
    EXPECT_EQ(told, total) << file;
    std::filesystem::remove_all(path("made"));
  }
}

TEST_F(Convert, SlimReadsWhatItSaysThoughAnOriginalIsDropped) {
  std::atomic<std::uint64_t> told{0};
  SlimOptions options;
  options.models = {"ema"};
  options.progress = [&](std::uint64_t more) { told += more; };
  EXPECT_EQ(bytes_to_slim(files(), options), 300U * 7 * 4 + 2 * 4);
  const SlimReport report = slim(files(), path("made"), options);
  EXPECT_EQ(told, 300U * 7 * 4 + 2 * 4);
  const auto bytes_in = [](const std::string& checkpoint) {
    return std::filesystem::file_size(checkpoint + "/shard-00000-of-00001.h5");
  };
  EXPECT_EQ(report.bytes_before, bytes_in(run_.path_of(1)));
  EXPECT_EQ(report.bytes_after, bytes_in(path("made")));
}

TEST_F(Convert, SaysOfWhatKindAFailureIs) {
  expect_error(ErrorKind::kNotFound, "no model of that name",
               [&] { exchange::state_dict_of(files(), "no"); });
  expect_error(ErrorKind::kNotFound, "no optimizer of that name",
               [&] { exchange::export_optimizer(files(), "no", path("a.pt"), torch_format()); });
  expect_error(ErrorKind::kMismatch, "momentum: the entry is missing",
               [&] { exchange::export_optimizer(files(), "sgd", path("a.pt"), torch_format()); });
  SlimOptions models;
  models.models = {"no"};
  expect_error(ErrorKind::kNotFound, "no model of that name",
               [&] { slim(files(), path("made"), models); });
  write("a.npz", numpy_format(), {floats("w", {2})});
  ImportOptions options;
  options.models = {{"a", "key"}};
  expect_error(ErrorKind::kNotFound, "no such key",
               [&] { import("a.npz", numpy_format(), options); });
  options.models = {{"a", ""}, {"a", ""}};
  expect_error(ErrorKind::kInvalidArgument, "the same name",
               [&] { import("a.npz", numpy_format(), options); });
  options.models.clear();
  options.like = files();
  expect_error(ErrorKind::kInvalidArgument, "name it (--model of the tool)",
               [&] { import("a.npz", numpy_format(), options); });
  options.models = {{"net", ""}};
  expect_error(ErrorKind::kMismatch, "float32 [2] instead of float32 [300, 7]",
               [&] { import("a.npz", numpy_format(), options); });
  EXPECT_EQ(names(), std::vector<std::string>({"a.npz"}));
}

TEST_F(Convert, RefusesAFormatThatCannotHoldWhatIsExported) {
  expect_error(ErrorKind::kInvalidArgument, "a.npz: a file of numpy cannot hold the state of an",
               [&] { exchange::export_optimizer(files(), "sgd", path("a.npz"), numpy_format()); });
  expect_error(ErrorKind::kInvalidArgument,
               "a.pt: a file of PyTorch cannot hold a whole checkpoint",
               [&] { exchange::export_checkpoint(files(), path("a.pt"), torch_format()); });
  EXPECT_TRUE(names().empty());
}

TEST_F(Convert, RefusesAKeyThatIsATensorInEveryFormat) {
  ImportOptions options;
  options.models = {{"net", "net.w"}};
  for (const FileFormat* format : exchange::all_file_formats()) {
    const std::string file(format->name());
    write(file, *format, {floats("net.w", {2})});
    expect_error(ErrorKind::kUnsupported,
                 "this is not a state dict: expected a dict of tensors, found a Tensor",
                 [&] { import(file, *format, options); });
  }
}

TEST_F(Convert, RefusesAnEntryWhereTheManifestOrTheOrderBelongs) {
  run_.save(2, {testing::text("manifest", "mine")});
  const auto taken = std::make_shared<const CheckpointFiles>(run_.directory(2));
  expect_error(ErrorKind::kUnsupported, "manifest",
               [&] { exchange::export_checkpoint(taken, path("a.h5"), hdf5_format()); });
  run_.save(3, {testing::text("entry_order", "mine")});
  const auto order = std::make_shared<const CheckpointFiles>(run_.directory(3));
  expect_error(ErrorKind::kUnsupported, "entry_order",
               [&] { exchange::export_checkpoint(order, path("a.h5"), hdf5_format()); });
}

TEST_F(Convert, RefusesAFileOfTooManyTensors) {
  std::vector<Item> items(500'001);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].name = "t" + std::to_string(i);
    items[i].shape = {0};
  }
  write("a.safetensors", safetensors_format(), items);
  expect_error(ErrorKind::kUnsupported, "too many tensors",
               [&] { import("a.safetensors", safetensors_format(), {}); });
}

TEST_F(Convert, ThatFailsAtAnyCallLeavesNothing) {
  write("a.npz", numpy_format(), {floats("w", {2})});
  expect_nothing_left([&](const auto& fs) {
    exchange::import_checkpoint(fs, path("a.npz"), numpy_format(), path("made"), {});
  });
  expect_nothing_left([&](const auto& fs) { slim(files(fs), path("made"), {}); });
  expect_nothing_left(
      [&](const auto& fs) { exchange::export_checkpoint(files(fs), path("made"), hdf5_format()); });
}

}  // namespace
}  // namespace holdfast
