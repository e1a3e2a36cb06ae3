#include <holdfast/checkpoint/log/events.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "run/run_fixture.h"

namespace holdfast {
namespace {

using testing::Call;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Event event(const std::string& name) {
  return {name, {}};
}

class EventLogTest : public testing::StoreTest {
 protected:
  std::string path() const { return run() + "/events.jsonl"; }
  void put(const std::string& text) { std::ofstream(path()) << text; }

  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::ifstream file(path());
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  // The events of the lines that are JSON.
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const std::string& line : lines()) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_discarded()) names.push_back(json.at("event"));
    }
    return names;
  }

  Directory directory = Directory::create(fs, run());
};

TEST(EventLine, HasTimeAndNameAndTheFieldsInTheirOrder) {
  const Event save{"save",
                   {{"step", std::int64_t{200}},
                    {"seconds", 0.25},
                    {"async", true},
                    {"path", std::string("a/b")}}};
  EXPECT_EQ(to_json_line(save, "2026-01-31T12:00:00.123Z"),
            R"({"time":"2026-01-31T12:00:00.123Z","event":"save","step":200,"seconds":0.25,)"
            R"("async":true,"path":"a/b"})");
}

TEST(EventLine, IsOneLineOfValidJsonWhateverTheTextHolds) {
  const std::string line =
      to_json_line({"error", {{"what", std::string("a\n\"b\"\0\xff", 7)}}}, "now");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(line).at("what"), std::string("a\n\"b\"\0", 6) + "\xef\xbf\xbd");
}

TEST(EventLine, HasNullForWhatJsonHasNoNumberFor) {
  EXPECT_EQ(to_json_line({"e", {{"loss", std::numeric_limits<double>::quiet_NaN()}}}, "t"),
            R"({"time":"t","event":"e","loss":null})");
}

TEST(EventLine, KeepsLargeIntegersExact) {
  EXPECT_THAT(to_json_line({"e", {{"bytes", std::numeric_limits<std::int64_t>::max()}}}, "t"),
              HasSubstr("9223372036854775807"));
}

TEST(EventLine, TakesTheFirstOfTwoFieldsOfOneName) {
  EXPECT_EQ(to_json_line({"e", {{"time", true}, {"a", true}, {"a", false}}}, "t"),
            R"({"time":"t","event":"e","a":true})");
}

TEST_F(EventLogTest, AppendsALineEach) {
  EventLog log(directory);
  log.append(event("start"));
  log.append(event("save"));
  EXPECT_THAT(events(), ElementsAre("start", "save"));
  EXPECT_EQ(log.last_error(), std::nullopt);
}

TEST_F(EventLogTest, WritesEachLineInOneCall) {
  EventLog log(directory);
  log.append(event("start"));
  log.append(event("save"));
  EXPECT_EQ(fs->calls(Call::kWrite), 2);
}

TEST_F(EventLogTest, GoesOnWhereTheRunBeforeEnded) {
  EventLog(directory).append(event("start"));
  EventLog(directory).append(event("resume"));
  EXPECT_THAT(events(), ElementsAre("start", "resume"));
}

TEST_F(EventLogTest, EndsALineThatACrashCutOff) {
  put("{\"event\":\"start\"}\n{\"event\":\"sa");
  EventLog log(directory);
  log.append(event("resume"));
  EXPECT_THAT(lines(),
              ElementsAre("{\"event\":\"start\"}", "{\"event\":\"sa", HasSubstr("resume")));
  EXPECT_THAT(events(), ElementsAre("start", "resume"));
}

TEST_F(EventLogTest, FailsNothingWhenTheDiskIsFullAndSaysSo) {
  EventLog log(directory);
  fs->fail(Call::kWrite, ENOSPC);
  log.append(event("lost"));
  ASSERT_TRUE(log.last_error());
  EXPECT_THAT(*log.last_error(), HasSubstr(path() + ": cannot write"));
  log.append(event("kept"));
  EXPECT_EQ(log.last_error(), std::nullopt);
  EXPECT_THAT(events(), ElementsAre("kept"));
}

TEST_F(EventLogTest, EndsALineOfItsOwnThatFailedInTheMiddle) {
  EventLog log(directory);
  fs->shorten_transfers(10);
  fs->fail(Call::kWrite, ENOSPC, 2);
  log.append(event("torn"));
  EXPECT_TRUE(log.last_error());
  fs->heal();
  log.append(event("whole"));
  EXPECT_THAT(events(), ElementsAre("whole"));
  EXPECT_EQ(lines().size(), 2u);
}

TEST_F(EventLogTest, FailsNothingWhenItCannotBeOpened) {
  Directory::create(posix_file_system(), path());
  EventLog log(directory);
  log.append(event("start"));
  ASSERT_TRUE(log.last_error());
  EXPECT_THAT(*log.last_error(), HasSubstr("regular file"));
}

TEST_F(EventLogTest, IsWrittenByManyThreads) {
  constexpr int kThreads = 4, kEach = 50;
  EventLog log(directory);
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i) {
    writers.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) log.append(event("save"));
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(events().size(), static_cast<std::size_t>(kThreads * kEach));
}

}  // namespace
}  // namespace holdfast
