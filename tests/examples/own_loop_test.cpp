// The ten lines in a loop of one's own, killed and resumed.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "mlp_fixture.h"

namespace holdfast {
namespace {

class OwnLoop : public testing::MlpTest {
 protected:
  std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of('\n');
    return text.substr(text.rfind('\n', end) + 1, end + 1);
  }
};

TEST_F(OwnLoop, EndsWithTheSameAnswerAfterItWasKilledTwice) {
  const auto twin = testing::run_process({OWN_LOOP_PROGRAM, run_path("twin")});
  ASSERT_EQ(twin.status, 0) << twin.output;
  for (const std::int64_t step : {300, 1200}) {
    testing::Process process({OWN_LOOP_PROGRAM, run_path("killed"), "2000000"});
    while (process.running() && (steps("killed").empty() || steps("killed").back() < step))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(process.kill(), 128 + SIGKILL) << process.output();
  }
  // It may have run past the twin's end by the second kill: then the twin has to catch up.
  const std::string end = std::to_string(std::max<std::int64_t>(2000, steps("killed").back()) + 50);
  const auto killed = testing::run_process({OWN_LOOP_PROGRAM, run_path("killed"), end});
  const auto longer = testing::run_process({OWN_LOOP_PROGRAM, run_path("twin"), end});
  ASSERT_EQ(killed.status, 0) << killed.output;
  EXPECT_THAT(killed.output, ::testing::HasSubstr("resuming from step"));
  EXPECT_EQ(last_line(killed.output), last_line(longer.output));
  const Comparison result = testing::compare_every_bit(open("killed", steps("killed").back()),
                                                       open("twin", steps("twin").back()));
  for (const auto& difference : result.differences)
    ADD_FAILURE() << difference.name << ": " << difference.problem;
}

}  // namespace
}  // namespace holdfast
