#include <holdfast/checkpoint/data/sample_random.h>

#include <ATen/CPUGeneratorImpl.h>

namespace holdfast {

std::mt19937_64 sample_engine(std::uint64_t seed, std::int64_t epoch, std::int64_t index,
                              std::uint32_t stream) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  const auto e = static_cast<std::uint64_t>(epoch), i = static_cast<std::uint64_t>(index);
  std::seed_seq words{low(seed), high(seed), low(e), high(e), low(i), high(i), stream};
  return std::mt19937_64(words);
}

at::Generator sample_generator(std::uint64_t seed, std::int64_t epoch, std::int64_t index,
                               std::uint32_t stream) {
  return at::detail::createCPUGenerator(sample_engine(seed, epoch, index, stream)());
}

}  // namespace holdfast
