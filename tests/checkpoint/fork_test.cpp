// A process that is forked from a training: its copy of the checkpointer does nothing, and holds
// nothing.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/reader.h>

#include "support/child.h"
#include "support/expect_error.h"
#include "support/forwarding_file_system.h"
#include "support/gate.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::CheckpointerTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::told_by_child;
using testing::Training;

// As the operating system's, but a manifest is not written before it may be.
class HeldFileSystem final : public testing::ForwardingFileSystem {
 public:
  int open(int directory, const char* name, int flags, mode_t mode) override {
    if (std::string(name) == "manifest.json" && (flags & O_CREAT) != 0) gate.pass();
    return ForwardingFileSystem::open(directory, name, flags, mode);
  }

  testing::Gate gate;
};

// Each ends its copy another way.
const std::vector<std::pair<std::string, std::function<void(std::unique_ptr<Checkpointer>&)>>>
    kEndings = {
        {"scope", [](auto& checkpoints) { checkpoints.reset(); }},
        {"exception",
         [](auto& checkpoints) {
           try {
             const std::unique_ptr<Checkpointer> own = std::move(checkpoints);
             throw std::runtime_error("the child fails");
           } catch (const std::runtime_error&) {
           }
         }},
};

class ForkTest : public CheckpointerTest {
 protected:
  std::string file(const std::string& name) const {
    std::ifstream file(run() + "/" + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  // What the run has that a child could have written to.
  std::string journals() const { return file("events.jsonl") + file("failures.log") + file("log"); }
  // A child that ends its copy, in whatever way, writes nothing and waits for nothing.
  void expect_silent_endings(std::unique_ptr<Checkpointer>& checkpoints) {
    const std::string before = journals();
    for (const auto& [how, end] : kEndings)
      EXPECT_EQ(told_by_child([&, &end = end] {
                  end(checkpoints);
                  return std::string();
                }),
                "")
          << how;
    EXPECT_EQ(journals(), before);
  }
};

TEST_F(ForkTest, AChildThatEndsLeavesTheRunAlone) {
  Training training;
  auto checkpoints = std::make_unique<Checkpointer>(run());
  checkpoints->save(1, training.state);
  checkpoints->wait();
  expect_silent_endings(checkpoints);
  testing::expect_error(ErrorKind::kLocked, "pid " + std::to_string(getpid()),
                        [&] { Checkpointer second(run()); });
  EXPECT_TRUE(checkpoints->save(2, training.state));
  checkpoints->wait();
  EXPECT_THAT(checkpoints->steps(), ElementsAre(1, 2));
}

TEST_F(ForkTest, AChildThatEndsWaitsForNoSaveInFlight) {
  const auto held = std::make_shared<HeldFileSystem>();
  Options options;
  options.file_system = held;
  Training training;
  auto checkpoints = std::make_unique<Checkpointer>(run(), options);
  checkpoints->save(1, training.state);
  held->gate.wait_until_reached();
  expect_silent_endings(checkpoints);
  held->gate.open();
  checkpoints->wait();
  EXPECT_THAT(checkpoints->steps(), ElementsAre(1));
}

// exit() runs the destructors of what is static: ours, oneTBB's, LibTorch's.
TEST_F(ForkTest, AChildMayExit) {
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.save(1, training.state);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    exit(7);
  }
  EXPECT_EQ(testing::wait_for_child(child), 7);
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1));
}

TEST_F(ForkTest, EveryCallOfAChildSaysThatTheRunIsAnothers) {
  const auto held = std::make_shared<HeldFileSystem>();
  Options options;
  options.file_system = held;
  options.every_steps = 1;
  Training training;
  Checkpointer checkpoints(run(), options);
  Journal& journal = checkpoints.journal("log");
  journal.append("parent\n");
  checkpoints.save(1, training.state);
  held->gate.wait_until_reached();
  const std::string before = journals();
  const std::vector<std::function<void()>> calls = {
      [&] { checkpoints.steps(); },
      [&] { checkpoints.restore_latest(training.state); },
      [&] { checkpoints.restore(run() + "@1", training.state); },
      [&] { checkpoints.completed(2); },
      [&] { checkpoints.due(2); },
      [&] { checkpoints.save(2, training.state); },
      [&] { checkpoints.before_step(); },
      [&] { checkpoints.wait(); },
      [&] { checkpoints.journal("log"); },
      [&] { checkpoints.count_failure("of the child"); },
      [&] { checkpoints.statistics(); },
      [&] { checkpoints.in_flight(); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i)
    EXPECT_THAT(told_by_child([&] {
                  calls[i]();
                  return std::string("done");
                }),
                HasSubstr(run() + ": the run was opened by another process: expected calls by "))
        << i;
  EXPECT_THAT(told_by_child([&] {
                journal.append("child\n");
                return std::string("done");
              }),
              HasSubstr("the journal is written by another process"));
  EXPECT_EQ(told_by_child([&] {
              checkpoints.note_fatal_signal(SIGSEGV);
              return checkpoints.path() + checkpoints.run_id();
            }),
            checkpoints.path() + checkpoints.run_id());
  EXPECT_EQ(journals(), before);
  held->gate.open();
  checkpoints.wait();
  journal.append("parent\n");
  EXPECT_EQ(file("log"), "parent\nparent\n");
  EXPECT_EQ(file("failures.log"), "");
}

TEST_F(ForkTest, AReaderAndARunOfItsOwnWorkInAChild) {
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.save(1, training.state);
  checkpoints.wait();
  const Reader opened(run());
  EXPECT_EQ(told_by_child([&] {
              return std::to_string(opened.info().step) + std::to_string(Reader(run()).info().step);
            }),
            "11");
  EXPECT_EQ(told_by_child([&] {
              const at::Tensor weight = opened.tensor("models/net/parameters/weight");
              return std::string(at::equal(weight, training.weight()) ? "equal" : "different");
            }),
            "equal");
  EXPECT_EQ(told_by_child([&] {
              Checkpointer own(run() + "-of-the-child");
              own.save(5, training.state);
              own.wait();
              return std::to_string(own.steps().size());
            }),
            "1");
  EXPECT_EQ(Reader(run() + "-of-the-child").info().step, 5);
}

// A data worker that outlives the training, which is killed.
TEST_F(ForkTest, AWorkerThatOutlivesTheTrainingHoldsUpNoRestart) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t first = testing::start_child([&] {
    Training training;
    Checkpointer checkpoints(run());
    checkpoints.save(1, training.state);
    checkpoints.wait();
    testing::start_idle_child(ends);
    raise(SIGKILL);
  });
  EXPECT_EQ(testing::wait_for_child(first), 128 + SIGKILL);
  Training training;
  Checkpointer checkpoints(run());
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 1);
  close(ends[0]);
  close(ends[1]);
}

// An object of the user's that forks while it is asked for its state.
struct Forking : Stateful {
  mutable std::string told;
  std::function<std::string()> child;
  void save(StateWriter& writer) const override {
    writer.integer("n", 1);
    if (child) told = told_by_child(child);
  }
  void load(const StateReader&) override {}
};

TEST_F(ForkTest, AForkInTheMidstOfASaveIsNoOther) {
  Training training;
  Forking forking;
  training.state.add("forking", forking);
  Checkpointer checkpoints(run());
  forking.child = [&] {
    checkpoints.wait();
    return std::string("waited");
  };
  checkpoints.save(1, training.state);
  EXPECT_THAT(forking.told, HasSubstr("opened by another process"));
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1));
}

}  // namespace
}  // namespace holdfast
