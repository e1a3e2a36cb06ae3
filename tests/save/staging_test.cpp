#include <holdfast/checkpoint/save/staging.h>

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/child.h"

namespace holdfast {
namespace {

TEST(Staging, AllocatesNoMoreThanItsLimit) {
  Staging staging;
  staging.open(4 * kSegmentBytes);
  std::thread writer([&] {
    while (auto segment = staging.take()) staging.release(segment->bytes);
  });
  for (int i = 0; i < 100; ++i) {
    Segment segment;
    segment.bytes = staging.acquire();
    staging.submit(segment);
  }
  staging.close();
  writer.join();
  EXPECT_LE(staging.allocated_bytes(), 4 * kSegmentBytes);
}

TEST(Staging, TakesTwoSegmentsWhateverTheLimit) {
  Staging staging;
  staging.open(0);
  staging.reserve(10 * kSegmentBytes);
  EXPECT_EQ(staging.allocated_bytes(), 2 * kSegmentBytes);
}

TEST(Staging, AllocatesOnlyWhatIsUsed) {
  Staging staging;
  staging.open(100 * kSegmentBytes);
  const ByteSpan memory = staging.acquire();
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.data) % 4096, 0u);
  staging.release(memory);
}

TEST(Staging, ReservesMemoryUpToItsLimit) {
  Staging staging;
  staging.open(3 * kSegmentBytes);
  staging.reserve(kSegmentBytes + 1);
  EXPECT_EQ(staging.allocated_bytes(), 2 * kSegmentBytes);
  staging.reserve(10 * kSegmentBytes);
  EXPECT_EQ(staging.allocated_bytes(), 3 * kSegmentBytes);
}

TEST(Staging, GivesBackWhatALowerLimitHasNoRoomFor) {
  Staging staging;
  staging.open(5 * kSegmentBytes);
  staging.reserve(5 * kSegmentBytes);
  staging.open(3 * kSegmentBytes);
  EXPECT_EQ(staging.allocated_bytes(), 3 * kSegmentBytes);
  std::vector<ByteSpan> all;
  for (int i = 0; i < 3; ++i) all.push_back(staging.acquire());
  for (const ByteSpan& memory : all) staging.release(memory);
}

TEST(Staging, UsesItsMemoryAgainForTheNextSave) {
  Staging staging;
  for (int save = 0; save < 3; ++save) {
    staging.open(2 * kSegmentBytes);
    Segment segment;
    segment.bytes = staging.acquire();
    staging.submit(segment);
    staging.close();
    while (auto taken = staging.take()) staging.release(taken->bytes);
  }
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
}

TEST(Staging, HandsOutSegmentsInTheOrderTheyCame) {
  Staging staging;
  staging.open(4 * kSegmentBytes);
  for (std::size_t shard = 0; shard < 3; ++shard) staging.submit({shard, 0, staging.acquire()});
  staging.close();
  for (std::size_t shard = 0; shard < 3; ++shard) {
    const auto segment = staging.take();
    ASSERT_TRUE(segment.has_value());
    EXPECT_EQ(segment->shard, shard);
  }
  EXPECT_FALSE(staging.take().has_value());
}

// It would be copied, page by page, when the next save fills it. A child may have memory of its own
// at the same address.
TEST(Staging, IsNotInAChildsMemory) {
  Staging staging;
  staging.open(2 * kSegmentBytes);
  const ByteSpan memory = staging.acquire();
  std::fill_n(memory.data, memory.size, std::byte{0x5a});
  const auto has_it = [&] {
    int ends[2];
    if (pipe(ends) != 0) return std::string("there is no pipe");
    for (const std::byte* at : {memory.data, memory.data + memory.size - 1}) {
      std::byte byte{};
      if (write(ends[1], at, 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == std::byte{0x5a})
        return std::string("yes");
    }
    return std::string("no");
  };
  EXPECT_EQ(has_it(), "yes");
  EXPECT_EQ(testing::told_by_child(has_it), "no");
}

}  // namespace
}  // namespace holdfast
