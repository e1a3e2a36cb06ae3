#include <holdfast/checkpoint/data/sample_random.h>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

namespace holdfast {
namespace {

// Golden values, found by a second implementation in another language.
TEST(SampleRandom, IsTheSameForEver) {
  std::mt19937_64 engine = sample_engine(1, 2, 3);
  EXPECT_EQ(engine(), 14510745636646749732U);
  EXPECT_EQ(engine(), 5014930793994988272U);
  EXPECT_EQ(sample_engine(~std::uint64_t{0}, 2, (std::int64_t{1} << 32) + 5, 9)(),
            6911223805799258159U);
}

TEST(SampleRandom, DiffersByEachArgument) {
  std::set<std::uint64_t> numbers;
  for (std::uint64_t seed : {1, 2})
    for (std::int64_t epoch : {0, 1})
      for (std::int64_t index : {0, 1})
        for (std::uint32_t stream : {0, 1})
          numbers.insert(sample_engine(seed, epoch, index, stream)());
  EXPECT_EQ(numbers.size(), 16U);
}

TEST(SampleRandom, MakesAGeneratorOfLibTorchToo) {
  const auto drawn = [](std::int64_t index) {
    return torch::rand({4}, sample_generator(1, 2, index));
  };
  EXPECT_TRUE(drawn(3).equal(drawn(3)));
  EXPECT_FALSE(drawn(3).equal(drawn(4)));
}

}  // namespace
}  // namespace holdfast
