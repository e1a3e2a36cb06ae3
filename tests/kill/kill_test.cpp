// A real process, killed by SIGKILL in the middle of whatever it does, and started again, ends in
// the same bits as one that was left alone.
//
//   HOLDFAST_KILLS=5000 build/release/tests/kill_test
// kills as often at random times (the default is 100); scripts/soak does it for hours.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "kill/small_run.h"
#include "support/child.h"
#include "support/temporary_directory.h"

namespace holdfast::testing {
namespace {

constexpr std::int64_t kSteps = 5;
constexpr int kKilled = 128 + SIGKILL;

class Kill : public ::testing::Test {
 protected:
  void SetUp() override { changes_ = count_changes(twin(), kSteps); }

  std::string twin() const { return directory_ / "twin"; }
  std::string run() const { return directory_ / "run"; }

  // Starts the run anew, or again, with a disk that kills it in its kth change.
  int train(int kth = std::numeric_limits<int>::max(), bool after = false) const {
    return run_child([&] { train_small_run(run(), kSteps, deadly_file_system(kth, after)); });
  }
  void expect_same_end(const std::string& story) const {
    EXPECT_EQ(run_child([&] { require_same_end(run(), twin(), kSteps); }), 0) << story;
  }

  TemporaryDirectory directory_;
  int changes_ = 0;
};

// The kill comes before the call is made, or after it.
class KillInACall : public Kill, public ::testing::WithParamInterface<bool> {
 protected:
  static bool after() { return GetParam(); }
};

TEST_P(KillInACall, ThatChangesTheDiskLosesNothing) {
  ASSERT_GT(changes_, 100);
  int kills = 0;
  for (int k = 1; k <= changes_; ++k) {
    std::filesystem::remove_all(run());
    const int status = train(k, after());
    ASSERT_TRUE(status == kKilled || status == 0) << "call " << k << ": status " << status;
    kills += status == kKilled;
    ASSERT_EQ(train(), 0) << "after a kill in call " << k;
    expect_same_end("after a kill in call " + std::to_string(k));
  }
  EXPECT_GT(kills, 100);
  std::cout << kills << " kills\n";
}

// It is killed in its first, second, third… change each time that it is started: at first it does
// not get far, then the kill comes in the middle of the resume, then behind it.
TEST_P(KillInACall, AgainAndAgainWhileItResumesLosesNothing) {
  ASSERT_EQ(train(changes_ / 2, after()), kKilled);
  int kills = 0;
  int status = kKilled;
  for (int k = 1; status != 0; ++k) {
    ASSERT_LT(k, 2 * changes_);
    status = train(k, after());
    ASSERT_TRUE(status == kKilled || status == 0) << "status " << status;
    ++kills;
  }
  expect_same_end("after " + std::to_string(kills) + " kills");
  std::cout << kills << " kills\n";
}

INSTANTIATE_TEST_SUITE_P(When, KillInACall, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "AfterIt" : "BeforeIt"; });

TEST_F(Kill, AtRandomTimesLosesNothing) {
  const char* const wish = std::getenv("HOLDFAST_KILLS");
  const int kills = wish == nullptr ? 100 : std::atoi(wish);
  const char* const seed = std::getenv("HOLDFAST_SEED");
  std::mt19937 random(seed == nullptr ? 1U : static_cast<unsigned>(std::atoll(seed)));
  int done = 0;
  int ends = 0;
  while (done < kills) {
    const pid_t child = start_child([&] { train_small_run(run(), kSteps, posix_file_system()); });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    ::kill(child, SIGKILL);
    const int status = wait_for_child(child);
    ASSERT_TRUE(status == kKilled || status == 0) << "status " << status;
    done += status == kKilled;
    if (status != 0) continue;
    expect_same_end("after " + std::to_string(done) + " kills");
    std::filesystem::remove_all(run());
    ++ends;
  }
  ASSERT_EQ(train(), 0);
  expect_same_end("after the last of " + std::to_string(done) + " kills");
  std::cout << done << " kills, " << ends + 1 << " runs\n";
}

}  // namespace
}  // namespace holdfast::testing
