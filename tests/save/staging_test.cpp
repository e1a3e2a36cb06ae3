#include <holdfast/checkpoint/save/staging.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace holdfast {
namespace {

TEST(Staging, AllocatesNoMoreThanItsLimit) {
  Staging staging(4 * kSegmentBytes);
  staging.open();
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
  Staging staging(0);
  EXPECT_EQ(staging.max_bytes(), 2 * kSegmentBytes);
}

TEST(Staging, AllocatesOnlyWhatIsUsed) {
  Staging staging(100 * kSegmentBytes);
  staging.open();
  const ByteSpan memory = staging.acquire();
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.data) % 4096, 0u);
  staging.release(memory);
}

TEST(Staging, ReservesMemoryUpToItsLimit) {
  Staging staging(3 * kSegmentBytes);
  staging.reserve(kSegmentBytes + 1);
  EXPECT_EQ(staging.allocated_bytes(), 2 * kSegmentBytes);
  staging.reserve(10 * kSegmentBytes);
  EXPECT_EQ(staging.allocated_bytes(), 3 * kSegmentBytes);
}

TEST(Staging, UsesItsMemoryAgainForTheNextSave) {
  Staging staging(2 * kSegmentBytes);
  for (int save = 0; save < 3; ++save) {
    staging.open();
    Segment segment;
    segment.bytes = staging.acquire();
    staging.submit(segment);
    staging.close();
    while (auto taken = staging.take()) staging.release(taken->bytes);
  }
  EXPECT_EQ(staging.allocated_bytes(), kSegmentBytes);
}

TEST(Staging, HandsOutSegmentsInTheOrderTheyCame) {
  Staging staging(4 * kSegmentBytes);
  staging.open();
  for (std::size_t shard = 0; shard < 3; ++shard) staging.submit({shard, 0, staging.acquire()});
  staging.close();
  for (std::size_t shard = 0; shard < 3; ++shard) {
    const auto segment = staging.take();
    ASSERT_TRUE(segment.has_value());
    EXPECT_EQ(segment->shard, shard);
  }
  EXPECT_FALSE(staging.take().has_value());
}

}  // namespace
}  // namespace holdfast
