#include <holdfast/checkpoint/log/failure_account.h>

#include <stdexcept>
#include <string>

#include "run/run_fixture.h"
#include "support/files.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;

class FailureAccountTest : public testing::StoreTest {
 protected:
  int counted(std::int64_t step) const { return FailureLog(directory).count(step); }
  std::string log() const { return testing::read_file(run() + "/events.jsonl"); }

  Directory directory = Directory::create(fs, run());
  EventTeller teller{directory, nullptr};
  FailureAccount failures{directory, teller};
};

TEST_F(FailureAccountTest, CountsAgainstTheCheckpointThatWasLoadedOrCommittedLast) {
  failures.loading(3);
  failures.count("a bad batch");
  failures.committed(4);
  failures.count("another");
  EXPECT_EQ(counted(3), 0) << "forgotten with the commit";
  EXPECT_EQ(counted(4), 1);
  EXPECT_EQ(failures.log().last_reason(4), "another");
  EXPECT_THAT(log(), HasSubstr(R"("event":"failed","step":3,"reason":"a bad batch"})"));
}

TEST_F(FailureAccountTest, CountsNothingWhereNoCheckpointIsToBlame) {
  failures.count("at the beginning");
  failures.loading(3);
  failures.not_loaded();
  failures.count("another model");
  failures.count_signal(11);
  EXPECT_EQ(failures.newest(), -1);
  EXPECT_EQ(counted(3), 0);
  EXPECT_THAT(log(), HasSubstr(R"("event":"failed","step":-1,"reason":"another model"})"));
}

TEST_F(FailureAccountTest, CountsASignalOfTheCheckpointThatWasBeingLoaded) {
  failures.loading(3);
  failures.count_signal(11);
  EXPECT_EQ(counted(3), 1);
}

TEST_F(FailureAccountTest, HasAnEndExplainedByAFailureThatWasCountedUntilTheNextCommit) {
  EXPECT_FALSE(failures.is_explained());
  failures.count("a loss that is not finite");
  EXPECT_TRUE(failures.is_explained());
  failures.committed(4);
  EXPECT_FALSE(failures.is_explained());
  failures.save_failed();
  EXPECT_TRUE(failures.is_explained()) << "a disk that fails is no failure of the program";
  failures.go_on_from(4);
  EXPECT_FALSE(failures.is_explained());
}

TEST_F(FailureAccountTest, KeepsFailuresOfTheStepThatTheRunGoesOnFrom) {
  failures.loading(3);
  failures.count("a");
  failures.go_on_from(3);
  EXPECT_EQ(counted(3), 1);
  failures.go_on_from(2);
  EXPECT_EQ(counted(3), 0);
}

TEST_F(FailureAccountTest, TellsWhyItPassesOver) {
  failures.loading(3);
  failures.count("a bad batch");
  failures.pass_over(3, 2);
  EXPECT_EQ(FailureLog(directory).passed_over(), 1);
  EXPECT_THAT(log(),
              HasSubstr(R"("event":"passed_over","step":3,"to_step":2,"reason":"a bad batch"})"));
}

TEST_F(FailureAccountTest, CommitsThoughFailuresCannotBeForgotten) {
  failures.loading(3);
  failures.count("a");
  fs->fail(testing::Call::kTruncate, EIO);
  failures.committed(4);
  EXPECT_EQ(failures.newest(), 4);
  EXPECT_EQ(counted(4), 0);
}

TEST_F(FailureAccountTest, FailsNothingWhereTheDiskIsFull) {
  failures.loading(3);
  fs->fail(testing::Call::kWrite, ENOSPC, 1, testing::FaultFileSystem::kForever);
  failures.count("a");
  fs->heal();
  EXPECT_EQ(counted(3), 0);
}

TEST_F(FailureAccountTest, KnowsAnEndByAnException) {
  struct Ending {
    FailureAccount& failures;
    bool& ends;
    ~Ending() { ends = failures.ends_by_exception(); }
  };
  bool ends = true;
  { const Ending in_order{failures, ends}; }
  EXPECT_FALSE(ends);
  try {
    const Ending thrown{failures, ends};
    throw std::runtime_error("a bad batch");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(ends);
}

}  // namespace
}  // namespace holdfast
