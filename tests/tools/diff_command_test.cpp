#include <filesystem>

#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::Finished;
using testing::floats;
using ::testing::HasSubstr;
using testing::holdfast;
using testing::IsOneLineOfComplaint;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::small_training;

class DiffCommand : public testing::CheckpointTest {
 protected:
  DiffCommand() {
    save(100, small_training());
    save(200, small_training(1));
    save(300, small_training());
  }
  Finished diff(std::int64_t a, std::int64_t b, const testing::Words& options = {}) const {
    testing::Words words = {"diff", run_.path_of(a), run_.path_of(b)};
    words.insert(words.end(), options.begin(), options.end());
    return holdfast(words);
  }
};

TEST_F(DiffCommand, FindsTheSameStateIdentical) {
  const Finished finished = diff(100, 300);
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("A: " + run_.path_of(100) + ", step 100\n"),
                    HasSubstr("B: " + run_.path_of(300) + ", step 300\n"),
                    HasSubstr("  models/net: 4 identical, 0 different\n"),
                    HasSubstr("all 15 entries are the same (1.1 MiB)\n"),
                    HasSubstr("0 B read and compared, 1.1 MiB taken as equal by equal digests: "
                              "holdfast verify reads them\n"),
                    testing::IsPlainText()));
}

TEST_F(DiffCommand, ReadsEverythingOnRequest) {
  const Finished finished = diff(100, 300, {"--verify"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("all 15 entries are the same, bit for bit (1.1 MiB)\n"),
                    HasSubstr("1.1 MiB read and compared\n")));
  run_.flip_bit(run_.file(300, testing::kShard), 600'000);
  EXPECT_EQ(diff(100, 300).status, 0);
  EXPECT_EQ(diff(100, 300, {"--verify"}).status, 2);
}

TEST_F(DiffCommand, IsStatusTwoWhereAFileIsMissingOrTruncatedThoughDigestsAreEqual) {
  const std::string shard = run_.file(300, testing::kShard);
  for (const std::uintmax_t size : {4096, 0}) {
    std::filesystem::resize_file(shard, size);
    for (const std::int64_t other : {100, 300}) {
      const Finished finished = diff(other, 300);
      EXPECT_EQ(finished.status, 2);
      EXPECT_THAT(finished.output, AllOf(IsOneLineOfComplaint(), HasSubstr(shard),
                                         HasSubstr("the file does not have its size")));
    }
  }
  std::filesystem::remove(shard);
  for (const testing::Words& options : {testing::Words{}, {"--json"}, {"--verify"}}) {
    const Finished finished = diff(300, 300, options);
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.output,
                AllOf(IsOneLineOfComplaint(), HasSubstr("a file of the checkpoint is missing; "
                                                        "use another checkpoint")));
  }
}

TEST_F(DiffCommand, ShowsWhatDiffersByPartTheLargestChangeFirst) {
  const Finished finished = diff(100, 200);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, HasSubstr("  models/net: 1 identical, 3 different\n"));
  const std::size_t weight = finished.output.find("    parameters/fc1.weight ");
  const std::size_t bias = finished.output.find("    parameters/fc1.bias ");
  ASSERT_NE(weight, std::string::npos) << finished.output;
  ASSERT_NE(bias, std::string::npos) << finished.output;
  EXPECT_LT(weight, bias);
  EXPECT_THAT(finished.output.substr(weight),
              MatchesRegex(" +parameters/fc1.weight +300,000 +1 .*"));
  EXPECT_THAT(finished.output.substr(bias), MatchesRegex(" +parameters/fc1.bias +300 +0.5 .*"));
  EXPECT_THAT(finished.output, HasSubstr("5 of 15 entries differ\n"));
}

TEST_F(DiffCommand, TellsAlikeScalarsInOneLineUnlessAllAreAskedFor) {
  EXPECT_THAT(diff(100, 200).output, HasSubstr("state/net/fc1.weight/step and 1 more  0 and 1\n"));
  EXPECT_THAT(diff(100, 200, {"--all"}).output,
              AllOf(HasSubstr("state/net/fc1.weight/step  0 and 1\n"),
                    HasSubstr("state/net/fc1.bias/step    0 and 1\n")));
}

TEST_F(DiffCommand, ShowsTheTenLargestOfAPartUnlessAllAreAskedFor) {
  std::vector<Item> a, b;
  for (int i = 0; i < 12; ++i) {
    a.push_back(floats("models/m/parameters/p" + std::to_string(i), {2}));
    b.push_back(
        floats("models/m/parameters/p" + std::to_string(i), {2}, static_cast<float>(i + 1)));
  }
  save(1, a);
  save(2, b);
  EXPECT_THAT(diff(1, 2).output, AllOf(HasSubstr("parameters/p11"), Not(HasSubstr("p1 ")),
                                       HasSubstr("and 2 more: see them with --all\n")));
  EXPECT_THAT(diff(1, 2, {"--all"}).output, AllOf(HasSubstr("p1 "), Not(HasSubstr("more"))));
}

TEST_F(DiffCommand, ShowsWhatIsOnlyInOneOrOfAnotherForm) {
  save(400, {floats("models/net/parameters/fc1.weight", {300, 1000}),
             floats("models/net/parameters/new", {3})});
  EXPECT_THAT(diff(100, 400).output,
              AllOf(HasSubstr("shape [1000, 300] and [300, 1000]"), HasSubstr("only in the first"),
                    HasSubstr("only in the second")));
}

TEST_F(DiffCommand, SaysWhyElementsDifferThatHaveNoDistance) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto w = [](const std::vector<float>& values) {
    return testing::item("w", DType::kFloat32, {4}, testing::bytes_of(values));
  };
  save(400, {w({0, nan, nan, 1})});
  save(500, {w({-0.0f, -nan, 7, 1})});
  EXPECT_THAT(diff(400, 500).output,
              ::testing::ContainsRegex(" 3 +0 +0 +NaN in A only: 1, 0 and -0 or NaN in both: 2\n"));
  const auto json = json_of(diff(400, 500, {"--json"}));
  EXPECT_EQ(json["differences"][0]["gone_nans"], 1);
  EXPECT_EQ(json["differences"][0]["bits_only"], 2);
}

TEST_F(DiffCommand, ShowsNoEscapeSequencesOfNames) {
  save(400, {floats(testing::kControlName, {3})});
  save(500, {floats(testing::kControlName, {3}, 1)});
  EXPECT_THAT(diff(400, 500).output, testing::HasControlNameEscaped());
  EXPECT_THAT(diff(100, 500).output, testing::HasControlNameEscaped());
}

TEST_F(DiffCommand, TakesARunForItsNewestCheckpoint) {
  EXPECT_EQ(holdfast({"diff", run_.path(), run_.path_of(300)}).status, 0);
}

TEST_F(DiffCommand, ComparesOneModelOnly) {
  save(400, {floats("models/net/parameters/a", {3}), floats("models/other/parameters/a", {3})});
  save(500, {floats("models/net/parameters/a", {3}), floats("models/other/parameters/a", {3}, 1)});
  const Finished same = diff(400, 500, {"--model", "net"});
  EXPECT_EQ(same.status, 0);
  EXPECT_THAT(same.output, AllOf(HasSubstr("all 1 entries"), Not(HasSubstr("models/other"))));
  EXPECT_EQ(diff(400, 500, {"--model", "other"}).status, 1);
  const Finished unknown = diff(400, 500, {"--model", "ne*"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.output, AllOf(IsOneLineOfComplaint(), HasSubstr("a model of this name")));
}

TEST_F(DiffCommand, WritesJson) {
  const auto json = json_of(diff(100, 200, {"--json"}));
  EXPECT_EQ(json["a"]["path"], run_.path_of(100));
  EXPECT_EQ(json["b"]["step"], 200);
  EXPECT_EQ(json["b"]["run_id"], std::string(32, 'a'));
  EXPECT_EQ(json["identical"], false);
  EXPECT_EQ(json["parts"][0]["name"], "models/net");
  EXPECT_EQ(json["parts"][0]["identical"], 1);
  EXPECT_EQ(json["parts"][0]["different"], 3);
  ASSERT_EQ(json["differences"].size(), 5u);
  const auto& weight = json["differences"][0];
  EXPECT_EQ(weight["name"], "models/net/parameters/fc1.weight");
  EXPECT_EQ(weight["part"], "models/net");
  EXPECT_EQ(weight["kind"], "values");
  EXPECT_EQ(weight["differing"], 300'000);
  EXPECT_EQ(weight["first_differing"], 0);
  EXPECT_EQ(weight["largest_absolute"], 1.0);
  EXPECT_EQ(weight["largest_relative"], 1.0);
  EXPECT_EQ(weight["new_nans"], 0);
  EXPECT_THAT(weight["problem"], HasSubstr("300000 of 300000 elements differ"));
  const auto& step = json["differences"][3];
  EXPECT_EQ(step["a"], 0);
  EXPECT_EQ(step["b"], 1);
  const std::uint64_t bytes = json["bytes"]["compared"].get<std::uint64_t>() +
                              json["bytes"]["skipped"].get<std::uint64_t>();
  EXPECT_GT(bytes, 1'200'000u);
  EXPECT_EQ(json_of(diff(100, 300, {"--json"}))["identical"], true);
}

TEST_F(DiffCommand, IsStatusTwoWhereABlockThatItReadsIsDamaged) {
  run_.flip_bit(run_.file(200, testing::kShard), 600'000);
  const Finished finished = diff(100, 200);
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, AllOf(IsOneLineOfComplaint(), HasSubstr("block 0 is damaged"),
                                     HasSubstr(run_.path_of(200))));
}

}  // namespace
}  // namespace holdfast
