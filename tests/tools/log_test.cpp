// The history of a run, and the runs that are related to it.
#include <filesystem>

#include "checkpoint_fixture.h"
#include "log/family.h"
#include "log/history.h"
#include "log/running.h"

namespace holdfast::tool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

LoggedEvent event(const std::string& name,
                  std::vector<std::pair<std::string, EventValue>> fields = {}) {
  return {"2026-01-31T12:00:00.000Z", {name, std::move(fields)}};
}
LoggedEvent opened() {
  return event("open", {{"host", std::string("a")}, {"pid", std::int64_t{7}}});
}
LoggedEvent saved(std::int64_t step) {
  return event("save", {{"step", step},
                        {"bytes", std::int64_t{1 << 20}},
                        {"durable_seconds", 0.5},
                        {"blocked_seconds", 0.25}});
}

std::vector<std::string> told(const std::vector<LoggedEvent>& events, bool runs_now = false) {
  std::vector<std::string> texts;
  for (const Happening& one : tell_history(events, runs_now)) texts.push_back(one.text);
  return texts;
}

TEST(History, TellsSavesThatFollowOneAnotherAsOne) {
  EXPECT_THAT(told({opened(), saved(100), saved(200), saved(300), event("close"), saved(400)}),
              ElementsAre("started on a, process 7",
                          "saved 3 checkpoints, step 100 to step 300 (3.0 MiB, durable in 500 ms "
                          "each, training held up for 750 ms)",
                          "ended in order",
                          "saved step 400 (1.0 MiB, durable in 500 ms, training held up for 250 "
                          "ms)"));
}

TEST(History, KnowsACrashByTheMissingEnd) {
  const auto history = tell_history({opened(), saved(100), opened()}, false);
  ASSERT_EQ(history.size(), 5u);
  EXPECT_EQ(history[2].what, What::kCrash);
  EXPECT_EQ(history[2].step, 100);
  EXPECT_EQ(history[2].tone, Tone::kBad);
  EXPECT_EQ(history[4].what, What::kCrash) << "the second has no end either";
  EXPECT_EQ(tell_history({opened(), event("restart"), opened()}, false)[1].what, What::kCrash);
}

TEST(History, OfARunThatTrainsHasNoCrashAtItsEnd) {
  EXPECT_EQ(told({opened()}, true).back(), "is training now");
  EXPECT_EQ(told({opened(), event("close")}, true).size(), 2u) << "somebody else's process";
}

TEST(History, TellsResumesRollBacksAndFailures) {
  const EventValue reason = std::string("why");
  EXPECT_THAT(
      told(
          {event("resume", {{"step", std::int64_t{100}}, {"from", std::string("r/c")}}),
           event("quarantine", {{"step", std::int64_t{200}}, {"reason", reason}}),
           event("superseded",
                 {{"after_step", std::int64_t{100}}, {"directory", std::string("superseded/x")}}),
           event("passed_over",
                 {{"step", std::int64_t{300}}, {"to_step", std::int64_t{200}}, {"reason", reason}}),
           event("save_failed", {{"step", std::int64_t{300}}, {"reason", reason}}),
           event("mystery", {{"a", std::int64_t{1}}, {"b", reason}})}),
      ElementsAre("went on from step 100 (r/c)", "step 200 is damaged and was quarantined: why",
                  "rolled back: what is newer than step 100 went to superseded/x",
                  "rolled back from step 300 to step 200, having failed too often: why",
                  "step 300 could not be saved: why", "mystery, a 1, b why"));
}

TEST(Running, IsAProcessOfThisHostThatIsAlive) {
  const std::string me = "pid " + std::to_string(getpid()) + " on host box since now\n";
  EXPECT_TRUE(is_alive(me, "box"));
  EXPECT_FALSE(is_alive(me, "bo"));
  EXPECT_FALSE(is_alive(me, "boxer"));
  EXPECT_FALSE(is_alive("pid 999999999 on host box since now", "box"));
  EXPECT_FALSE(is_alive("", "box"));
  EXPECT_FALSE(is_alive("pid x on host box", "box"));
}

class Family : public ::testing::Test {
 protected:
  void make_run(const std::string& name, const std::string& from = "", std::int64_t step = 0) {
    std::filesystem::create_directories(path(name) + "/checkpoints");
    if (from.empty()) return;
    const Directory run = Directory::open(posix_file_system(), path(name));
    const std::string checkpoint = path(from) + "/checkpoints/" + step_directory_name(step);
    EventLog(run).append({"fork", {{"step", step}, {"from", checkpoint}}});
  }
  std::string path(const std::string& name) const {
    return std::filesystem::canonical(directory_.path()).string() + "/" + name;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(Family, IsDrawnAsATreeFromItsRoot) {
  make_run("teacher");
  make_run("late", "teacher", 900);
  make_run("early", "teacher", 100);
  make_run("child", "early", 50);
  make_run("stranger");
  EXPECT_EQ(draw_tree(find_family(path("early")), path("early")),
            path("teacher") + "\n├─ " + path("early") + "  from step 100  <- this run\n│  └─ " +
                path("child") + "  from step 50\n└─ " + path("late") + "  from step 900\n");
}

TEST_F(Family, ThatGoesInACircleIsDrawnOnce) {
  make_run("a", "b", 1);
  make_run("b", "a", 1);
  EXPECT_THAT(draw_tree(find_family(path("a")), path("a")),
              AllOf(HasSubstr(path("a")), HasSubstr(path("b"))));
}

TEST_F(Family, ShowsARunThatIsGone) {
  make_run("a", "gone", 7);
  EXPECT_THAT(draw_tree(find_family(path("a")), path("a")),
              HasSubstr("gone\n└─ " + path("a") + "  from step 7"));
}

using LogCommand = testing::CheckpointTest;

TEST_F(LogCommand, PrintsTheHistoryAndHasADocumentForScripts) {
  save(100, testing::small_training());
  const Directory run = Directory::open(posix_file_system(), run_.path());
  EventLog log(run);
  for (const LoggedEvent& one : {opened(), saved(100)}) log.append(one.event);
  const auto finished = testing::holdfast({"log", run_.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("  started on a, process 7\n"),
                                     HasSubstr("saved step 100"), testing::IsPlainText()));
  const auto document = json_of(testing::holdfast({"log", run_.path(), "--json"}));
  EXPECT_EQ(document["events"].size(), 2u);
  EXPECT_EQ(document["events"][1]["step"], 100);
  EXPECT_EQ(document["history"].size(), 3u);
  EXPECT_EQ(document["family"]["from"], nullptr);
  EXPECT_THAT(testing::holdfast({"log", run_.path() + "/none"}).output,
              testing::IsOneLineOfComplaint());
}

}  // namespace
}  // namespace holdfast::tool
