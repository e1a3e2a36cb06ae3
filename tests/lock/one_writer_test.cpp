// One process writes to a run; any number read it.
#include <string>

#include <holdfast/checkpoint/base/process.h>

#include "examples/mlp_fixture.h"
#include "support/expect_error.h"
#include "support/items.h"

namespace holdfast {
namespace {

constexpr int kFailed = 1;

class OneWriter : public testing::MlpTest {
 protected:
  OneWriter() {
    common_ = {"train.log_every_steps=1", "checkpoint.every_steps=1", "train.epochs=1000000"};
  }

  void wait_for_step(testing::Process& process, std::int64_t step) {
    while (process.running() && logged_steps("run") < step) testing::pause();
    ASSERT_TRUE(process.running()) << process.output();
  }
};

TEST_F(OneWriter, ASecondTrainerIsRefusedWithTheHoldersProcessAndHost) {
  testing::Process first(command("run", {}));
  wait_for_step(first, 3);
  expect_refused(
      train("run"), kFailed,
      {"the run is written to by pid " + std::to_string(first.id()), "on host " + host_name()});
  EXPECT_TRUE(first.running());  // and is not disturbed
}

TEST_F(OneWriter, ALockLeftByADeadProcessDoesNotBlock) {
  testing::Process first(command("run", {}));
  wait_for_step(first, 3);
  first.kill();
  ASSERT_TRUE(std::filesystem::exists(run_path("run") + "/LOCK"));
  testing::Process second(command("run", {}));
  const std::int64_t before = logged_steps("run");
  wait_for_step(second, before + 1);
}

TEST_F(OneWriter, ReadersNeedNoLock) {
  const testing::Hold hold(directory_, 10);  // what is read is not retired meanwhile
  testing::Process trainer(command("run", {}));
  wait_for_step(trainer, hold.step());
  const auto finished = testing::run_process(
      {PREDICT_PROGRAM, run_path("run"), "mlp", "/usr/share/datasets/fashion-mnist"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(trainer.running());
}

// The run retires a checkpoint that is open for reading: the reader is told so.
TEST_F(OneWriter, AReaderIsToldThatItsCheckpointWasRetired) {
  common_.push_back("checkpoint.keep_last=1");
  testing::Process trainer(command("run", {}));
  wait_for_step(trainer, 3);
  std::optional<CheckpointFiles> files;
  while (!files) {
    try {
      files.emplace(open("run", steps("run").at(0)));
    } catch (const std::exception&) {  // it was quicker
    }
  }
  wait_for_step(trainer, files->manifest().step + 5);
  const format::Entry* const entry = files->find("models/mlp/parameters/fc1.weight");
  testing::MemorySink sink(format::bytes_of(*entry));
  testing::expect_error(ErrorKind::kRetired, "", [&] { files->read({{entry, &sink}}, 1); });
  testing::expect_error(ErrorKind::kRetired, "",
                        [&] { verify(files->directory(), VerifyDepth::kFull, 1); });
}

}  // namespace
}  // namespace holdfast
