#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Finished;
using testing::floats;
using ::testing::HasSubstr;
using testing::holdfast;
using testing::IsPlainText;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::small_training;

class ShowCommand : public testing::CheckpointTest {
 protected:
  ShowCommand() { save(200, small_training()); }
  Finished show(const testing::Words& words = {}) const {
    testing::Words all = {"show", run_.path()};
    all.insert(all.end(), words.begin(), words.end());
    return holdfast(all);
  }
  // The line that has this.
  static std::string line_of(const Finished& finished, const std::string& words) {
    const std::size_t at = finished.output.find(words);
    if (at == std::string::npos) return "no line has " + words + " in:\n" + finished.output;
    const std::size_t begin = finished.output.rfind('\n', at) + 1;
    return finished.output.substr(begin, finished.output.find('\n', at) - begin);
  }
};

TEST_F(ShowCommand, TellsTheStateInShort) {
  const Finished finished = show();
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr(run_.path_of(200) + "\n"),
                    HasSubstr("step 200, saved 2026-01-31T12:00:00.000Z\n"),
                    HasSubstr("run " + std::string(32, 'a') + ", resumed from step 100 (runs/net/"),
                    HasSubstr("accuracy 0.875, loss nan\n"),
                    HasSubstr("optimizers/adam  torch::optim::Adam\n"),
                    HasSubstr("  group 0: 2 parameters, lr 0.001, betas (0.9, 0.999)\n"),
                    HasSubstr("progress  epoch 3\n"), Not(HasSubstr("fc1.weight")),
                    Not(HasSubstr("CONFIGURATION")), IsPlainText()));
  EXPECT_THAT(line_of(finished, "models/net"), MatchesRegex("models/net +4 +300,300 +3 +1.1 MiB"));
}

TEST_F(ShowCommand, TellsTheRestOnRequestWithoutWhatMovesATerminal) {
  EXPECT_THAT(show({"--all"}).output,
              AllOf(HasSubstr("ENVIRONMENT\n  torch  1.13.1\n"), HasSubstr("  seed  7\n"),
                    HasSubstr("  name  a\\x1b[31mb\n"), HasSubstr("FILES\n"),
                    HasSubstr("  catalog.json "), IsPlainText()));
}

TEST_F(ShowCommand, ListsTheEntriesThatMatch) {
  const Finished finished = show({"models/*"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(line_of(finished, "fc1.weight"),
              MatchesRegex("models/net/parameters/fc1.weight +float32 +\\[1000, 300\\] +1.1 MiB"));
  EXPECT_THAT(line_of(finished, "parameters/tied"),
              HasSubstr("tied to models/net/parameters/fc1.weight"));
  EXPECT_THAT(finished.output, Not(HasSubstr("optimizers")));
}

TEST_F(ShowCommand, ShowsTheValuesOfScalarsAndTexts) {
  const Finished finished = show({"optimizers/*"});
  EXPECT_THAT(line_of(finished, "groups/0/lr"), MatchesRegex(".*lr +float64 +8 B +0.001"));
  EXPECT_THAT(line_of(finished, "adam/type"), HasSubstr("\"torch::optim::Adam\""));
  EXPECT_THAT(line_of(finished, "state/net/tied"), MatchesRegex(".*none +0 B +none"));
}

TEST_F(ShowCommand, ShowsNoEscapeSequencesOfNames) {
  save(300,
       {floats(testing::kControlName, {3}), testing::text("optimizers/n\xc2\x9b[31m/type", "Adam"),
        testing::text("optimizers/n\xc2\x9b[31m/groups/0/params", "a"),
        testing::real("optimizers/n\xc2\x9b[31m/groups/0/n\xc2\x9b[31m", 0.1),
        testing::integer("progress/n\xc2\x9b[31m", 3)});
  EXPECT_THAT(show({"--all"}).output, testing::HasControlNameEscaped());
  EXPECT_THAT(show({"*"}).output, testing::HasControlNameEscaped());
}

TEST_F(ShowCommand, AddsStatistics) {
  const Finished finished = show({"*fc1.bias", "--stats"});
  EXPECT_THAT(finished.output, HasSubstr("MEAN"));
  EXPECT_THAT(line_of(finished, "parameters/fc1.bias"),
              MatchesRegex(".*\\[300\\] +1.2 KiB +0 +299 +149.5"));
  EXPECT_THAT(show({"--stats"}).output, HasSubstr("models/net/buffers/mean")) << "of everything";
}

TEST_F(ShowCommand, CountsNaNs) {
  save(300,
       {testing::item("w", DType::kFloat32, {2}, testing::bytes_of<float>({std::nanf(""), 2}))});
  EXPECT_THAT(line_of(show({"w", "--stats"}), "w "), MatchesRegex("w .* 2 +2 +2 +1"));
}

TEST_F(ShowCommand, SaysThatNothingMatches) {
  const Finished finished = show({"models"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(),
                                     HasSubstr("no entry matches the pattern: 'models'")));
}

TEST_F(ShowCommand, SaysWhatWouldMatch) {
  const auto hint = [&](const std::string& pattern) {
    const std::string output = show({pattern}).output;
    return output.substr(output.rfind("; ") + 2);
  };
  EXPECT_EQ(hint("models"), "'models*' matches some, '*' all\n");
  EXPECT_EQ(hint("fc1.weight"), "'*fc1.weight' matches some, '*' all\n");
  EXPECT_EQ(hint("fc1"), "'*fc1*' matches some, '*' all\n");
  EXPECT_EQ(hint("MODELS/*"),
            "upper and lower case differ: there is models/net/parameters/fc1.weight\n");
  EXPECT_EQ(hint("nothing"), "'*' lists all\n");
}

// Four MiB, of which one block is hurt.
class DamagedCheckpoint : public ShowCommand {
 protected:
  DamagedCheckpoint() {
    save(300, {floats("models/net/parameters/first", {1 << 20}),
               floats("models/net/parameters/last", {1 << 18}), floats("rng/cpu", {3})});
    run_.flip_bit(run_.file(300, testing::kShard), 1'500'000);
  }
};

TEST_F(DamagedCheckpoint, IsShownButForWhatIsHurtWhichIsMarked) {
  const Finished finished = show({"--stats"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(line_of(finished, "parameters/first"), MatchesRegex(".* 4.0 MiB +DAMAGED *"));
  EXPECT_THAT(line_of(finished, "parameters/last"), HasSubstr("0  2.621e+05  1.311e+05"));
  EXPECT_THAT(line_of(finished, "rng/cpu "), MatchesRegex("rng/cpu .* 0 +2 +1"));
  EXPECT_THAT(line_of(finished, "holdfast: "), HasSubstr("block 1 is damaged"));
}

TEST_F(DamagedCheckpoint, IsMarkedInJson) {
  const std::string output = show({"--stats", "--json"}).output;
  const auto json = nlohmann::json::parse(output.substr(0, output.rfind("}\n") + 2));
  EXPECT_THAT(json["damage"], HasSubstr("block 1 is damaged"));
  EXPECT_EQ(json["entries"][0]["damaged"], true);
  EXPECT_EQ(json["entries"][1]["damaged"], false);
  EXPECT_FALSE(json["entries"][0].contains("statistics"));
  EXPECT_EQ(json["entries"][1]["statistics"]["nans"], 0);
}

// Some two blocks of small tensors.
TEST_F(ShowCommand, MarksAllThatShareABlockWithDamageAndNothingElse) {
  std::vector<Item> items;
  for (int i = 0; i < 3000; ++i) items.push_back(floats("a/" + std::to_string(i), {160}));
  items.push_back(floats("b", {1 << 18}));
  save(300, items);
  const CheckpointFiles files = run_.open(300);
  const auto piece_of = [&](const std::string& name) { return files.find(name)->pieces.at(0); };
  const std::uint64_t hurt = piece_of("a/1500").offset;
  run_.flip_bit(run_.file(300, testing::kShard), hurt);
  const std::string output = show({"--stats", "--json"}).output;
  const auto json = nlohmann::json::parse(output.substr(0, output.rfind("}\n") + 2));
  ASSERT_EQ(json["entries"].size(), items.size());
  std::size_t damaged = 0;
  for (const auto& shown : json["entries"]) {
    const format::Piece piece = piece_of(shown["name"]);
    const std::uint64_t block = hurt / format::kBlockBytes;
    const bool is_hurt = piece.offset / format::kBlockBytes <= block &&
                         block <= (piece.offset + piece.bytes - 1) / format::kBlockBytes;
    EXPECT_EQ(shown["damaged"], is_hurt) << shown;
    EXPECT_EQ(shown.contains("statistics"), !is_hurt) << shown;
    damaged += is_hurt ? 1 : 0;
  }
  EXPECT_GT(damaged, 100u);
  EXPECT_LT(damaged, 2900u);
}

TEST_F(ShowCommand, MarksAnOptimizerThatIsDamagedAndShowsTheOther) {
  save(300,
       {testing::text("optimizers/a/type", "Adam"), testing::real("optimizers/a/groups/0/lr", 0.1),
        testing::text("optimizers/b/type", "SGD"),
        testing::text("optimizers/b/groups/0/params", std::string(2 * format::kBlockBytes, 'p'))});
  const std::uint64_t params =
      run_.open(300).find("optimizers/b/groups/0/params")->pieces.at(0).offset;
  run_.flip_bit(run_.file(300, testing::kShard),
                (params / format::kBlockBytes + 1) * format::kBlockBytes);
  const Finished finished = show();
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("optimizers/a  Adam\n  group 0: 0 parameters, lr 0.1\n"),
                    HasSubstr("optimizers/b  DAMAGED\n"), Not(HasSubstr("SGD"))));
}

TEST_F(DamagedCheckpoint, IsShownWithoutAWordWhereNothingHurtIsRead) {
  EXPECT_EQ(show().status, 0);
  EXPECT_EQ(show({"*last", "--stats"}).status, 0);
}

TEST_F(ShowCommand, SaysThatSmallValuesAreDamaged) {
  run_.flip_bit(run_.file(200, testing::kShard), 1'205'000);
  const Finished finished = show();
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("step 200, saved"), HasSubstr("is damaged")));
}

TEST_F(ShowCommand, WritesJson) {
  const auto json = json_of(show({"--json"}));
  EXPECT_EQ(json["path"], run_.path_of(200));
  EXPECT_EQ(json["step"], 200);
  EXPECT_EQ(json["created"], "2026-01-31T12:00:00.000Z");
  EXPECT_EQ(json["run_id"], std::string(32, 'a'));
  EXPECT_EQ(json["resumed_from"]["step"], 100);
  EXPECT_EQ(json["metrics"]["accuracy"], 0.875);
  EXPECT_EQ(json["metrics"]["loss"], "NaN");
  EXPECT_EQ(json["parts"][0]["name"], "models/net");
  EXPECT_EQ(json["parts"][0]["parameters"], 300'300);
  EXPECT_EQ(json["parts"][0]["buffers"], 3);
  EXPECT_EQ(json["parts"][0]["entries"], 4);
  EXPECT_GT(json["parts"][0]["bytes"], 1'200'000);
  const auto& adam = json["optimizers"][0];
  EXPECT_EQ(adam["name"], "adam");
  EXPECT_EQ(adam["type"], "torch::optim::Adam");
  EXPECT_EQ(adam["groups"][0]["parameters"], 2);
  EXPECT_EQ(adam["groups"][0]["options"]["lr"], 0.001);
  EXPECT_THAT(adam["groups"][0]["options"]["betas"], ElementsAre(0.9, 0.999));
  EXPECT_EQ(json["progress"]["epoch"], 3);
  EXPECT_EQ(json["environment"]["torch"], "1.13.1");
  EXPECT_EQ(json["configuration"]["name"], "a\x1b[31mb");
  EXPECT_EQ(json["files"].size(), 3u);
  EXPECT_EQ(json["entries"].size(), 15u);
}

TEST_F(ShowCommand, WritesTheEntriesThatMatchAsJson) {
  const auto json = json_of(show({"models/net/parameters/*", "--stats", "--json"}));
  ASSERT_EQ(json["entries"].size(), 3u);
  const auto& weight = json["entries"][0];
  EXPECT_EQ(weight["name"], "models/net/parameters/fc1.weight");
  EXPECT_EQ(weight["kind"], "tensor");
  EXPECT_EQ(weight["dtype"], "float32");
  EXPECT_THAT(weight["shape"], ElementsAre(1000, 300));
  EXPECT_EQ(weight["bytes"], 1'200'000);
  EXPECT_TRUE(weight["tied_to"].is_null());
  EXPECT_TRUE(weight["value"].is_null());
  EXPECT_EQ(weight["statistics"]["elements"], 300'000);
  EXPECT_EQ(weight["statistics"]["minimum"], 0.0);
  EXPECT_EQ(weight["statistics"]["maximum"], 299'999.0);
  EXPECT_EQ(weight["statistics"]["mean"], 149'999.5);
  EXPECT_EQ(weight["statistics"]["nans"], 0);
  EXPECT_EQ(weight["statistics"]["infinities"], 0);
  EXPECT_EQ(json["entries"][1]["tied_to"], weight["name"]);
}

TEST_F(ShowCommand, WritesValuesAsJson) {
  const auto json = json_of(show({"optimizers/*", "--json"}));
  EXPECT_EQ(json["entries"][0]["value"], "torch::optim::Adam");
  EXPECT_EQ(json["entries"][2]["value"], 0.001);
}

}  // namespace
}  // namespace holdfast
