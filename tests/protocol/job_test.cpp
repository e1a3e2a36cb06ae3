#include <holdfast/checkpoint/protocol/job.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support/files.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

class JobMemoryTest : public ::testing::Test {
 protected:
  JobMemoryTest() { begin_job("job 1"); }
  ~JobMemoryTest() override { unsetenv(kJobVariable); }
  static void begin_job(const char* name) { setenv(kJobVariable, name, 1); }

  testing::TemporaryDirectory temporary_;
  Directory run_ = Directory::open(posix_file_system(), temporary_.path());
  JobMemory memory_{run_};
};

TEST_F(JobMemoryTest, KnowsTheCheckpointThatTheJobHasGoneBackToLast) {
  EXPECT_FALSE(memory_.has_gone_back_to("/runs/a@best"));
  memory_.remember("/runs/a@best");
  EXPECT_TRUE(memory_.has_gone_back_to("/runs/a@best"));
  EXPECT_TRUE(JobMemory(run_).has_gone_back_to("/runs/./b/../a@best")) << "the same path";
  memory_.remember("/runs/a@3");
  EXPECT_FALSE(memory_.has_gone_back_to("/runs/a@best"));
}

TEST_F(JobMemoryTest, KnowsNothingOfAnotherJob) {
  memory_.remember("/runs/a@best");
  begin_job("job 2");
  EXPECT_FALSE(memory_.has_gone_back_to("/runs/a@best"));
}

TEST_F(JobMemoryTest, KnowsNothingWhereThereIsNoJob) {
  unsetenv(kJobVariable);
  memory_.remember("/runs/a@best");
  EXPECT_FALSE(memory_.has_gone_back_to("/runs/a@best"));
}

TEST_F(JobMemoryTest, KeepsItInTheRunsDirectory) {
  memory_.remember("/runs/a@best");
  EXPECT_EQ(testing::read_file(temporary_ / "RESTORED"), "job 1\n/runs/a@best\n");
}

}  // namespace
}  // namespace holdfast
