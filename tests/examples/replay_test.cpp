// The example with state of its own, beside the same program without checkpoints.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

std::vector<std::string> lines_of(const std::string& source) {
  std::ifstream file(std::string(HOLDFAST_SOURCE_DIR) + "/examples/" + source);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Replay, IsAtMostTwelveLinesLongerThanWithoutCheckpoints) {
  const std::size_t plain = lines_of("replay/replay_plain.cpp").size();
  EXPECT_GT(plain, 100U);
  EXPECT_LE(lines_of("replay/replay.cpp").size(), plain + 12);
}

TEST(Replay, TrainsAsTheProgramWithoutCheckpointsDoes) {
  const testing::TemporaryDirectory directory;
  const auto plain = testing::run_process({REPLAY_PLAIN_PROGRAM, "1500"});
  const auto saved = testing::run_process({REPLAY_PROGRAM, directory / "run", "1500"});
  ASSERT_EQ(plain.status, 0) << plain.output;
  EXPECT_EQ(saved.output, plain.output);
  const auto again = testing::run_process({REPLAY_PROGRAM, directory / "run", "1500"});
  EXPECT_EQ(again.output, plain.output) << "resumed at its end";
}

}  // namespace
}  // namespace holdfast
