#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/run/run_saves.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "run_fixture.h"
#include "support/items.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;

class RunSavesTest : public testing::StoreTest {
 protected:
  // A checkpoint of one tensor.
  static RunSaves::MakeJob job_of(std::int64_t step) {
    return [step](const std::vector<Item>& /*used*/) {
      SaveJob job;
      job.manifest.step = step;
      job.manifest.created = utc_now();
      job.manifest.run_id = random_id();
      job.items = {testing::floats("models/net/parameters/weight", {4, 3})};
      return job;
    };
  }
  static bool save(RunSaves& saves, std::int64_t step, const RunSaves::Metrics& metrics = {}) {
    return saves.save(step, metrics, job_of(step));
  }
  RunSaves saves(RunSavesOptions options = {}) {
    return RunSaves(store_, teller_, failures_, std::move(options));
  }
  std::vector<std::string> told() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return told_;
  }

  std::mutex mutex_;
  std::vector<std::string> told_;
  RunStore store_ = start();
  EventTeller teller_{store_.root(), [this](const Event& event) {
                        const std::lock_guard<std::mutex> lock(mutex_);
                        told_.push_back(event.name);
                      }};
  FailureAccount failures_{store_.root(), teller_};
};

TEST_F(RunSavesTest, TellsAndCountsWhatIsCommitted) {
  RunSaves saves = this->saves();
  EXPECT_TRUE(save(saves, 3));
  EXPECT_FALSE(save(saves, 3)) << "it is in flight or committed";
  saves.wait();
  EXPECT_THAT(saves.steps(), ElementsAre(3));
  EXPECT_THAT(told(), ElementsAre("save"));
  EXPECT_EQ(saves.statistics().saves, 1);
  EXPECT_EQ(saves.statistics().last_step, 3);
  EXPECT_EQ(failures_.newest(), 3);
  EXPECT_FALSE(saves.in_flight());
}

TEST_F(RunSavesTest, IsDurableOnReturnWhereItIsNotAsynchronous) {
  RunSavesOptions options;
  options.asynchronous = false;
  RunSaves saves = this->saves(options);
  EXPECT_TRUE(save(saves, 3));
  EXPECT_THAT(saves.steps(), ElementsAre(3));
}

TEST_F(RunSavesTest, IsDueAsTheScheduleSaysAndNotTwice) {
  RunSavesOptions options;
  options.every_steps = 5;
  RunSaves saves = this->saves(options);
  EXPECT_FALSE(saves.is_due(4));
  EXPECT_TRUE(saves.is_due(5));
  save(saves, 5);
  EXPECT_FALSE(saves.is_due(5));
  EXPECT_TRUE(saves.is_due(10));
}

TEST_F(RunSavesTest, RetiresWhatThePolicyDoesNotKeep) {
  RunSavesOptions options;
  options.retention.keep_last = 1;
  RunSaves saves = this->saves(options);
  for (const std::int64_t step : {1, 2, 3}) save(saves, step);
  saves.wait();
  EXPECT_THAT(saves.steps(), ElementsAre(3));
  EXPECT_THAT(entries(), ElementsAre("step-000000000003"));
}

TEST_F(RunSavesTest, ThrowsWhyASaveHasFailedAndSavesTheStepAgain) {
  RunSaves saves = this->saves();
  fs->fail(testing::Call::kRename, ENOSPC);
  EXPECT_TRUE(save(saves, 3));
  expect_error(ErrorKind::kNoSpace, "No space left", [&] { saves.wait(); });
  EXPECT_THAT(told(), ElementsAre("save_failed"));
  EXPECT_EQ(saves.statistics().failures, 1);
  EXPECT_TRUE(failures_.is_explained()) << "the program is not to blame";
  EXPECT_TRUE(save(saves, 3));
  saves.wait();
  EXPECT_THAT(saves.steps(), ElementsAre(3));
}

TEST_F(RunSavesTest, HandsAFailureToOnErrorInstead) {
  std::vector<ErrorKind> heard;
  RunSavesOptions options;
  options.on_error = [&](const Error& error) { heard.push_back(error.kind()); };
  RunSaves saves = this->saves(options);
  fs->fail(testing::Call::kRename, ENOSPC);
  save(saves, 3);
  saves.wait();
  EXPECT_THAT(heard, ElementsAre(ErrorKind::kNoSpace));
}

TEST_F(RunSavesTest, NestsWhatTheProgramThrowsInAnError) {
  RunSaves saves = this->saves();
  const auto broken = [](const std::vector<Item>&) -> SaveJob {
    throw std::runtime_error("the user's own");
  };
  expect_error(ErrorKind::kIo, "the save has failed: the user's own",
               [&] { saves.save(3, {}, broken); });
  EXPECT_TRUE(save(saves, 3));
  saves.wait();
}

TEST_F(RunSavesTest, TellsOfACheckpointThatCannotBeRetired) {
  RunSavesOptions options;
  options.retention.keep_last = 1;
  RunSaves saves = this->saves(options);
  save(saves, 1);
  saves.wait();
  fs->fail(testing::Call::kRename, EIO, 2);
  save(saves, 2);
  saves.wait();
  EXPECT_THAT(told(), ElementsAre("save", "save", "retire_failed"));
  EXPECT_EQ(saves.statistics().failures, 0) << "the checkpoint is durable";
}

}  // namespace
}  // namespace holdfast
