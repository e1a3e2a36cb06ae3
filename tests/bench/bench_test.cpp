// Each subcommand of holdfast_bench, and the scripts that read its results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/process.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

class BenchTest : public ::testing::Test {
 protected:
  Finished bench(Words words) const {
    words.insert(words.begin(), HOLDFAST_BENCH_PROGRAM);
    return testing::run_process(words);
  }

  Finished script(const std::string& name, const Words& words) const {
    Words command = {"/usr/bin/python3", "-B", std::string(HOLDFAST_SOURCE_DIR) + "/bench/" + name};
    command.insert(command.end(), words.begin(), words.end());
    return testing::run_process(command);
  }

  // One sample of each case, in a directory of the test's own, which is empty again afterwards.
  std::vector<json> results(Words words) const {
    words.insert(words.end(), {"--repeat", "1", "--json", "--directory", scratch()});
    const Finished finished = bench(words);
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_TRUE(std::filesystem::is_empty(scratch()));
    std::vector<json> results;
    std::istringstream lines(finished.output);
    for (std::string line; std::getline(lines, line);) results.push_back(json::parse(line));
    return results;
  }

  std::string scratch() const { return directory_.path().string(); }

 private:
  testing::TemporaryDirectory directory_;
};

// All fields of a result, and a sample of each of these measures.
void expect_result(const json& result, const std::string& bench, const Words& measures) {
  EXPECT_EQ(result.at("bench"), bench);
  EXPECT_FALSE(result.at("case").get<std::string>().empty());
  for (const char* field : {"bytes", "tensors", "shards", "threads"})
    EXPECT_GT(result.at(field).get<std::int64_t>(), 0) << field;
  EXPECT_EQ(result.at("repeat"), 1);
  for (const std::string& measure : measures) {
    EXPECT_EQ(result.at("samples").at(measure).size(), 1U) << measure;
    for (const char* statistic : {"median", "min", "max"})
      EXPECT_EQ(result.at(statistic).at(measure), result.at("samples").at(measure).at(0));
  }
}

std::set<std::string> cases_of(const std::vector<json>& results) {
  std::set<std::string> cases;
  for (const json& result : results) cases.insert(result.at("case"));
  return cases;
}

TEST_F(BenchTest, NumbersAreDecimal) {
  const Finished finished = bench({"save", "--repeat", "0x1"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, HasSubstr("expected a whole number from 1 to 1000"));
  std::set<int> threads;
  for (const json& result : results({"floor", "--bytes", "1M", "--threads", "08", "--idle", "0"}))
    threads.insert(result.at("threads").get<int>());
  EXPECT_THAT(threads, ElementsAre(1, 8));
}

TEST_F(BenchTest, SaveMeasuresBothWaysBesidePlainWrites) {
  const auto found = results({"save", "--bytes", "256K,1M", "--compute", "0"});
  ASSERT_EQ(found.size(), 8U);
  expect_result(found[2], "save", {"blocked_s", "durable_s", "floor_s", "durable_to_floor"});
  EXPECT_EQ(found[2].at("bytes"), 256 << 10);
  EXPECT_EQ(found[6].at("bytes"), 1 << 20);
  EXPECT_EQ(cases_of(found),
            (std::set<std::string>{"first save", "first save, overlap", "save", "save, overlap"}));
}

TEST_F(BenchTest, LoadMeasuresAllAndParts) {
  const auto found = results({"load", "--bytes", "1M"});
  expect_result(found[1], "load", {"load_s", "to_plain"});
  EXPECT_THAT(cases_of(found), Contains("warm, one of the five"));
  EXPECT_THAT(cases_of(found), Contains("cold, a tenth of the rows"));
}

TEST_F(BenchTest, FloorMeasuresPlainIoAndHdf5) {
  const auto found = results({"floor", "--bytes", "1M", "--threads", "1", "--idle", "0"});
  expect_result(found[0], "floor", {"time_s", "rate_gb_s"});
  EXPECT_THAT(cases_of(found), Contains("touch of every page, in use, 1 thread"));
  EXPECT_THAT(cases_of(found), Contains("touch of every page, after idling, 1 thread"));
  EXPECT_THAT(cases_of(found), Contains("direct write, 1 thread"));
  EXPECT_THAT(cases_of(found), Contains("HDF5 read, cold, 1 thread"));
}

TEST_F(BenchTest, CopyComparesWithABareCopyOfTheSamePages) {
  const auto found = results({"copy", "--bytes", "16M", "--tensors", "3"});
  expect_result(found[1], "copy", {"blocked_s", "to_bare"});
  EXPECT_EQ(cases_of(found),
            (std::set<std::string>{"bare copy, 4 KiB pages", "save, 4 KiB pages",
                                   "save, overlap, 4 KiB pages", "bare copy, huge pages",
                                   "save, huge pages", "save, overlap, huge pages"}));
}

TEST_F(BenchTest, SmallTakesACaseForEachNumberOfTensors) {
  const auto found = results({"small", "--tensors", "10,20"});
  ASSERT_EQ(found.size(), 2U);
  expect_result(found[1], "small",
                {"blocked_s", "durable_s", "one_grows_blocked_s", "warm_load_s"});
  EXPECT_EQ(found[1].at("tensors"), 20);
}

TEST_F(BenchTest, ShardsTakesACaseForEachNumberOfFiles) {
  const auto found = results({"shards", "--bytes", "1M", "--shards", "1,3"});
  ASSERT_EQ(found.size(), 2U);
  expect_result(found[1], "shards", {"durable_s", "warm_load_s", "cold_load_s"});
  EXPECT_EQ(found[1].at("shards"), 3);
}

TEST_F(BenchTest, StallComparesWithATrainingWithoutCheckpoints) {
  const auto found =
      results({"stall", "--width", "16", "--batch", "4", "--steps", "4", "--every", "2"});
  EXPECT_EQ(cases_of(found), (std::set<std::string>{"every 2 steps"}));
  expect_result(found[0], "stall",
                {"step_s", "step_alone_s", "slowdown_percent", "blocked_percent"});
}

TEST_F(BenchTest, WithoutJsonItPrintsATable) {
  const Finished finished =
      bench({"small", "--tensors", "10", "--repeat", "1", "--directory", scratch()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, StartsWith("case"));
}

TEST_F(BenchTest, MisuseIsStatusTwo) {
  for (const Words& words :
       {Words{}, Words{"run"}, Words{"save", "--bytes", "0"}, Words{"save", "--repeat", "0"},
        Words{"load", "--directory", "/none"}}) {
    const Finished finished = bench(words);
    EXPECT_EQ(finished.status, 2) << finished.output;
    EXPECT_THAT(finished.output, StartsWith("holdfast_bench: "));
  }
}

TEST_F(BenchTest, TooLittleRoomIsSaidBeforeAnythingIsDone) {
  const Finished finished = bench({"save", "--bytes", "100000T", "--directory", scratch()});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, HasSubstr("too little room on disk"));
  EXPECT_TRUE(std::filesystem::is_empty(scratch()));
}

TEST_F(BenchTest, KilledItLeavesNothingBehind) {
  testing::Process process({HOLDFAST_BENCH_PROGRAM, "small", "--repeat", "1000", "--tensors", "10",
                            "--directory", scratch()});
  while (process.running() && std::filesystem::is_empty(scratch())) testing::pause();
  EXPECT_EQ(process.kill(), 128 + SIGKILL);
  for (int i = 0; i < 10'000 && !std::filesystem::is_empty(scratch()); ++i) testing::pause();
  EXPECT_TRUE(std::filesystem::is_empty(scratch()));
}

// Whatever peers there are on this machine.
TEST_F(BenchTest, PeersAreMeasuredInTurnWithHoldfast) {
  const std::string path = scratch() + "/peers.json";
  const Finished finished =
      script("peers.py", {"--program", HOLDFAST_BENCH_PROGRAM, "--bytes", "1M", "--idle", "0",
                          "--repeat", "1", "--directory", scratch(), "--json", path});
  ASSERT_EQ(finished.status, 0) << finished.output;
  std::ifstream lines(path);
  std::vector<json> found;
  for (std::string line; std::getline(lines, line);) found.push_back(json::parse(line));
  ASSERT_GE(found.size(), 9U);  // measured, or left out with the reason
  expect_result(found[1], "peers",
                {"blocked_s", "idle_blocked_s", "durable_s", "warm_load_s", "cold_load_s"});
  EXPECT_EQ(found[1].at("case"), "Holdfast");
  EXPECT_THAT(finished.output, HasSubstr("| Holdfast, overlap"));
}

TEST_F(BenchTest, AServedSaveBeginsWithAStepUnlessItIsIdle) {
  const std::string commands = scratch() + "/commands";
  std::ofstream(commands) << "save\nsave-idle\nsave-overlap\nsave-overlap-idle\n";
  const Finished finished = testing::run_process(
      {"/bin/sh", "-c", "exec \"$0\" serve --bytes 1M --compute 0 --directory \"$1\" < \"$2\"",
       HOLDFAST_BENCH_PROGRAM, scratch(), commands});
  ASSERT_EQ(finished.status, 0) << finished.output;
  std::istringstream lines(finished.output);
  std::string ready;
  std::getline(lines, ready);
  for (const bool steps : {true, false, true, false}) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line)) << finished.output;
    const json answer = json::parse(line);
    EXPECT_EQ(answer.at("step_s") > 0, steps) << line;
    EXPECT_GT(answer.at("blocked_s"), 0) << line;
  }
}

TEST_F(BenchTest, TablesAndPlotAreMadeOfTheResults) {
  const std::string path = scratch() + "/save.json";
  const Finished saves = bench({"save", "--bytes", "256K,1M", "--repeat", "1", "--compute", "0",
                                "--json", "--directory", scratch()});
  std::ofstream(path) << saves.output;
  std::ofstream(scratch() + "/performance.md")
      << "before\n<!-- bench save -->\nold\n<!-- end -->\nafter\n<!-- bench load -->\nkept\n<!-- "
         "end -->\n";
  const Finished finished = script("document.py", {scratch(), scratch()});
  ASSERT_EQ(finished.status, 0) << finished.output;

  std::stringstream page, plot;
  page << std::ifstream(scratch() + "/performance.md").rdbuf();
  plot << std::ifstream(scratch() + "/performance.svg").rdbuf();
  EXPECT_THAT(page.str(),
              AllOf(StartsWith("before\n<!-- bench save -->\n\n| state"), HasSubstr("| 256 KiB"),
                    HasSubstr("after"), HasSubstr("kept"), ::testing::Not(HasSubstr("old"))));
  EXPECT_THAT(plot.str(), AllOf(StartsWith("<svg"), HasSubstr("1 MiB"), HasSubstr("</svg>")));
}

}  // namespace
}  // namespace holdfast
