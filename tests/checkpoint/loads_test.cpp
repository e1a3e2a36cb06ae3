// What the doors of a run and of a checkpoint say of what they did, and what they refuse to lose.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/reader.h>

#include "support/expect_error.h"
#include "support/forwarding_file_system.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::CheckpointerTest;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Training;

using Loads = CheckpointerTest;

constexpr const char* kWeight = "models/net/parameters/weight";
constexpr const char* kBias = "models/net/parameters/bias";

// "My head is new": the pattern forgets where names begin.
TEST_F(Loads, APatternThatMatchesNothingIsAMismatchInEveryLoad) {
  train_and_save({1});
  for (const bool allowed : {false, true}) {
    Training training;
    const torch::Tensor before = training.weight();
    RestoreOptions options;
    options.include = {"weight*"};
    options.allow_missing = options.allow_unexpected = allowed;
    const std::string words = "the pattern \"weight*\" matches no entry of the checkpoint";
    Checkpointer checkpoints(run());
    expect_error(ErrorKind::kMismatch, words,
                 [&] { Reader(run()).load_model("net", *training.net, options); });
    expect_error(ErrorKind::kMismatch, words,
                 [&] { checkpoints.restore_latest(training.state, options); });
    expect_error(ErrorKind::kMismatch, words,
                 [&] { checkpoints.restore(path_of(1), training.state, options); });
    EXPECT_TRUE(torch::equal(training.weight(), before));
  }
}

TEST_F(Loads, OfAModelSayWhatTheyDid) {
  train_and_save({1});
  torch::nn::Linear net(4, 3);
  for (const LoadReport& report :
       {load_model(run(), "net", net), Reader(run()).load_model("net", *net),
        Reader(run()).map_model("net", *net)}) {
    EXPECT_THAT(report.loaded, ElementsAre(kWeight, kBias));
    EXPECT_TRUE(report.is_whole());
  }
  struct Wider : torch::nn::LinearImpl {
    Wider() : LinearImpl(4, 3) { head = register_parameter("head", torch::zeros({2})); }
    torch::Tensor head;
  };
  Wider wider;
  RestoreOptions options;
  options.allow_missing = true;
  LoadReport report = Reader(run()).load_model("net", wider, options);
  EXPECT_THAT(report.loaded, ElementsAre(kWeight, kBias));
  EXPECT_THAT(report.missing, ElementsAre("models/net/parameters/head"));
  options.include = {"models/net/*/weight"};
  report = Reader(run()).load_model("net", wider, options);
  EXPECT_THAT(report.loaded, ElementsAre(kWeight));
  EXPECT_THAT(report.left, ElementsAre(kBias, "models/net/parameters/head"));
}

TEST_F(Loads, OfARunSayWhatTheyDid) {
  train_and_save({1, 2});
  std::int64_t before = 0;
  LoadReport accepted;
  Options options;
  options.before_restore = [&](const CheckpointInfo& found) { before = found.step; };
  options.accepts = [&](const Resumed& found) {
    accepted = found.load;
    return true;
  };
  Training training;
  double loss = 0;
  training.state.scalar("loss", loss);
  RestoreOptions partly;
  partly.allow_missing = true;
  Checkpointer checkpoints(run(), options);
  const auto resumed = checkpoints.restore_latest(training.state, partly);
  ASSERT_TRUE(resumed);
  EXPECT_THAT(resumed->load.loaded,
              ElementsAre(kWeight, kBias, "optimizers/adam", "progress/step", "rng/cpu"));
  EXPECT_THAT(resumed->load.missing, ElementsAre("progress/loss"));
  EXPECT_EQ(before, 2);
  EXPECT_THAT(accepted.missing, ElementsAre("progress/loss"));
  EXPECT_THAT(checkpoints.restore(path_of(1), training.state, partly).load.missing,
              ElementsAre("progress/loss"));
}

// The first reads of a shard wait until so many are under way at once.
class MeetingReads final : public testing::ForwardingFileSystem {
 public:
  explicit MeetingReads(int wanted) : wanted_(wanted) {}

  int open(int directory, const char* name, int flags, mode_t mode) override {
    const int fd = ForwardingFileSystem::open(directory, name, flags, mode);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (fd >= 0 && std::string(name).rfind("shard-", 0) == 0) shards_.insert(fd);
    return fd;
  }
  int close(int fd) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      shards_.erase(fd);
    }
    return ForwardingFileSystem::close(fd);
  }
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (shards_.count(fd) != 0) {
      most_ = std::max(most_, ++reading_);
      changed_.notify_all();
      changed_.wait_for(lock, std::chrono::seconds(20), [this] { return most_ >= wanted_; });
      --reading_;
    }
    lock.unlock();
    return ForwardingFileSystem::pread(fd, to, count, offset);
  }

  int most() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return most_;
  }

 private:
  const int wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<int> shards_;
  int reading_ = 0, most_ = 0;
};

TEST_F(Loads, ReadInAsManyThreadsAsTheyAreTold) {
  const int two = workers_of(2);  // one, where the machine has no more
  for (const bool told : {true, false}) {
    const auto files = std::make_shared<MeetingReads>(told ? two : 1);
    Options options;
    options.threads = 1;
    options.file_system = files;
    Training training(1 << 20);  // 12 MiB, many blocks
    Checkpointer checkpoints(run(), options);
    if (told) {
      checkpoints.save(1, training.state);
      checkpoints.wait();
    }
    RestoreOptions how;
    how.include = {"models/*"};  // one read, of all its blocks
    if (told) how.threads = 2;
    checkpoints.restore_latest(training.state, how);
    EXPECT_EQ(files->most(), told ? two : 1);
  }
}

TEST_F(Loads, ANumberOfThreadsThatIsNoneIsRefused) {
  train_and_save({1});
  Training training;
  RestoreOptions options;
  options.threads = -1;
  expect_error(ErrorKind::kInvalidArgument, "found -1",
               [&] { Reader(run()).load_model("net", *training.net, options); });
}

// ---- metrics of a step that is saved ----

class Metrics : public CheckpointerTest {
 protected:
  std::map<std::string, double> kept() const { return Reader(run()).info().metrics; }
  static void expect_refused(Checkpointer& checkpoints, const Training& training,
                             const std::map<std::string, double>& metrics,
                             const std::string& words) {
    expect_error(ErrorKind::kInvalidArgument, words,
                 [&] { checkpoints.save(1, training.state, metrics); });
  }
};

TEST_F(Metrics, ThatACommittedStepHasNotAreRefusedAndNotLost) {
  Training training;
  Checkpointer checkpoints(run());
  EXPECT_TRUE(checkpoints.save(1, training.state));
  const char* const words =
      "the metric \"accuracy\" of this call would be lost: expected the metrics with the first "
      "save of step 1, or none with a later one, found no such metric in the checkpoint; evaluate "
      "before the step is saved";
  expect_refused(checkpoints, training, {{"accuracy", 0.9}}, words);  // in flight, or just done
  checkpoints.wait();
  expect_refused(checkpoints, training, {{"accuracy", 0.9}}, words);
  EXPECT_FALSE(checkpoints.save(1, training.state));
  EXPECT_TRUE(checkpoints.save(2, training.state, {{"accuracy", 0.9}}));
  expect_refused(checkpoints, training, {{"accuracy", 0.9}}, words);  // no longer the newest
}

TEST_F(Metrics, ThatACommittedStepHasAreNoTrouble) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  {
    Training training;
    Checkpointer checkpoints(run());
    EXPECT_TRUE(checkpoints.save(1, training.state, {{"loss", 0.5}, {"odd", nan}}));
    for (int i = 0; i < 2; ++i) {
      EXPECT_FALSE(checkpoints.save(1, training.state, {{"loss", 0.5}, {"odd", nan}}));
      EXPECT_FALSE(checkpoints.save(1, training.state, {{"loss", 0.5}}));
      expect_refused(checkpoints, training, {{"loss", 0.25}}, "found another value in it");
      checkpoints.wait();
    }
  }
  Training resumed;
  Checkpointer checkpoints(run());
  checkpoints.restore_latest(resumed.state);
  EXPECT_FALSE(checkpoints.save(1, resumed.state, {{"loss", 0.5}}));
  expect_refused(checkpoints, resumed, {{"accuracy", 0.5}}, "no such metric");
  EXPECT_EQ(kept().at("loss"), 0.5);
}

// ---- exceptions of the program's own ----

struct Own : std::runtime_error {
  using runtime_error::runtime_error;
};

struct Throwing : Stateful {
  void save(StateWriter&) const override {
    if (throws) throw Own("no queue");
  }
  void load(const StateReader&) override {
    if (throws) throw Own("no queue");
  }
  bool throws = false;
};

void expect_own(const Error& error) {
  EXPECT_THAT(error.what(), HasSubstr("user/queue: "));
  EXPECT_THAT(error.what(), HasSubstr("no queue"));
  EXPECT_THROW(std::rethrow_if_nested(error), Own);
}

template <typename Action>
void expect_own_thrown(const Action& action) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    expect_own(error);
  }
}

TEST_F(Loads, WhatAnObjectThrowsReachesTheCallerWithItsTypeAndTheObjectsName) {
  Training training;
  Throwing queue;
  training.state.add("queue", queue);
  {
    Checkpointer checkpoints(run(), recorded());
    EXPECT_TRUE(checkpoints.save(1, training.state));
    checkpoints.wait();
    queue.throws = true;
    expect_own_thrown([&] { checkpoints.save(2, training.state); });
    expect_own_thrown([&] { checkpoints.restore_latest(training.state); });
    queue.throws = false;
    checkpoints.restore_latest(training.state);
    EXPECT_TRUE(checkpoints.save(2, training.state)) << "the same step, again";
  }
  EXPECT_THAT(events(), ::testing::Contains("save_failed"));
  int told = 0;
  Options options;
  options.on_error = [&](const Error& error) {
    ++told;
    expect_own(error);
  };
  Checkpointer checkpoints(run(), options);
  checkpoints.restore_latest(training.state);
  queue.throws = true;
  EXPECT_FALSE(checkpoints.save(3, training.state));
  EXPECT_EQ(told, 1);
}

// The message that a damaged checkpoint was read before it does not hide what was thrown.
TEST_F(Loads, WhatAnObjectThrowsIsKeptBehindADamagedCheckpoint) {
  Training training;
  Throwing queue;
  training.state.add("queue", queue);
  {
    Checkpointer checkpoints(run());
    for (const std::int64_t step : {1, 2}) {
      checkpoints.save(step, training.state);
      checkpoints.wait();
    }
  }
  damage(2);
  queue.throws = true;
  Checkpointer checkpoints(run());
  expect_own_thrown([&] { checkpoints.restore_latest(training.state); });
}

}  // namespace
}  // namespace holdfast
