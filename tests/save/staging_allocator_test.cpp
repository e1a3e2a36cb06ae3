#include <holdfast/checkpoint/save/staging_allocator.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/save/staging.h>

#include "support/expect_error.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::floats;
using testing::read_floats;
using testing::SavedRun;

// Memory as a device's may be: it is known what was given, and it may run out.
class CountedAllocator final : public StagingAllocator {
 public:
  std::shared_ptr<std::byte> allocate(std::size_t bytes) override {
    const std::lock_guard<std::mutex> lock(books_->mutex);
    ++asked_;
    const bool is_refused = only_to_ && *only_to_ != std::this_thread::get_id();
    if (asked_ > most_ || is_refused) throw Error(ErrorKind::kIo, "cannot pin another 8 MiB");
    auto* const memory = static_cast<std::byte*>(std::aligned_alloc(kStagingAlignment, bytes));
    books_->held[memory] = bytes;
    return {memory, [books = books_](std::byte* own) {
              const std::lock_guard<std::mutex> guard(books->mutex);
              books->held.erase(own);
              std::free(own);
            }};
  }

  // Only so many are given from now on.
  void give_at_most(int count) {
    const std::lock_guard<std::mutex> lock(books_->mutex);
    most_ = asked_ + count;
  }
  void give_only_to_this_thread() { only_to_ = std::this_thread::get_id(); }
  int asked() const {
    const std::lock_guard<std::mutex> lock(books_->mutex);
    return asked_;
  }
  std::size_t bytes_held() const {
    const std::lock_guard<std::mutex> lock(books_->mutex);
    std::size_t bytes = 0;
    for (const auto& [memory, size] : books_->held) bytes += size;
    return bytes;
  }
  bool holds(ByteSpan bytes) const {
    const std::lock_guard<std::mutex> lock(books_->mutex);
    return std::any_of(books_->held.begin(), books_->held.end(), [&](const auto& one) {
      return bytes.data >= one.first && bytes.data + bytes.size <= one.first + one.second;
    });
  }

 private:
  struct Books {
    std::mutex mutex;
    std::map<std::byte*, std::size_t> held;
  };

  const std::shared_ptr<Books> books_ = std::make_shared<Books>();
  int asked_ = 0;
  int most_ = 1'000'000;
  std::optional<std::thread::id> only_to_;
};

// Looks where it is copied to.
class LookingSource final : public Source {
 public:
  explicit LookingSource(const CountedAllocator& allocator) : allocator_(allocator) {}
  void copy(std::uint64_t, ByteSpan to) const override {
    if (!allocator_.holds(to)) ++elsewhere_;
    std::memset(to.data, 0, to.size);
  }
  int copied_elsewhere() const { return elsewhere_; }

 private:
  const CountedAllocator& allocator_;
  mutable std::atomic<int> elsewhere_{0};
};

class StagingAllocatorTest : public ::testing::Test {
 protected:
  SaverOptions options(bool overlap = false) const {
    SaverOptions options;
    options.staging_allocator = allocator;
    options.overlap = overlap;
    return options;
  }

  SavedRun run;
  std::shared_ptr<CountedAllocator> allocator = std::make_shared<CountedAllocator>();
};

TEST_F(StagingAllocatorTest, TheDefaultGivesAlignedMemoryThatCanBeWritten) {
  const std::shared_ptr<std::byte> memory = default_staging_allocator()->allocate(kSegmentBytes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % (2 << 20), 0u);
  std::memset(memory.get(), 1, kSegmentBytes);
}

TEST_F(StagingAllocatorTest, GivesAllMemoryThatASaveIsStagedIn) {
  for (const bool overlap : {false, true}) {
    RunStore store(posix_file_system(), run.path());
    const auto looking = std::make_shared<LookingSource>(*allocator);
    {
      Saver saver(store, options(overlap));
      for (const std::int64_t step : {1, 2}) {
        Item item = floats("x", {5 << 20});
        item.source = looking;
        saver.save(SavedRun::job(step + (overlap ? 10 : 0), {item}));
        saver.wait();
        EXPECT_GE(allocator->bytes_held(), 2 * kSegmentBytes);
      }
    }
    EXPECT_EQ(looking->copied_elsewhere(), 0);
    EXPECT_EQ(allocator->bytes_held(), 0u) << "it was not all given back";
  }
}

TEST_F(StagingAllocatorTest, IsAskedNoMoreWhenTheMemoryIsThere) {
  RunStore store(posix_file_system(), run.path());
  Saver saver(store, options());
  const auto save = [&](std::int64_t step) {
    saver.save(SavedRun::job(step, {floats("x", {5 << 20})}));
    saver.wait();
  };
  for (const std::int64_t step : {1, 2}) save(step);
  const int asked = allocator->asked();
  for (const std::int64_t step : {3, 4, 5}) save(step);
  EXPECT_EQ(allocator->asked(), asked);
}

TEST_F(StagingAllocatorTest, FailsTheSaveWithItsOwnErrorAndTheNextSaveSucceeds) {
  for (const bool overlap : {false, true}) {
    SavedRun own_run;
    own_run.save(1, {floats("x", {10})});
    RunStore store(posix_file_system(), own_run.path());
    Saver saver(store, options(overlap));
    allocator->give_at_most(0);
    testing::expect_error(ErrorKind::kIo, "cannot pin another 8 MiB", [&] {
      saver.save(SavedRun::job(2, {floats("x", {5 << 20})}));
      saver.wait();
    });
    EXPECT_FALSE(saver.in_flight());
    EXPECT_THAT(Directory::open(posix_file_system(), own_run.path() + "/checkpoints").list(),
                ElementsAre("step-000000000001"));
    allocator->give_at_most(1'000);
    saver.save(SavedRun::job(3, {floats("x", {5 << 20})}));
    saver.wait();
    EXPECT_THAT(store.steps(), ElementsAre(1, 3));
    EXPECT_EQ(read_floats(own_run.open(3), "x")[5'000'000], 5'000'000.0f);
  }
}

TEST_F(StagingAllocatorTest, KeepsWhatWasReservedUntilItRanOut) {
  Staging staging(allocator);
  staging.open(4 * kSegmentBytes);
  allocator->give_at_most(1);
  testing::expect_error(ErrorKind::kIo, "cannot pin", [&] { staging.reserve(3 * kSegmentBytes); });
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
  staging.release(staging.acquire());
  EXPECT_EQ(allocator->asked(), 2);
}

// Is copied no faster than it is written, so that one segment is enough.
class PatientSource final : public Source {
 public:
  explicit PatientSource(const Saver& saver) : saver_(saver) {}
  void copy(std::uint64_t offset, ByteSpan to) const override {
    const std::uint64_t before = (offset + kSegmentBytes - 1) / kSegmentBytes * kSegmentBytes;
    while (saver_.bytes_written() < before) std::this_thread::yield();
    std::memset(to.data, 0, to.size);
  }

 private:
  const Saver& saver_;
};

// The second save builds nothing anew: when it is committed, it makes memory ready for the third.
TEST_F(StagingAllocatorTest, DoesNotFailASaveByWhatTheNextOneWouldNeed) {
  RunStore store(posix_file_system(), run.path());
  SaverOptions one_thread = options();
  one_thread.threads = 1;
  Saver saver(store, one_thread);
  Item item = floats("x", {5 << 20});
  item.source = std::make_shared<PatientSource>(saver);
  allocator->give_only_to_this_thread();
  for (const std::int64_t step : {1, 2}) {
    saver.save(SavedRun::job(step, {item}));
    saver.wait();
  }
  EXPECT_THAT(store.steps(), ElementsAre(1, 2));
}

class WrongAllocator final : public StagingAllocator {
 public:
  explicit WrongAllocator(std::size_t offset) : offset_(offset) {}
  std::shared_ptr<std::byte> allocate(std::size_t bytes) override {
    if (offset_ == 0) return nullptr;
    const auto memory = default_staging_allocator()->allocate(2 * bytes);
    return {memory, memory.get() + offset_};
  }

 private:
  std::size_t offset_;
};

TEST_F(StagingAllocatorTest, MustGiveAlignedMemory) {
  const std::vector<std::pair<std::size_t, std::string>> wrong = {
      {0, "found a null pointer"},
      {512, "expected an address that is a multiple of 4096, found one 512 bytes past such an"}};
  for (const auto& [offset, words] : wrong) {
    Staging staging(std::make_shared<WrongAllocator>(offset));
    staging.open(kSegmentBytes);
    testing::expect_error(ErrorKind::kInvalidArgument, words, [&] { staging.acquire(); });
    testing::expect_error(ErrorKind::kInvalidArgument, words,
                          [&] { staging.reserve(kSegmentBytes); });
    EXPECT_EQ(staging.allocated_bytes(), 0u);
  }
}

// Memory that is part of something larger, as a tensor's is.
TEST_F(StagingAllocatorTest, MayGivePartOfWhatItOwns) {
  Staging staging(std::make_shared<WrongAllocator>(kStagingAlignment));
  staging.open(kSegmentBytes);
  const ByteSpan memory = staging.acquire();
  std::memset(memory.data, 1, memory.size);
  staging.release(memory);
}

// Gives memory to those who come after the first two, who have to wait for each other.
class TwiceEmptyAllocator final : public StagingAllocator {
 public:
  std::shared_ptr<std::byte> allocate(std::size_t bytes) override {
    const int turn = ++turns_;
    if (turn > 2) return default_staging_allocator()->allocate(bytes);
    if (turn == 2) both_are_here_.set_value();
    both_.wait();
    throw std::bad_alloc();
  }

 private:
  std::atomic<int> turns_{0};
  std::promise<void> both_are_here_;
  const std::shared_future<void> both_ = both_are_here_.get_future().share();
};

// The third may be waiting for a segment of the first two: it has to ask for one of its own.
TEST_F(StagingAllocatorTest, IsAskedAgainByWhoWaitsForWhatItDidNotGive) {
  Staging staging(std::make_shared<TwiceEmptyAllocator>());
  staging.open(2 * kSegmentBytes);
  std::vector<std::future<ByteSpan>> threads;
  for (int i = 0; i < 3; ++i)
    threads.push_back(std::async(std::launch::async, [&] { return staging.acquire(); }));
  int failed = 0;
  for (auto& thread : threads) {
    try {
      staging.release(thread.get());
    } catch (const std::bad_alloc&) {
      ++failed;
    }
  }
  EXPECT_EQ(failed, 2);
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
}

}  // namespace
}  // namespace holdfast
