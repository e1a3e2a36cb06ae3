#include <locale>
#include <random>

#include <holdfast/checkpoint/base/error.h>

#include "columns_fixture.h"
#include "support/expect_error.h"

namespace holdfast {
namespace {

using testing::back;

template <typename Engine>
class Engines : public ::testing::Test {};
using AllEngines =
    ::testing::Types<std::minstd_rand0, std::minstd_rand, std::mt19937, std::mt19937_64,
                     std::ranlux24_base, std::ranlux48_base, std::ranlux24, std::ranlux48,
                     std::knuth_b, std::default_random_engine,
                     std::independent_bits_engine<std::mt19937, 13, std::uint32_t>>;
TYPED_TEST_SUITE(Engines, AllEngines);

TYPED_TEST(Engines, GoOnWhereTheyWere) {
  TypeParam engine(42);
  std::vector<std::string> names;
  for (int round = 0; round < 700; round += 70) {
    engine.discard(static_cast<unsigned>(round));
    testing::Columns columns = testing::columns_of(engine);
    TypeParam loaded(7);
    testing::load(columns.stored(), loaded);
    EXPECT_EQ(loaded, engine);
    EXPECT_EQ(loaded(), TypeParam(engine)());
    EXPECT_EQ(columns.names().size(), 1U);
    if (round == 0) names = columns.names();
    EXPECT_EQ(columns.names(), names) << "its length does not change";
  }
}

TEST(ManyEngines, AreOneColumn) {
  std::vector<std::mt19937> engines(3);
  engines[1].discard(5);
  testing::expect_stored_as(engines, {"x uint64[3, 625]"});
}

// A normal distribution draws two values at once and keeps one.
TEST(Distributions, KeepTheValueThatTheyHaveDrawnInAdvance) {
  std::mt19937 engine(3);
  std::normal_distribution<double> normal(0.1, 2.5);
  normal(engine);
  const std::mt19937 before = engine;
  std::normal_distribution<double> loaded = back(normal);
  EXPECT_EQ(loaded(engine), normal(engine));
  EXPECT_EQ(engine, before) << "both had a value";
}

TEST(Distributions, OfEveryKindComeBack) {
  std::mt19937 engine(3);
  const auto expect_back = [&](auto distribution) {
    distribution(engine);
    EXPECT_EQ(back(distribution), distribution);
  };
  expect_back(std::uniform_int_distribution<int>(3, 9));
  expect_back(std::uniform_real_distribution<float>(0.1F, 0.3F));
  expect_back(std::bernoulli_distribution(0.3));
  expect_back(std::binomial_distribution<int>(40, 0.3));
  expect_back(std::geometric_distribution<int>(0.3));
  expect_back(std::negative_binomial_distribution<int>(4, 0.3));
  expect_back(std::poisson_distribution<int>(20.5));
  expect_back(std::exponential_distribution<double>(0.7));
  expect_back(std::gamma_distribution<double>(0.7, 2));
  expect_back(std::weibull_distribution<double>(0.7, 2));
  expect_back(std::extreme_value_distribution<double>(0.7, 2));
  expect_back(std::lognormal_distribution<double>(0.7, 2));
  expect_back(std::chi_squared_distribution<double>(3));
  expect_back(std::cauchy_distribution<double>(0.7, 2));
  expect_back(std::fisher_f_distribution<double>(3, 4));
  expect_back(std::student_t_distribution<double>(3));
  expect_back(std::discrete_distribution<int>({0.1, 0.2, 0.7}));
}

// libstdc++ takes the densities that it wrote for weights.
TEST(Distributions, ThatAreNotReadBackExactlyAreRefused) {
  const std::vector<double> places = {0, 1, 4}, weights = {1, 2};
  std::piecewise_constant_distribution<double> piecewise(places.begin(), places.end(),
                                                         weights.begin());
  testing::expect_error(ErrorKind::kUnsupported, "does not read back the text",
                        [&] { testing::columns_of(piecewise); });
}

// A locale with thousands separators would write 5.489 for 5489.
TEST(ManyEngines, AreStoredAlikeInEveryLocale) {
  struct Grouped : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Grouped));
  EXPECT_EQ(back(std::mt19937(42)), std::mt19937(42));
  std::locale::global(before);
}

TEST(AnEngine, OfAnotherClassIsRefused) {
  std::mt19937 engine;
  testing::Columns columns = testing::columns_of(engine);
  std::mt19937_64 other;
  EXPECT_THROW(testing::load(columns.stored(), other), Error);
}

}  // namespace
}  // namespace holdfast
