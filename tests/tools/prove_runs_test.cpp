// How `holdfast prove` listens to a run, and compares two.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "prove/heartbeats.h"
#include "prove/proof_directory.h"
#include "prove/run_comparison.h"
#include "prove/trial.h"
#include "support/expect_error.h"
#include "support/files.h"
#include "support/saved_run.h"

namespace holdfast::tool {
namespace {

using ::testing::ElementsAre;
using testing::floats;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::SavedRun;
using ::testing::SizeIs;
using testing::TemporaryDirectory;
using testing::write_file;

class Writer {
 public:
  explicit Writer(const Heartbeats& heartbeats)
      : fd_(open(heartbeats.path().c_str(), O_WRONLY | O_NONBLOCK)) {}
  ~Writer() { close(fd_); }
  void write(const std::string& text) const {
    ASSERT_EQ(::write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

 private:
  int fd_;
};

Beat step(std::int64_t step) {
  return {Beat::Kind::kStep, step};
}

TEST(Heartbeats, AreReadALineEach) {
  Heartbeats heartbeats;
  EXPECT_THAT(heartbeats.read(), IsEmpty());
  const Writer writer(heartbeats);
  writer.write("resume 4\nstep 5\nste");
  EXPECT_THAT(heartbeats.read(), ElementsAre(Beat{Beat::Kind::kResume, 4}, step(5)));
  EXPECT_THAT(heartbeats.read(), IsEmpty());
  writer.write("p 6\n");
  EXPECT_THAT(heartbeats.read(), ElementsAre(step(6)));
}

TEST(Heartbeats, PassOverWhatIsNone) {
  Heartbeats heartbeats;
  const Writer writer(heartbeats);
  writer.write("hello\n\nstep 1" + std::string(10'000, '0') + "\nstep 2\n");
  EXPECT_THAT(heartbeats.read(), ElementsAre(step(2)));
}

TEST(Heartbeats, OfAProcessThatHasEndedAreStillThere) {
  Heartbeats heartbeats;
  Writer(heartbeats).write("step 1\n");
  EXPECT_THAT(heartbeats.read(), ElementsAre(step(1)));
}

// As one is on a system of larger pages.
TEST(Heartbeats, OfALargeFifoAreAllReadInTheEnd) {
  Heartbeats heartbeats;
  constexpr int kBytes = 1 << 18;
  ASSERT_GE(fcntl(heartbeats.descriptor(), F_SETPIPE_SZ, kBytes), kBytes);
  std::string lines;
  while (lines.size() < kBytes - 100) lines += "step 123456\n";
  Writer(heartbeats).write(lines + "step 7\n");
  EXPECT_EQ(heartbeats.read_all().back(), step(7));
}

TEST(Heartbeats, LeaveNoFifoBehind) {
  std::string path;
  {
    const Heartbeats heartbeats;
    path = heartbeats.path();
    EXPECT_TRUE(std::filesystem::is_fifo(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

class RunComparisonTest : public ::testing::Test {
 protected:
  RunComparison compare() {
    ComparisonWatch watch;
    watch.begin = [this](std::int64_t step, std::uint64_t bytes) {
      begun.emplace_back(step, bytes);
    };
    watch.progress = [this](std::uint64_t bytes) {
      compared += bytes;
      if (stops) throw TimeIsOver();
    };
    return compare_runs(a.path(), b.path(), watch);
  }
  static std::vector<Item> state(float value) {
    return {floats("models/net/parameters/weight", {4}, value), floats("rng/cpu", {2}, value)};
  }
  // With a journal that has this content, of which the checkpoint knows all.
  static void save_with_journal(SavedRun& run, const std::string& name, const std::string& text) {
    SaveJob job = SavedRun::job(2, state(2));
    job.manifest.journals = {{name, text.size(), digest_of(ByteView(text))}};
    RunStore store(posix_file_system(), run.path());
    Saver saver(store, {});
    saver.save(std::move(job));
    saver.wait();
    write_file(run.path() + "/" + name, text);
  }

  SavedRun a, b;
  std::vector<std::pair<std::int64_t, std::uint64_t>> begun;
  std::uint64_t compared = 0;
  bool stops = false;
};

TEST_F(RunComparisonTest, FindsTheSameStepsTheSame) {
  for (const std::int64_t step : {2, 4, 6}) a.save(step, state(static_cast<float>(step)));
  for (const std::int64_t step : {4, 5, 6}) b.save(step, state(static_cast<float>(step)));
  const RunComparison result = compare();
  EXPECT_THAT(result.steps, ElementsAre(4, 6));
  EXPECT_EQ(result.in_one_only, 2u);
  EXPECT_EQ(result.entries, 4u);
  EXPECT_EQ(result.bytes, 2u * (4 + 2) * 4);
  EXPECT_FALSE(result.parting);
  EXPECT_THAT(begun, ElementsAre(Pair(4, 24), Pair(6, 24)));
  EXPECT_EQ(compared, 48u);
}

TEST_F(RunComparisonTest, EndsAtTheFirstStepThatDiffers) {
  for (const std::int64_t step : {2, 4, 6}) a.save(step, state(1));
  for (const std::int64_t step : {2, 4, 6}) b.save(step, state(step < 4 ? 1 : 2));
  const RunComparison result = compare();
  EXPECT_THAT(result.steps, ElementsAre(2, 4));
  ASSERT_TRUE(result.parting);
  EXPECT_EQ(result.parting->step, 4);
  EXPECT_THAT(result.parting->differences, SizeIs(2));
  EXPECT_THAT(result.parting->saved, ElementsAre(StateKind::kGenerator, StateKind::kParameter));
}

TEST_F(RunComparisonTest, CanBeStoppedWithinACheckpoint) {
  for (const std::int64_t step : {2, 4}) a.save(step, state(1));
  for (const std::int64_t step : {2, 4}) b.save(step, state(1));
  stops = true;
  EXPECT_THROW(compare(), TimeIsOver);
  EXPECT_THAT(begun, SizeIs(1));
}

TEST_F(RunComparisonTest, FindsNothingInRunsThatAreNotThere) {
  EXPECT_THAT(compare().steps, IsEmpty());
  a.save(2, state(1));
  const RunComparison result = compare();
  EXPECT_THAT(result.steps, IsEmpty());
  EXPECT_EQ(result.in_one_only, 1u);
}

TEST_F(RunComparisonTest, RefusesADamagedCheckpoint) {
  a.save(2, state(1));
  b.save(2, state(1));
  std::filesystem::resize_file(b.file(2, "catalog.json"), 3);
  testing::expect_error(ErrorKind::kCorrupt, "catalog.json", [&] { compare(); });
}

TEST_F(RunComparisonTest, FindsTheSameJournalsTheSame) {
  save_with_journal(a, "metrics.csv", "step\n1\n");
  save_with_journal(b, "metrics.csv", "step\n1\n");
  EXPECT_THAT(compare().journals, ElementsAre("metrics.csv"));
}

TEST_F(RunComparisonTest, NamesTheLineInWhichAJournalDiffers) {
  save_with_journal(a, "metrics.csv", "step\n1\n2\n");
  save_with_journal(b, "metrics.csv", "step\n1\n3\n");
  const RunComparison result = compare();
  EXPECT_THAT(result.journals, IsEmpty());
  ASSERT_TRUE(result.journal);
  EXPECT_EQ(result.journal->problem, "line 3 differs");
}

TEST_F(RunComparisonTest, NamesTheLineAtWhichAJournalEndsSooner) {
  save_with_journal(a, "metrics.csv", "step\n1\n2\n");
  save_with_journal(b, "metrics.csv", "step\n1\n");
  EXPECT_EQ(compare().journal->problem, "line 3 differs");
}

TEST_F(RunComparisonTest, NamesAJournalOfOneRunOnly) {
  save_with_journal(a, "a.csv", "");
  save_with_journal(b, "b.csv", "");
  const RunComparison result = compare();
  EXPECT_EQ(result.journal->name, "a.csv");
  EXPECT_EQ(result.journal->problem, "only in the first");
}

TEST(LastLines, AreThoseThatATerminalWouldShow) {
  const TemporaryDirectory directory;
  const std::string log = directory / "log";
  write_file(log, "1\n2\n10 %\r20 %\r\nred \x1b[31mend\nno end");
  EXPECT_THAT(last_lines(log, 3), ElementsAre("20 %", "red [31mend", "no end"));
  EXPECT_THAT(last_lines(log, 100), SizeIs(5));
}

TEST(LastLines, OfAHugeLogAreFewBytes) {
  const TemporaryDirectory directory;
  const std::string log = directory / "log";
  write_file(log, std::string(1 << 20, 'x'));
  ASSERT_THAT(last_lines(log, 3), SizeIs(1));
  EXPECT_LT(last_lines(log, 3)[0].size(), 100'000u);
}

TEST(LastLines, OfALogThatIsNotThereAreNone) {
  EXPECT_THAT(last_lines("/nowhere/log", 3), IsEmpty());
}

}  // namespace
}  // namespace holdfast::tool
