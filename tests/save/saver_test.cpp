#include <holdfast/checkpoint/save/saver.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "support/child.h"
#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/no_threads.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::floats;
using testing::integer;
using testing::none;
using testing::read_entry;
using testing::read_floats;
using testing::SavedRun;

// A source that says when it is read, and then waits until it is let go.
class HeldSource final : public Source {
 public:
  void copy(std::uint64_t, ByteSpan to) const override {
    if (!entered_.exchange(true)) is_entered_.set_value();
    let_go_.wait();
    std::memset(to.data, 1, to.size);
    copied_ += to.size;
  }
  void wait_until_read() const { is_entered_.get_future().wait(); }
  void let_go() const { go_.set_value(); }
  std::uint64_t copied() const { return copied_; }

 private:
  mutable std::promise<void> is_entered_, go_;
  const std::shared_future<void> let_go_ = go_.get_future().share();
  mutable std::atomic<bool> entered_{false};
  mutable std::atomic<std::uint64_t> copied_{0};
};

class BrokenSource final : public Source {
 public:
  void copy(std::uint64_t, ByteSpan) const override {
    throw std::runtime_error("the device is lost");
  }
};

std::map<std::string, std::string> content_of(const std::string& directory) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    content[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return content;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename());
  return names;
}

TEST(Saver, WritesWhatTheReaderReads) {
  SavedRun run;
  run.save(7, {floats("a", {3, 5}), integer("n", 42), none("nothing"), floats("empty", {0, 2})});
  const CheckpointFiles files = run.open(7);
  EXPECT_EQ(files.manifest().step, 7);
  EXPECT_EQ(read_floats(files, "a")[14], 14.0f);
  EXPECT_EQ(read_entry(files, "n"), testing::bytes_of(std::vector<std::int64_t>{42}));
  EXPECT_EQ(files.find("nothing")->kind, Kind::kNone);
  EXPECT_TRUE(read_entry(files, "empty").empty());
}

TEST(Saver, CutsALargeTensorAcrossShardsAndReadsItWhole) {
  SavedRun run;
  SaverOptions options;
  options.shards = 4;
  run.save(1, {floats("large", {1001, 3001}), floats("small", {10}, 5)}, options);
  const CheckpointFiles files = run.open(1);
  EXPECT_EQ(files.find("large")->pieces.size(), 4u);
  const auto values = read_floats(files, "large");
  ASSERT_EQ(values.size(), 1001u * 3001);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], static_cast<float>(i));
  EXPECT_EQ(read_floats(files, "small")[9], 14.0f);
}

TEST(Saver, StagesAStateLargerThanItsMemoryInWindows) {
  SavedRun run;
  SaverOptions options;
  options.max_staging_bytes = 1;  // as little as there is
  options.shards = 3;
  run.save(1, {floats("large", {1 << 11, 1 << 12}), floats("more", {1 << 23}, 3)}, options);
  const CheckpointFiles files = run.open(1);
  const auto values = read_floats(files, "large");
  for (std::size_t i = 0; i < values.size(); i += 4093) ASSERT_EQ(values[i], static_cast<float>(i));
  EXPECT_EQ(read_floats(files, "more")[2], 5.0f);
}

TEST(Saver, StoresTiedTensorsOnce) {
  SavedRun run;
  const Item weight = floats("decoder/weight", {4, 4});
  SaverOptions options;
  options.shards = 2;
  run.save(1, {weight, alias("encoder/weight", weight)}, options);
  const CheckpointFiles files = run.open(1);
  EXPECT_EQ(files.find("encoder/weight")->alias_of, "decoder/weight");
  EXPECT_EQ(read_floats(files, "encoder/weight"), read_floats(files, "decoder/weight"));
}

TEST(Saver, WritesTheSameBytesForTheSameState) {
  SavedRun a, b;
  const std::vector<Item> items = {floats("x", {100, 70}), integer("n", 3), floats("y", {5})};
  a.save(5, items);
  b.save(5, items);
  EXPECT_EQ(content_of(a.path_of(5)), content_of(b.path_of(5)));
}

TEST(Saver, ChangesNoFileButTheShardsAndTheManifestFromStepToStep) {
  SavedRun run;
  run.save(1, {floats("x", {100, 70})});
  run.save(2, {floats("x", {100, 70}, 8)});
  auto first = content_of(run.path_of(1)), second = content_of(run.path_of(2));
  EXPECT_EQ(first.at("catalog.json"), second.at("catalog.json"));
  EXPECT_EQ(first.at("index.h5"), second.at("index.h5"));
  EXPECT_NE(first.at("shard-00000-of-00001.h5"), second.at("shard-00000-of-00001.h5"));
}

TEST(Saver, FollowsAStateWhoseStructureChanges) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  const std::vector<std::vector<Item>> states = {{floats("x", {2})},
                                                 {floats("x", {3})},
                                                 {floats("x", {3}), integer("n", 1)},
                                                 {integer("n", 2)}};
  for (std::size_t i = 0; i < states.size(); ++i) {
    saver.save(SavedRun::job(static_cast<std::int64_t>(i), states[i]));
    saver.wait();
    EXPECT_EQ(run.open(static_cast<std::int64_t>(i)).catalog().entries.size(), states[i].size());
  }
}

TEST(Saver, ReturnsBeforeTheCheckpointIsDurable) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  std::promise<void> go;
  SaveJob job = SavedRun::job(1, {floats("x", {2})});
  job.before_commit = [&] { go.get_future().wait(); };
  saver.save(std::move(job));
  EXPECT_TRUE(saver.in_flight());
  EXPECT_FALSE(saver.finished());
  EXPECT_TRUE(store.steps().empty());
  go.set_value();
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

TEST(Saver, DoesNotReturnWhileASourceIsStillRead) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  const auto held = std::make_shared<HeldSource>();
  Item item = floats("x", {2});
  item.source = held;
  SaveJob job = SavedRun::job(1, {item});
  auto copied_at_return = std::async(std::launch::async, [&] {
    saver.save(std::move(job));
    return held->copied();
  });
  held->wait_until_read();
  EXPECT_TRUE(store.steps().empty());
  held->let_go();
  EXPECT_EQ(copied_at_return.get(), 2 * sizeof(float));
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

TEST(Saver, ReturnsBeforeTheSourcesAreReadWithOverlapAndWaitsForThemWhenAsked) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  Saver saver(store, options);
  const auto held = std::make_shared<HeldSource>();
  Item item = floats("x", {2});
  item.source = held;
  saver.save(SavedRun::job(1, {item}));
  held->wait_until_read();
  auto copied_at_the_barrier = std::async(std::launch::async, [&] {
    saver.finish_staging();
    return held->copied();
  });
  held->let_go();
  EXPECT_EQ(copied_at_the_barrier.get(), 2 * sizeof(float));
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

// A source that lets another one go, and says which thread has read it first.
class OpeningSource final : public Source {
 public:
  explicit OpeningSource(const HeldSource& other) : other_(other) {}
  void copy(std::uint64_t, ByteSpan to) const override {
    std::memset(to.data, 2, to.size);
    std::thread::id nobody;
    if (reader_.compare_exchange_strong(nobody, std::this_thread::get_id())) other_.let_go();
  }
  std::thread::id reader() const { return reader_; }

 private:
  const HeldSource& other_;
  mutable std::atomic<std::thread::id> reader_{};
};

// The one thread behind is held in the first of two segments: it is let go by who reads the second.
TEST(Saver, CopiesOnTheThreadThatWaitsWhatHasNotBegunBehindIt) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  options.threads = 1;
  Saver saver(store, options);
  const auto held = std::make_shared<HeldSource>();
  const auto opening = std::make_shared<OpeningSource>(*held);
  Item first = floats("first", {1 << 20}), second = floats("second", {2 << 20});
  first.source = held;
  second.source = opening;
  saver.save(SavedRun::job(1, {first, second}));
  held->wait_until_read();
  saver.finish_staging();
  EXPECT_EQ(opening->reader(), std::this_thread::get_id());
  saver.wait();
  EXPECT_EQ(read_floats(run.open(1), "second").size(), 2u << 20);
}

TEST(Saver, CommitsWithoutAnybodyWhoWaits) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  Saver saver(store, options);
  std::promise<void> committed;
  SaveJob job = SavedRun::job(1, {floats("x", {5 << 20})});
  job.after_commit = [&](const SaveReport&) { committed.set_value(); };
  saver.save(std::move(job));
  committed.get_future().wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

// The same number of bytes in each part, and in the whole, or other ones.
TEST(Saver, WritesSoundCheckpointsOfWhatVaries) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.shards = 2;
  Saver saver(store, options);
  for (std::int64_t step = 1; step <= 5; ++step) {
    const Item grows = floats("grows", {step * 1'000, 3}, static_cast<float>(step));
    saver.save(SavedRun::job(
        step, {floats("a", {100, 70}), grows, testing::text("b", std::string(step, 'b')),
               alias("tied", grows), integer("n", step), floats("c", {9})}));
    saver.wait();
    EXPECT_TRUE(verify(run.directory(step), VerifyDepth::kDeep, 2, {}).empty()) << step;
    const CheckpointFiles files = run.open(step);
    EXPECT_EQ(files.catalog().shards.size(), step == 1 ? 2u : 3u);
    EXPECT_EQ(read_floats(files, "tied")[1], static_cast<float>(step + 1));
    EXPECT_EQ(read_floats(files, "a")[7], 7.0f);
    EXPECT_EQ(read_entry(files, "b").size(), static_cast<std::size_t>(step));
  }
}

// In shards of their own, so that no segment holds bytes of both.
TEST(Saver, CopiesWhatIsRestlessBeforeItReturnsWithOverlap) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  options.shards = 2;
  Saver saver(store, options);
  const auto calm_source = std::make_shared<HeldSource>();
  const auto volatile_source = std::make_shared<HeldSource>();
  volatile_source->let_go();
  Item calm = floats("calm", {1 << 20}), changing = floats("changing", {1 << 20});
  calm.source = calm_source;
  changing.source = volatile_source;
  changing.is_volatile = true;
  saver.save(SavedRun::job(1, {calm, changing}));
  EXPECT_EQ(volatile_source->copied(), (1u << 20) * sizeof(float));
  EXPECT_EQ(calm_source->copied(), 0u);
  calm_source->let_go();
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

TEST(Saver, ThrowsAtOnceWhatARestlessSourceThrew) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  Saver saver(store, options);
  Item broken = floats("x", {2});
  broken.source = std::make_shared<BrokenSource>();
  broken.is_volatile = true;
  EXPECT_THROW(saver.save(SavedRun::job(1, {broken})), std::runtime_error);
  EXPECT_FALSE(saver.in_flight());
  EXPECT_TRUE(store.steps().empty());
  saver.save(SavedRun::job(2, {floats("x", {2})}));
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(2));
}

TEST(Saver, ThrowsWhatASourceThrewDuringAnOverlapAtTheBarrier) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.overlap = true;
  Saver saver(store, options);
  Item broken = floats("x", {2});
  broken.source = std::make_shared<BrokenSource>();
  saver.save(SavedRun::job(1, {broken}));
  EXPECT_THROW(saver.finish_staging(), std::runtime_error);
  EXPECT_FALSE(saver.in_flight());
  EXPECT_TRUE(store.steps().empty());
}

TEST(Saver, ReportsWhatItCommitted) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  std::vector<SaveReport> reports;
  SaveJob job = SavedRun::job(9, {floats("x", {2})});
  job.after_commit = [&](const SaveReport& report) { reports.push_back(report); };
  saver.save(std::move(job));
  saver.wait();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].step, 9);
  EXPECT_EQ(reports[0].bytes, std::filesystem::file_size(run.file(9, "shard-00000-of-00001.h5")));
  EXPECT_EQ(saver.bytes_written(), saver.bytes_to_write());
}

TEST(Saver, ThrowsWhatASourceThrewAndLeavesNothing) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  Item broken = floats("x", {2});
  broken.source = std::make_shared<BrokenSource>();
  EXPECT_THROW(saver.save(SavedRun::job(1, {broken})), std::runtime_error);
  EXPECT_FALSE(saver.in_flight());
  EXPECT_TRUE(names_in(run.path() + "/checkpoints").empty());
  saver.save(SavedRun::job(1, {floats("x", {2})}));
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(1));
}

// A source that counts how often it was let go of.
class CountingSource final : public Source {
 public:
  explicit CountingSource(int& released, bool broken = false)
      : released_(released), broken_(broken) {}
  void copy(std::uint64_t, ByteSpan to) const override {
    if (broken_) throw std::runtime_error("broken");
    std::memset(to.data, 0, to.size);
  }
  void release() noexcept override { ++released_; }

 private:
  int& released_;
  bool broken_;
};

Item counting_item(int& released, bool broken = false) {
  Item item = floats("x", {2});
  item.source = std::make_shared<CountingSource>(released, broken);
  return item;
}

TEST(Saver, ReleasesItsSourcesAndHandsTheItemsOut) {
  for (const bool overlap : {false, true}) {
    SavedRun run;
    RunStore store(posix_file_system(), run.path());
    SaverOptions options;
    options.overlap = overlap;
    Saver saver(store, options);
    int released = 0;
    std::vector<Item> items;
    items.push_back(counting_item(released));
    saver.save(SavedRun::job(1, std::move(items)));
    saver.finish_staging();
    EXPECT_EQ(released, 1);
    saver.wait();
    EXPECT_EQ(saver.take_used_items().size(), 1u);
    EXPECT_TRUE(saver.take_used_items().empty());
  }
}

TEST(Saver, ReleasesTheSourcesOfASaveThatFailed) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  int released = 0;
  std::vector<Item> items;
  items.push_back(counting_item(released, true));
  EXPECT_THROW(saver.save(SavedRun::job(1, std::move(items))), std::runtime_error);
  EXPECT_EQ(released, 1);
}

TEST(Saver, LeavesASourceAloneThatSomebodyElseHasToo) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  int released = 0;
  const Item item = counting_item(released);
  saver.save(SavedRun::job(1, {item}));
  saver.wait();
  EXPECT_EQ(released, 0);
}

// Each of the files that do not change from save to save.
TEST(Saver, FailsIfTheStructureCannotBeWritten) {
  for (const int kth : {1, 2}) {
    const auto faults = std::make_shared<testing::FaultFileSystem>();
    SavedRun run(faults);
    RunStore store(faults, run.path());
    SaverOptions options;
    options.threads = 1;  // the segments first
    Saver saver(store, options);
    faults->fail(testing::Call::kWrite, ENOSPC, 1 + kth);
    saver.save(SavedRun::job(1, {floats("x", {2})}));
    testing::expect_error(ErrorKind::kNoSpace, kth == 1 ? "index.h5" : "catalog.json",
                          [&] { saver.wait(); });
    EXPECT_TRUE(names_in(run.path() + "/checkpoints").empty());
    saver.save(SavedRun::job(2, {floats("x", {2})}));
    saver.wait();
    EXPECT_THAT(store.steps(), ::testing::ElementsAre(2));
  }
}

TEST(Saver, ThrowsAFailedWriteInWaitAndTheNextSaveSucceeds) {
  const auto faults = std::make_shared<testing::FaultFileSystem>();
  SavedRun run(faults);
  RunStore store(faults, run.path());
  Saver saver(store, {});
  faults->fail(testing::Call::kWrite, ENOSPC);
  saver.save(SavedRun::job(1, {floats("x", {1 << 22})}));
  testing::expect_error(ErrorKind::kNoSpace, "/.tmp-", [&] { saver.wait(); });
  EXPECT_TRUE(names_in(run.path() + "/checkpoints").empty());
  saver.save(SavedRun::job(2, {floats("x", {1 << 22})}));
  saver.wait();
  EXPECT_THAT(store.steps(), ::testing::ElementsAre(2));
}

TEST(Saver, StagesToTheEndWhenTheDirectoryCannotEvenBeMade) {
  const auto faults = std::make_shared<testing::FaultFileSystem>();
  SavedRun run(faults);
  RunStore store(faults, run.path());
  SaverOptions options;
  options.max_staging_bytes = 1;
  Saver saver(store, options);
  faults->fail(testing::Call::kMkdir, EACCES);
  saver.save(SavedRun::job(1, {floats("x", {1 << 23})}));  // four windows
  EXPECT_THROW(saver.wait(), Error);
}

TEST(Saver, SaysWhereNoThreadCanBeStartedAndTheNextSaveSucceeds) {
  for (const bool overlap : {false, true}) {
    SavedRun run;
    RunStore store(posix_file_system(), run.path());
    SaverOptions options;
    options.overlap = overlap;
    Saver saver(store, options);
    {
      const testing::NoThreads no_threads;
      testing::expect_error(ErrorKind::kIo, "no thread can be started",
                            [&] { saver.save(SavedRun::job(1, {floats("x", {1 << 22})})); });
    }
    saver.save(SavedRun::job(2, {floats("x", {1 << 22})}));
    saver.wait();
    EXPECT_THAT(store.steps(), ::testing::ElementsAre(2));
  }
}

TEST(Saver, ItsWorkBelongsToItsProcess) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, {});
  for (const auto& call :
       std::vector<std::function<void()>>{[&] { saver.save(SavedRun::job(1, {floats("x", {2})})); },
                                          [&] { saver.finish_staging(); }, [&] { saver.wait(); }})
    EXPECT_THAT(testing::told_by_child([&] {
                  call();
                  return std::string("done");
                }),
                ::testing::HasSubstr("cannot save in a forked process"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need address space
// In a process of its own, with so much left. Returns "saved", or what the first save has failed
// by, and then what the second one has come to, for which there is enough.
std::string two_saves_with(std::uint64_t bytes_left, int threads) {
  SavedRun run;
  RunStore store(posix_file_system(), run.path());
  SaverOptions options;
  options.threads = threads;
  Saver saver(store, options);
  const std::vector<Item> items = {floats("x", {5 << 20}), integer("n", 1)};
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit limit = before;
  limit.rlim_cur = pages * 4096 + bytes_left;
  setrlimit(RLIMIT_AS, &limit);
  std::string told = "saved";
  try {
    saver.save(SavedRun::job(1, items));
    saver.wait();
  } catch (const std::bad_alloc&) {
    told = "no memory";
  } catch (const Error&) {
    told = "no memory";  // for a thread, or for what is told of it
  }
  setrlimit(RLIMIT_AS, &before);
  saver.save(SavedRun::job(2, items));
  saver.wait();
  return told + ", saved";
}

TEST(Saver, SavesAgainWhenMemoryIsThereAgain) {
  constexpr std::uint64_t kMiB = 1 << 20;
  int failed = 0;
  for (const int threads : {1, 2})
    for (std::uint64_t left = 0; left <= 40 * kMiB; left += 2 * kMiB) {
      const std::string told =
          testing::told_by_child([&] { return two_saves_with(left, threads); });
      EXPECT_THAT(told, ::testing::AnyOf("no memory, saved", "saved, saved")) << left;
      failed += told == "no memory, saved" ? 1 : 0;
    }
  EXPECT_GT(failed, 0);
}
#endif

}  // namespace
}  // namespace holdfast
