#include <holdfast/checkpoint/inspect/small_values.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::floats;
using testing::integer;
using testing::none;
using testing::real;
using testing::SavedRun;
using testing::text;

std::string shortened(const std::string& value, std::uint64_t from, std::uint64_t longest) {
  SavedRun run;
  run.save(1, {text("t", value)});
  const CheckpointFiles files = run.open(1);
  return to_string(read_small_values(files, {{files.find("t"), from}}, 2, longest)[0]);
}

TEST(Values, AreThoseOfScalarsAndTextsInTheirOrder) {
  Item yes = testing::item("yes", DType::kBool, {}, {std::byte{1}});
  yes.kind = Kind::kScalar;
  SavedRun run;
  run.save(1, {integer("n", -7), real("lr", 0.1), yes, text("t", "Adam"), text("e", ""), none("x"),
               floats("w", {3})});
  const CheckpointFiles files = run.open(1);
  std::vector<SmallValueRequest> all;
  for (const format::Entry& entry : files.catalog().entries) all.push_back({&entry});
  EXPECT_THAT(read_small_values(files, all, 2, 100),
              ElementsAre(SmallValue(std::int64_t{-7}), SmallValue(0.1), SmallValue(true),
                          SmallValue("Adam"), SmallValue(""), SmallValue(), SmallValue()));
}

TEST(Values, ReadAsPeopleWriteThem) {
  EXPECT_EQ(to_string(SmallValue(std::int64_t{200})), "200");
  EXPECT_EQ(to_string(SmallValue(0.001)), "0.001");
  EXPECT_EQ(to_string(SmallValue(1e-8)), "1e-08");
  EXPECT_EQ(to_string(SmallValue(std::numeric_limits<double>::infinity())), "inf");
  EXPECT_EQ(to_string(SmallValue(false)), "false");
  EXPECT_EQ(to_string(SmallValue("text")), "text");
  EXPECT_EQ(to_string(SmallValue()), "none");
}

TEST(Values, ShortenALongText) {
  EXPECT_EQ(shortened("abcdef", 0, 6), "abcdef");
  EXPECT_EQ(shortened("abcdef", 4, 6), "abcdef") << "short enough to be shown whole";
  EXPECT_EQ(shortened("abcdefg", 0, 3), "abc…");
  EXPECT_EQ(shortened("abcdefg", 2, 3), "…cde…");
  EXPECT_EQ(shortened("abcdefg", 4, 6), "…efg");
  EXPECT_EQ(shortened("abcdefg", 7, 3), "…");
}

TEST(Values, CutNoCharacterInTwo) {
  EXPECT_EQ(shortened("aäöü", 0, 4), "aä…");
  EXPECT_EQ(shortened("aäöü", 2, 3), "…ö…");
  EXPECT_EQ(shortened("🔥🔥", 1, 6), "……");
}

}  // namespace
}  // namespace holdfast
