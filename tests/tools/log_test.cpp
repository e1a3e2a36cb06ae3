// The history of a run, and the runs that are related to it.
#include <unistd.h>

#include <filesystem>

#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/run/run_store.h>

#include "checkpoint_fixture.h"
#include "log/family.h"
#include "log/history.h"
#include "log/running.h"
#include "output/wording.h"

namespace holdfast::tool {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
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

std::vector<std::string> told(const std::vector<LoggedEvent>& events, const Running& running = {}) {
  std::vector<std::string> texts;
  for (const Happening& one : tell_history(events, running)) texts.push_back(one.text);
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
  const auto history = tell_history({opened(), saved(100), opened()}, {});
  ASSERT_EQ(history.size(), 5u);
  EXPECT_EQ(history[2].what, What::kCrash);
  EXPECT_EQ(history[2].step, 100);
  EXPECT_EQ(history[2].tone, Tone::kBad);
  EXPECT_EQ(history[4].what, What::kCrash) << "the second has no end either";
  EXPECT_EQ(tell_history({opened(), event("restart"), opened()}, {})[1].what, What::kCrash);
}

TEST(History, OfARunThatTrainsHasNoCrashAtItsEnd) {
  EXPECT_EQ(told({opened()}, {true, ""}).back(), "is training now");
  EXPECT_EQ(told({opened(), event("close")}, {true, ""}).size(), 2u) << "somebody else's process";
  EXPECT_EQ(told({opened()}, {false, "node7"}).back(), "may be training on node7");
  EXPECT_EQ(told({opened(), event("close")}, {false, "node7"}).back(), "ended in order");
}

TEST(History, SaysWhoStartedIt) {
  LoggedEvent open = opened();
  open.event.fields.emplace_back("user", std::string("ada"));
  EXPECT_EQ(told({open})[0], "started by ada on a, process 7");
}

TEST(History, KnowsAnEndByAnException) {
  const auto history = tell_history(
      {opened(), event("close", {{"step", std::int64_t{1100}}, {"failed", true}})}, {});
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[1].text, "ended with an exception at step 1,100");
  EXPECT_EQ(history[1].tone, Tone::kBad);
  EXPECT_EQ(told({event("close", {{"failed", false}})})[0], "ended in order");
}

TEST(History, CountsWhatTheEndSaysOfTheTimeWithTheLastSave) {
  EXPECT_THAT(told({opened(), saved(100), event("mystery"), saved(200), event("mystery"),
                    event("close", {{"blocked_seconds", 2.0}}), opened(), saved(300),
                    event("close", {{"blocked_seconds", 0.0}})}),
              AllOf(Contains(AllOf(HasSubstr("step 100"), HasSubstr("held up for 250 ms"))),
                    Contains(AllOf(HasSubstr("step 200"), HasSubstr("held up for 1.75 s"))),
                    Contains(AllOf(HasSubstr("step 300"), HasSubstr("held up for 250 ms")))));
}

TEST(History, TellsAReasonOfManyLinesInOne) {
  const std::string reason =
      "shard-00000-of-00001.h5: block 3 is damaged\n  hurts models/a\n  hurts models/b\n"
      "shard-00000-of-00001.h5: block 4 is damaged\n  hurts models/b\n  hurts models/c";
  EXPECT_EQ(told({event("quarantine", {{"step", std::int64_t{200}}, {"reason", reason}})})[0],
            "step 200 is damaged and was quarantined: shard-00000-of-00001.h5: block 3 is damaged "
            "(and 1 line more), hurts 3 entries");
  EXPECT_EQ(in_short("a: is missing\n  hurts models/a"), "a: is missing, hurts models/a");
}

TEST(History, TellsOfAFailureBeforeThereWasAStep) {
  const EventValue reason = std::string("why");
  EXPECT_THAT(told({event("failed", {{"step", std::int64_t{-1}}, {"reason", reason}}),
                    event("failed", {{"step", std::int64_t{20}}, {"reason", reason}})}),
              ElementsAre("failed by itself, before a checkpoint was loaded or saved: why",
                          "failed by itself, behind step 20: why"));
}

TEST(History, ShowsNumbersOfUnknownEventsAsTheyAre) {
  EXPECT_EQ(told({event("mystery", {{"a", 1e-9}, {"b", true}, {"c", false}, {"d", 0.1}})})[0],
            "mystery, a 1e-09, b true, c false, d 0.1");
}

TEST(History, TellsResumesRollBacksAndFailures) {
  const EventValue reason = std::string("why");
  EXPECT_THAT(
      told(
          {event("resume", {{"step", std::int64_t{100}}, {"from", std::string("r/c")}}),
           event("mode_changed", {{"step", std::int64_t{100}}, {"change", std::string("model a")}}),
           event("quarantine", {{"step", std::int64_t{200}}, {"reason", reason}}),
           event("superseded",
                 {{"after_step", std::int64_t{100}}, {"directory", std::string("superseded/x")}}),
           event("passed_over",
                 {{"step", std::int64_t{300}}, {"to_step", std::int64_t{200}}, {"reason", reason}}),
           event("save_failed", {{"step", std::int64_t{300}}, {"reason", reason}}),
           event("mystery", {{"a", std::int64_t{1}}, {"b", reason}})}),
      ElementsAre("went on from step 100 (r/c)", "changed by the restore: model a",
                  "step 200 is damaged and was quarantined: why",
                  "rolled back: what is newer than step 100 went to superseded/x",
                  "rolled back from step 300 to step 200, having failed too often: why",
                  "step 300 could not be saved: why", "mystery, a 1, b why"));
}

class RunningTest : public ::testing::Test {
 protected:
  RunningTest() { std::filesystem::create_directories(run()); }

  std::string run() const { return directory_ / "run"; }
  void write_lock(const std::string& holder) const {
    testing::write_file(run() + "/LOCK", holder + "\n");
  }
  Running look(const std::string& host = host_name()) const {
    return is_running(Directory::open(posix_file_system(), run()), host);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(RunningTest, IsTheProcessThatHoldsTheLock) {
  EXPECT_FALSE(look().here) << "nobody ever did";
  {
    const RunStore training(posix_file_system(), run());
    EXPECT_TRUE(look().here);
    EXPECT_EQ(look().elsewhere, "");
  }
  EXPECT_FALSE(look().here) << "this process has given it back";
}

TEST_F(RunningTest, IsNotAnotherThatHasItsNumberNow) {
  const std::string me = "pid " + std::to_string(getpid()) + " on host box since ";
  for (const std::string& holder :
       {me + "2999-01-01T00:00:00.000Z", me + "2000-01-01T00:00:00.000Z",
        std::string("pid 999999999 on host box since 2026-01-31T12:00:00.000Z"),
        std::string("pid x on host box since"), std::string()}) {
    write_lock(holder);
    EXPECT_FALSE(look("box").here) << holder;
    EXPECT_EQ(look("box").elsewhere, "");
  }
  EXPECT_TRUE(began_before(getpid(), utc_now()));
  EXPECT_FALSE(began_before(getpid(), "2000-01-01T00:00:00.000Z"));
  EXPECT_FALSE(began_before(999'999'999, utc_now()));
}

TEST_F(RunningTest, MayBeOnAnotherHost) {
  write_lock("pid 1 on host node7 since 2026-01-31T12:00:00.000Z");
  EXPECT_FALSE(look("box").here);
  EXPECT_EQ(look("box").elsewhere, "node7");
  EXPECT_EQ(look("node").elsewhere, "node7");
}

class Family : public ::testing::Test {
 protected:
  void make_run(const std::string& name, const std::string& from = "", std::int64_t step = 0) {
    std::filesystem::create_directories(path(name) + "/checkpoints");
    if (from.empty()) return;
    log_fork(name, path(from) + "/checkpoints/" + format::step_directory_name(step), step);
  }
  void log_fork(const std::string& name, const std::string& checkpoint, std::int64_t step) const {
    const Directory run = Directory::open(posix_file_system(), path(name));
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

TEST_F(Family, FindsARelativePathWhereTheTrainingRan) {
  make_run("runs/teacher");
  make_run("runs/student");
  log_fork("runs/student", "runs/teacher/checkpoints/step-000000000100", 100);
  EXPECT_EQ(
      draw_tree(find_family(path("runs/teacher")), path("runs/teacher")),
      path("runs/teacher") + "  <- this run\n└─ " + path("runs/student") + "  from step 100\n");
}

TEST_F(Family, KeepsARelativePathThatLeadsNowhere) {
  make_run("student");
  log_fork("student", "nowhere/teacher", 100);
  EXPECT_EQ(draw_tree(find_family(path("student")), path("student")),
            "nowhere/teacher\n└─ " + path("student") + "  from step 100  <- this run\n");
}

TEST_F(Family, ShowsNoEscapeSequencesOfPaths) {
  make_run("a", "\x1b[31mred", 7);
  EXPECT_THAT(draw_tree(find_family(path("a")), path("a")),
              AllOf(testing::IsPlainText(), HasSubstr("\\x1b[31mred")));
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
