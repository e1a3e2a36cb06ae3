// Every state in which a crash can leave the disk, or as many as there is time for: from each the
// run goes on with the newest checkpoint that was reported done, or a newer one, whole.
//
//   HOLDFAST_CRASH_SAMPLES=1000 build/release/tests/crash_test
// draws more of the states that cannot all be tried (the default is 16 after each change).
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "crash/counted_run.h"
#include "disk/crash_states.h"

namespace holdfast {
namespace {

using testing::Change;
using testing::CrashOptions;
using testing::CrashState;
using testing::Disk;
using testing::LogEntry;
using testing::Mark;
using testing::MemoryFileSystem;
using testing::NodeId;
using testing::Plan;
using testing::Promise;
using testing::Sync;

CrashOptions crash_options() {
  CrashOptions options;
  const char* const samples = std::getenv("HOLDFAST_CRASH_SAMPLES");
  options.samples = samples == nullptr ? 16 : std::atoi(samples);
  options.torn = std::max(2, options.samples / 8);
  const char* const seed = std::getenv("HOLDFAST_SEED");
  if (seed != nullptr) options.seed = static_cast<std::uint64_t>(std::atoll(seed));
  return options;
}

// What a run is promised that was promised that much before.
Promise promise_in(const CrashState& state, Promise before) {
  before.told = std::max(before.told, state.mark);
  if (before.told >= before.damaged) before.damaged = -1;
  return before;
}

// Every fourth run also goes on from there. `untouched`: what is at this path is as it was, with
// all below it.
void expect_all_states_sound(const Disk& start, const std::vector<std::vector<LogEntry>>& logs,
                             const Promise& before = {},
                             const CrashOptions& options = crash_options(),
                             const std::string& untouched = "/nothing") {
  const auto fingerprint = [&](const Disk& disk) {
    const auto id = disk.at(untouched);
    return id ? disk.fingerprint(*id) : "";
  };
  const std::string expected = fingerprint(start);
  int failures = 0;
  std::size_t visited = 0;
  const std::size_t count =
      testing::for_each_crash_state(start, logs, options, [&](const CrashState& state) {
        std::string problem =
            testing::problem_after_crash(state.disk, promise_in(state, before), visited++ % 4 == 0);
        if (fingerprint(state.disk) != expected) problem = untouched + " has changed";
        if (problem.empty() || ++failures > 5) return;
        ADD_FAILURE() << problem << "\n" << state.story;
      });
  EXPECT_EQ(failures, 0);
  EXPECT_GT(count, 300u);
  std::cout << count << " states\n";
}

std::vector<LogEntry> log_of_training(const Disk& start, const Plan& plan) {
  const auto fs = std::make_shared<MemoryFileSystem>(start);
  testing::train(fs, plan);
  return fs->log();
}

std::vector<LogEntry> log_of_training(const Disk& start, std::int64_t end) {
  return log_of_training(start, Plan{end});
}

Disk disk_after(const Plan& plan) {
  const auto fs = std::make_shared<MemoryFileSystem>();
  testing::train(fs, plan);
  return fs->disk();
}

Disk disk_after(std::int64_t end) {
  return disk_after(Plan{end});
}

// The disk, as the running system saw it, after that many entries of the log.
Disk disk_at(const std::vector<LogEntry>& log, std::size_t count) {
  Disk disk;
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* const change = std::get_if<Change>(&log[i])) disk.apply(*change);
  return disk;
}

// The names in the directory and below it.
void add_names(const Disk& disk, NodeId directory, std::map<NodeId, std::string>& names) {
  for (const auto& [name, id] : disk.find(directory)->entries) {
    names.emplace(id, name);
    if (disk.find(id)->directory) add_names(disk, id, names);
  }
}

// The first name that each file and directory had.
std::map<NodeId, std::string> names_of(const Disk& start, const std::vector<LogEntry>& log) {
  std::map<NodeId, std::string> names;
  add_names(start, testing::kRoot, names);
  for (const LogEntry& entry : log)
    if (const auto* const change = std::get_if<Change>(&entry))
      if (change->kind == Change::Kind::kLink) names.emplace(change->target, change->name);
  return names;
}

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

// What a program would do that forgot to fsync the files or directories of that name.
std::vector<LogEntry> without_fsync_of(const Disk& start, const std::vector<LogEntry>& log,
                                       const std::string& name) {
  std::map<NodeId, std::string> names = names_of(start, log);
  std::vector<LogEntry> left;
  for (const LogEntry& entry : log) {
    const auto* const sync = std::get_if<Sync>(&entry);
    if (sync == nullptr || !begins_with(names[sync->node], name)) left.push_back(entry);
  }
  EXPECT_LT(left.size(), log.size()) << "nothing of this name was fsynced";
  return left;
}

// What a program would do that makes a checkpoint visible before it writes the manifest: each
// rename of a .tmp- directory comes before its manifest is made.
std::vector<LogEntry> with_rename_before_manifest(std::vector<LogEntry> log) {
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto* const move = std::get_if<Change>(&log[i]);
    if (move == nullptr || move->kind != Change::Kind::kMove || !begins_with(move->name, ".tmp-"))
      continue;
    const auto is_manifest = [&](const LogEntry& entry) {
      const auto* const link = std::get_if<Change>(&entry);
      return link != nullptr && link->kind == Change::Kind::kLink &&
             link->name == "manifest.json" && link->node == move->target;
    };
    const auto manifest = std::find_if(log.begin(), log.end(), is_manifest);
    std::rotate(manifest, log.begin() + static_cast<std::ptrdiff_t>(i),
                log.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return log;
}

bool are_all_sound(const Disk& start, const std::vector<LogEntry>& log,
                   const Promise& before = {}) {
  bool sound = true;
  testing::for_each_crash_state(start, {log}, crash_options(), [&](const CrashState& state) {
    sound =
        sound && testing::problem_after_crash(state.disk, promise_in(state, before), false).empty();
  });
  return sound;
}

// What tells one log from another, but for names, ids and times.
std::string outline(const std::vector<LogEntry>& log) {
  std::string text;
  for (const LogEntry& entry : log) {
    if (const auto* const change = std::get_if<Change>(&entry)) {
      text += "change " + std::to_string(static_cast<int>(change->kind)) + " of " +
              std::to_string(change->node) + "\n";
    } else if (const auto* const sync = std::get_if<Sync>(&entry)) {
      text += "sync " + std::to_string(sync->node) + "\n";
    } else if (const auto* const mark = std::get_if<Mark>(&entry)) {
      text += "mark " + std::to_string(mark->value) + "\n";
    }
  }
  return text;
}

TEST(CountedRun, MakesTheSameCallsEveryTime) {
  const std::string first = outline(log_of_training(Disk(), 4));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outline(log_of_training(Disk(), 4)), first);
}

TEST(CrashStates, OfARunFromItsFirstDirectoryOnAreAllSound) {
  expect_all_states_sound(Disk(), {log_of_training(Disk(), 4)});
}

// It was killed in the middle of a save, and is killed again while it recovers and goes on.
TEST(CrashStates, OfARunThatResumesAfterACrashAreAllSound) {
  const std::vector<LogEntry> first = log_of_training(Disk(), 3);
  for (const double share : {0.5, 0.7, 0.9}) {
    const auto crash = static_cast<std::size_t>(share * static_cast<double>(first.size()));
    const Disk start = disk_at(first, crash);
    Promise promise;
    for (std::size_t i = 0; i < crash; ++i)
      if (const auto* const mark = std::get_if<Mark>(&first[i])) promise.told = mark->value;
    expect_all_states_sound(start, {log_of_training(start, 4)}, promise);
  }
}

// A run that was promised something when its log began.
struct Scenario {
  Disk start;
  std::vector<LogEntry> log;
  Promise promise;
};

void expect_all_states_sound(const Scenario& scenario) {
  expect_all_states_sound(scenario.start, {scenario.log}, scenario.promise);
}

// The newest checkpoint is damaged: it is moved to quarantine, and its step is saved anew.
Scenario fall_back_behind_a_damaged_checkpoint() {
  Disk start = disk_after(3);
  Change flip;
  flip.node =
      *start.at(testing::checkpoint_path(testing::kRunPath, 3) + "/shard-00001-of-00002.h5");
  flip.offset = start.find(flip.node)->bytes.size() - 5000;
  flip.bytes.assign(1, start.find(flip.node)->bytes[flip.offset] ^ std::byte{1});
  start.apply(flip);
  return {start, log_of_training(start, 4), {2, 3}};
}

// The user goes back to an older checkpoint: the newer ones are set aside.
Scenario going_back() {
  const Disk start = disk_after(4);
  const std::string third = testing::checkpoint_path(testing::kRunPath, 3);
  return {start, log_of_training(start, {5, third}), {3, -1, 4}};
}

// It fails a second time from its newest checkpoint. Started again, it passes over to the older
// one, from there or wherever it crashes on the way, and makes the newer one anew.
Scenario passing_over() {
  Plan plan;
  plan.end = 4;
  plan.max_failures = 2;
  const auto fs = std::make_shared<MemoryFileSystem>(disk_after(3));
  testing::fail(fs);
  const Disk start = fs->disk();
  const auto again = std::make_shared<MemoryFileSystem>(start);
  testing::fail(again);
  testing::train(again, plan);
  EXPECT_NE(again->disk().at(std::string(testing::kRunPath) + "/superseded"), std::nullopt);
  return {start, again->log(), {2, -1, 3, plan}};
}

TEST(CrashStates, OfARunThatFallsBackBehindADamagedCheckpointAreAllSound) {
  expect_all_states_sound(fall_back_behind_a_damaged_checkpoint());
}

TEST(CrashStates, OfARunThatGoesBackAreAllSound) {
  expect_all_states_sound(going_back());
}

TEST(CrashStates, OfARunThatPassesOverToAnOlderCheckpointAreAllSound) {
  expect_all_states_sound(passing_over());
}

// The new run holds the step that it began with or nothing, and then begins with it again.
TEST(CrashStates, OfARunThatBeginsWithACheckpointOfAnotherAreAllSound) {
  Plan other;
  other.end = 2;
  other.run = "/training/other";
  const Disk start = disk_after(other);
  Plan fork;
  fork.end = 4;
  fork.from = testing::checkpoint_path(other.run, 2);
  Promise promise;
  promise.plan = fork;
  promise.forked_at = 2;
  expect_all_states_sound(start, {log_of_training(start, fork)}, promise, crash_options(),
                          other.run);
}

// A save fails because an fsync does, and the next one succeeds: wherever it crashes then.
TEST(CrashStates, OfARunInWhichAnFsyncFailedAreAllSound) {
  const Disk start = disk_after(2);
  const auto count_fsyncs = [&](std::int64_t end) {
    const auto fs = std::make_shared<MemoryFileSystem>(start);
    testing::train(fs, end);
    return fs->fsyncs();
  };
  const int before = count_fsyncs(2);
  const int after = count_fsyncs(3);
  ASSERT_GT(after, before + 6);
  std::vector<std::vector<LogEntry>> logs;
  for (int k = before + 1; k <= after; ++k) {
    const auto fs = std::make_shared<MemoryFileSystem>(start);
    fs->fail_fsync(k);
    testing::train(fs, 4);
    logs.push_back(fs->log());
  }
  CrashOptions options = crash_options();
  options.samples /= 4;  // one log for each fsync
  expect_all_states_sound(start, logs, {2}, options);
}

class CrashStatesWithout : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashStatesWithout, TheFsyncOfItAreNotAllSound) {
  EXPECT_FALSE(
      are_all_sound(Disk(), without_fsync_of(Disk(), log_of_training(Disk(), 3), GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Names, CrashStatesWithout,
                         ::testing::Values("shard-00000", "shard-00001", "catalog.json",
                                           "manifest.json", ".tmp-", "checkpoints", "training",
                                           "run", "metrics.csv"));

class CrashStatesOfSettingAsideWithout : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashStatesOfSettingAsideWithout, TheFsyncOfItAreNotAllSound) {
  for (const Scenario& one : {going_back(), passing_over()})
    EXPECT_FALSE(
        are_all_sound(one.start, without_fsync_of(one.start, one.log, GetParam()), one.promise));
}

INSTANTIATE_TEST_SUITE_P(Names, CrashStatesOfSettingAsideWithout,
                         ::testing::Values("run", "checkpoints", "superseded"));

TEST(CrashStates, WithTheRenameBeforeTheManifestAreNotAllSound) {
  EXPECT_FALSE(are_all_sound(Disk(), with_rename_before_manifest(log_of_training(Disk(), 3))));
}

}  // namespace
}  // namespace holdfast
