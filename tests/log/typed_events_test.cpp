// The table of events: what it writes, what it reads, what it says, and that the documentation has
// it.
#include <holdfast/checkpoint/log/typed_events.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/files.h"

namespace holdfast::events {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTime = "2026-01-31T12:00:00.000Z";

std::string line_of(const Event& event) {
  return to_json_line(event, kTime);
}

// Marks what the sentence says of a value by its unit.
std::string value_text(Unit unit, const EventValue& value) {
  const auto* const text = std::get_if<std::string>(&value);
  const auto* const whole = std::get_if<std::int64_t>(&value);
  const auto* const real = std::get_if<double>(&value);
  const std::string plain = text    ? *text
                            : whole ? std::to_string(*whole)
                            : real  ? std::to_string(static_cast<int>(*real))
                                    : "flag";
  return unit == Unit::kStep      ? "#" + plain
         : unit == Unit::kBytes   ? plain + "B"
         : unit == Unit::kSeconds ? plain + "s"
                                  : plain;
}

template <typename Kind>
std::string sentence(const Kind& kind) {
  return sentence_of(to_event(kind), value_text);
}

// What runs have in their logs, for ever.
TEST(EventTable, WritesEveryEventAsItWasAlwaysWritten) {
  const auto begin = std::string(R"({"time":")") + kTime + R"(","event":)";
  const std::vector<std::pair<Event, std::string>> lines = {
      {to_event(Open{"box", "ada", 7}), R"("open","host":"box","user":"ada","pid":7})"},
      {to_event(Resume{3, "/r/c"}), R"("resume","step":3,"from":"/r/c"})"},
      {to_event(Fork{3, "/r/c"}), R"("fork","step":3,"from":"/r/c"})"},
      {to_event(Close{-1, 0.5, {}}), R"("close","step":-1,"blocked_seconds":0.5})"},
      {to_event(Close{3, 0.5, true}), R"("close","step":3,"blocked_seconds":0.5,"failed":true})"},
      {to_event(Save{3, 4096, 0.5, 0.25}),
       R"("save","step":3,"bytes":4096,"durable_seconds":0.5,"blocked_seconds":0.25})"},
      {to_event(SaveFailed{3, "why"}), R"("save_failed","step":3,"reason":"why"})"},
      {to_event(Quarantine{3, "why"}), R"("quarantine","step":3,"reason":"why"})"},
      {to_event(Superseded{3, "superseded/x"}),
       R"("superseded","after_step":3,"directory":"superseded/x"})"},
      {to_event(IndexRebuilt{3, "why"}), R"("index_rebuilt","step":3,"reason":"why"})"},
      {to_event(IndexDamaged{3, "why"}), R"("index_damaged","step":3,"reason":"why"})"},
      {to_event(ModeChanged{3, "a"}), R"("mode_changed","step":3,"change":"a"})"},
      {to_event(JournalAltered{"r/m.csv"}), R"("journal_altered","file":"r/m.csv"})"},
      {to_event(Failed{-1, "why"}), R"("failed","step":-1,"reason":"why"})"},
      {to_event(PassedOver{3, 2, "why"}), R"("passed_over","step":3,"to_step":2,"reason":"why"})"},
      {to_event(Refused{3, 2}), R"("refused","step":3,"to_step":2})"},
      {to_event(Restart{1, "exit status 1", 3}),
       R"("restart","attempt":1,"cause":"exit status 1","step":3})"},
      {to_event(GaveUp{5, "exit status 1", "why", {}}),
       R"("gave_up","restarts":5,"cause":"exit status 1","reason":"why"})"},
      {to_event(InTheWay{"why"}), R"("in_the_way","reason":"why"})"},
      {to_event(RetireFailed{3, "why"}), R"("retire_failed","after_step":3,"reason":"why"})"},
  };
  std::set<std::string> written;
  for (const auto& [event, text] : lines) {
    EXPECT_EQ(line_of(event), begin + text);
    written.insert(event.name);
  }
  EXPECT_EQ(written.size(), entries().size()) << "a line for each event of the table";
}

TEST(EventTable, ReadsBackWhatItWrites) {
  const auto save = from_event<Save>(to_event(Save{3, 4096, 0.5, 0.25}));
  ASSERT_TRUE(save);
  EXPECT_EQ(save->step, 3);
  EXPECT_EQ(save->bytes, 4096);
  EXPECT_EQ(save->durable_seconds, 0.5);
  EXPECT_EQ(save->blocked_seconds, 0.25);
  EXPECT_FALSE(from_event<Close>(to_event(Save{})));
}

TEST(EventTable, ReadsWhatOlderAndNewerVersionsWrote) {
  const auto older = from_event<Save>({"save", {{"step", std::int64_t{3}}}});
  ASSERT_TRUE(older);
  EXPECT_EQ(older->step, 3);
  EXPECT_EQ(older->blocked_seconds, std::nullopt);
  const auto newer = from_event<Save>({"save",
                                       {{"device", std::string("cuda:0")},
                                        {"step", std::int64_t{3}},
                                        {"bytes", std::string("many")},
                                        {"durable_seconds", std::int64_t{2}}}});
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->step, 3);
  EXPECT_EQ(newer->bytes, std::nullopt) << "another type";
  EXPECT_EQ(newer->durable_seconds, 2.0) << "an integer is a number";
  EXPECT_EQ(find_entry("moved_to_the_moon"), nullptr);
}

TEST(EventTable, TakesTheFirstOfTwoFieldsOfOneName) {
  const auto read =
      from_event<Resume>({"resume", {{"step", std::int64_t{3}}, {"step", std::int64_t{4}}}});
  EXPECT_EQ(read->step, 3);
}

TEST(EventTable, NamesEachEventAndEachFieldOnce) {
  std::set<std::string_view> names;
  for (const Entry& entry : entries()) {
    EXPECT_TRUE(names.insert(entry.words.name).second) << entry.words.name;
    EXPECT_EQ(find_entry(entry.words.name), &entry);
    std::set<std::string_view> fields = {"time", "event"};
    for (const FieldEntry& field : entry.fields)
      EXPECT_TRUE(fields.insert(field.name).second) << entry.words.name << " " << field.name;
  }
}

// Else a sentence would show a field that is not there, or a bracket.
TEST(EventTable, HasSentencesThatNameFieldsOfTheirEvent) {
  for (const Entry& entry : entries()) {
    const std::string_view sentence = entry.words.sentence;
    char last = ']';  // brackets take turns
    for (const char c : sentence) {
      if (c != '[' && c != ']') continue;
      EXPECT_EQ(std::exchange(last, c), c == '[' ? ']' : '[') << sentence;
    }
    EXPECT_EQ(last, ']') << sentence;
    for (std::size_t at = 0; (at = sentence.find('{', at)) != std::string_view::npos; ++at) {
      const std::string_view name = sentence.substr(at + 1, sentence.find('}', at) - at - 1);
      EXPECT_EQ(std::count_if(entry.fields.begin(), entry.fields.end(),
                              [&](const FieldEntry& field) { return field.name == name; }),
                1)
          << sentence;
    }
  }
}

TEST(EventSentence, HasTheValuesByTheirUnits) {
  EXPECT_EQ(sentence(Save{3, 10, 2.0, 1.0}),
            "saved #3 (10B, durable in 2s, training held up for 1s)");
}

TEST(EventSentence, LeavesOutWhatIsMissing) {
  EXPECT_EQ(sentence(Open{"box", "ada", 7}), "started by ada on box, process 7");
  EXPECT_EQ(sentence(Open{"box", "", {}}), "started on box");
  EXPECT_EQ(sentence(SaveFailed{3, "why"}), "#3 could not be saved: why");
  EXPECT_EQ(sentence(SaveFailed{}), "an unknown step could not be saved");
}

TEST(EventSentence, SaysSomethingElseWhereAFieldIsMissing) {
  EXPECT_EQ(sentence(Failed{3, "why"}), "failed by itself, behind #3: why");
  EXPECT_EQ(sentence(Failed{-1, "why"}),
            "failed by itself, before a checkpoint was loaded or saved: why");
  EXPECT_EQ(sentence(Close{3, 1.0, true}), "ended with an exception at #3");
  EXPECT_EQ(sentence(Close{-1, 1.0, false}), "ended in order");
}

TEST(EventSentence, DoesNotLookIntoValues) {
  EXPECT_EQ(sentence(SaveFailed{3, "{step} [a|b]"}), "#3 could not be saved: {step} [a|b]");
}

TEST(EventSentence, OfAnUnknownEventIsWhatItHas) {
  EXPECT_EQ(
      sentence_of({"mystery", {{"step", std::int64_t{3}}, {"why", std::string("w")}}}, value_text),
      "mystery, step 3, why w");
}

// The documentation's table.
std::string documented() {
  std::string table = "| event | what happened | fields |\n|---|---|---|\n";
  for (const Entry& entry : entries()) {
    table += "| `" + std::string(entry.words.name) + "` | " + entry.words.meaning + " | ";
    for (const FieldEntry& field : entry.fields) {
      if (&field != &entry.fields.front()) table += "; ";
      table += "`" + std::string(field.name) + "` (" + std::string(field.type);
      if (!field.meaning.empty()) table += ": " + std::string(field.meaning);
      table += ")";
    }
    table += " |\n";
  }
  return table;
}

TEST(EventTable, IsThatOfTheDocumentation) {
  const std::string page = testing::read_file(HOLDFAST_SOURCE_DIR "/docs/events.md");
  EXPECT_THAT(page, HasSubstr("\n\n" + documented() + "\n"));
}

}  // namespace
}  // namespace holdfast::events
