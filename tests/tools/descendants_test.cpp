// How the tool ends the processes that it has started.
#include "run/descendants.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

namespace holdfast::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

pid_t start_sleeper() {
  const pid_t process = fork();
  while (process == 0) pause();
  return process;
}

class PatienceTest : public ::testing::Test {
 protected:
  bool is_over_after(milliseconds time, bool has_ended, const std::set<pid_t>& killed) {
    now_ += time;
    return patience_.is_over(has_ended, killed, now_);
  }

 private:
  Patience::Time now_;
  Patience patience_{now_};
};

TEST_F(PatienceTest, IsOverWithAProcessThatTakesEachKillAndDoesNotEnd) {
  EXPECT_FALSE(is_over_after(seconds(0), false, {7}));
  EXPECT_FALSE(is_over_after(Patience::kForKilled - milliseconds(1), false, {7}));
  EXPECT_TRUE(is_over_after(milliseconds(1), false, {7}));
}

TEST_F(PatienceTest, IsOverSoonWhereNoProcessMayBeKilled) {
  EXPECT_FALSE(is_over_after(Patience::kForUntouched - milliseconds(1), false, {}));
  EXPECT_TRUE(is_over_after(milliseconds(1), false, {}));
}

TEST_F(PatienceTest, LastsWhileProcessesEnd) {
  for (int look = 0; look < 10; ++look)
    EXPECT_FALSE(is_over_after(Patience::kForKilled, true, {7})) << look;
}

TEST_F(PatienceTest, LastsWhileThereAreNewProcesses) {
  for (pid_t process = 7; process < 17; ++process)
    EXPECT_FALSE(is_over_after(Patience::kForKilled, false, {5, process})) << process;
  EXPECT_TRUE(is_over_after(Patience::kForKilled, false, {5}));
}

TEST(Children, AreThoseOfThisProcess) {
  const pid_t child = start_sleeper();
  EXPECT_EQ(children(), std::set<pid_t>({child}));
  EXPECT_EQ(end_descendants(child), SIGKILL);
  EXPECT_EQ(children(), std::set<pid_t>());
}

TEST(Descendants, AreEndedButForTheOthers) {
  const pid_t other = start_sleeper(), child = start_sleeper();
  EXPECT_EQ(end_descendants(child, {other}), SIGKILL);
  EXPECT_EQ(children(), std::set<pid_t>({other}));
  EXPECT_EQ(end_descendants(0), std::nullopt);
}

TEST(Descendants, AreToldOfWithTheirStatus) {
  const pid_t child = start_sleeper(), another = start_sleeper();
  std::map<pid_t, int> ended;
  end_descendants(0, {}, [&](pid_t process, int status) { ended[process] = status; });
  const std::map<pid_t, int> both = {{child, SIGKILL}, {another, SIGKILL}};
  EXPECT_EQ(ended, both);
}

TEST(Descendants, MayBeNoneOrTheOthersAlone) {
  EXPECT_EQ(end_descendants(0), std::nullopt);
  const pid_t other = start_sleeper();
  EXPECT_EQ(end_descendants(0, {other}), std::nullopt);
  EXPECT_EQ(end_descendants(other), SIGKILL);
}

}  // namespace
}  // namespace holdfast::tool
