#include <holdfast/checkpoint/log/event_history.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "support/files.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

class EventHistoryTest : public ::testing::Test {
 protected:
  Directory run() const { return Directory::open(posix_file_system(), directory_.path()); }
  void write(const std::string& text) const {
    testing::write_file(directory_ / "events.jsonl", text);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(EventHistoryTest, GivesBackWhatWasLogged) {
  const Directory directory = run();
  EventLog log(directory);
  log.append({"save",
              {{"step", std::int64_t{200}},
               {"seconds", 0.25},
               {"ok", true},
               {"reason", std::string("a \"b\"\n")},
               {"loss", std::numeric_limits<double>::infinity()}}});
  log.append({"close", {}});
  const auto events = read_events(directory);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event.name, "save");
  EXPECT_EQ(events[0].time.size(), 24u);
  EXPECT_EQ(events[0].integer("step"), 200);
  EXPECT_EQ(events[0].number("step"), 200.0);
  EXPECT_EQ(events[0].number("seconds"), 0.25);
  EXPECT_EQ(events[0].text("reason"), "a \"b\"\n");
  EXPECT_TRUE(std::isnan(*events[0].number("loss")));
  EXPECT_EQ(*events[0].find("ok"), EventValue(true));
  EXPECT_EQ(events[0].find("nothing"), nullptr);
  EXPECT_EQ(events[0].text("step"), "");
  EXPECT_EQ(events[0].integer("seconds"), std::nullopt);
  EXPECT_EQ(events[1].event.name, "close");
}

TEST_F(EventHistoryTest, PassesOverWhatIsNoLineOfALog) {
  write(
      "{\"time\":\"t1\",\"event\":\"a\"}\n"
      "{\"time\":\"t2\",\"event\":\"cut o\n"
      "not JSON\n\n[1]\n{\"event\":\"no time\"}\n{\"time\":1,\"event\":\"b\"}\n"
      "{\"time\":\"t3\",\"event\":\"c\",\"list\":[1],\"step\":3}\n"
      "{\"time\":\"t4\",\"event\":\"no end of line\"}");
  const auto events = read_events(run());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event.name, "a");
  EXPECT_EQ(events[1].event.name, "c");
  EXPECT_EQ(events[1].integer("step"), 3);
  EXPECT_EQ(events[1].find("list"), nullptr);
}

TEST_F(EventHistoryTest, PassesOverALineThatIsNoStrictJson) {
  using namespace std::string_literals;
  const std::string line = R"({"time":"t1","event":"a"})";
  write("\xef\xbb\xbf" + line + "\n" + line + "\0\n"s + line + "\0{}\n"s + "\0\0\0"s + line + "\n" +
        R"({"time":"t1","event":"a","event":"b"})" + "\n" + R"({"time":"t2","event":"sound"})" +
        " \r\n");
  const auto events = read_events(run());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event.name, "sound");
}

TEST_F(EventHistoryTest, LooksOnlyIntoLinesWithTheWord) {
  write(
      "{\"time\":\"t1\",\"event\":\"save\"}\n"
      "{\"time\":\"t2\",\"event\":\"fork\",\"step\":3}\n");
  const auto events = read_events(run(), "fork");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event.name, "fork");
}

TEST_F(EventHistoryTest, TakesAnIntegerThatIsTooLargeForANumber) {
  write("{\"time\":\"t\",\"event\":\"a\",\"n\":18446744073709551615,\"m\":9223372036854775807}\n");
  const auto events = read_events(run());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].integer("n"), std::nullopt);
  EXPECT_EQ(events[0].number("n"), 18446744073709551615.0);
  EXPECT_EQ(events[0].integer("m"), std::numeric_limits<std::int64_t>::max());
}

TEST_F(EventHistoryTest, ReadsALogLargerThanWhatItReadsAtOnce) {
  std::string text;
  for (int i = 0; i < 30'000; ++i)
    text +=
        "{\"time\":\"a time of day and year\",\"event\":\"save\",\"step\":" + std::to_string(i) +
        "}\n";
  text += std::string(3 << 20, 'x') + "\n{\"time\":\"t\",\"event\":\"last\"}\n";
  write(text);
  const auto events = read_events(run());
  ASSERT_EQ(events.size(), 30'001u);
  EXPECT_EQ(events[29'999].integer("step"), 29'999);
  EXPECT_EQ(events.back().event.name, "last");
}

TEST_F(EventHistoryTest, IsEmptyWithoutALog) {
  EXPECT_TRUE(read_events(run()).empty());
}

}  // namespace
}  // namespace holdfast
