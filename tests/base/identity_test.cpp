#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <unistd.h>

#include <set>
#include <string>

namespace holdfast {
namespace {

TEST(RandomId, IsThirtyTwoHexDigits) {
  const std::string id = random_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  EXPECT_TRUE(is_random_id(id));
}

TEST(RandomId, NeverRepeats) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_id());
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(RandomId, RecognizesNoOtherText) {
  EXPECT_FALSE(is_random_id(""));
  EXPECT_FALSE(is_random_id(std::string(31, '0')));
  EXPECT_FALSE(is_random_id(std::string(33, '0')));
  EXPECT_FALSE(is_random_id(std::string(32, 'G')));
}

TEST(Process, KnowsItsNumberAndItsHost) {
  EXPECT_EQ(process_id(), getpid());
  EXPECT_FALSE(host_name().empty());
}

}  // namespace
}  // namespace holdfast
