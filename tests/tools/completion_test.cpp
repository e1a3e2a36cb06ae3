// What bash offers.
#include <filesystem>

#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::holdfast;
using ::testing::Not;

class Completion : public testing::CheckpointTest {
 protected:
  static std::string of(const std::string& line) { return holdfast({"complete", line}).output; }

  // As bash would have it, behind `line`.
  static std::string in_bash(const std::string& line) {
    const std::string script =
        "source '" HOLDFAST_SOURCE_DIR
        "/tools/holdfast/completion/holdfast.bash'\n"
        "COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=()\n"
        "_holdfast '" HOLDFAST_PROGRAM "'; printf '%s\\n' \"${COMPREPLY[@]}\"";
    return testing::run_process({"/bin/bash", "-c", script, "bash", line}).output;
  }
};

TEST_F(Completion, OffersSubcommandsOptionsAndNothingOfFiles) {
  EXPECT_THAT(of("holdfast "), AllOf(HasSubstr("ls\n"), HasSubstr("verify\n"), HasSubstr("run\n"),
                                     Not(HasSubstr("complete"))));
  EXPECT_EQ(of("holdfast ver"), "verify\n");
  EXPECT_THAT(of("holdfast --"), HasSubstr("--version\n"));
  EXPECT_THAT(of("holdfast ls --"), AllOf(HasSubstr("--json\n"), HasSubstr("--help\n")));
  EXPECT_EQ(of("holdfast ls run"), "");
  EXPECT_EQ(of("holdfast run -- mlp --"), "");
  EXPECT_EQ(of("holdfast nothing --"), "");
  EXPECT_EQ(of("holdfast"), "");
}

TEST_F(Completion, OffersWhatARunHasBehindTheAt) {
  save(100, testing::small_training());
  holdfast({"tag", run_.path(), "100", "paper"});
  const std::string run = run_.path() + "@";
  EXPECT_EQ(of("holdfast show " + run),
            run + "latest\n" + run + "best\n" + run + "paper\n" + run + "100\n");
  EXPECT_EQ(of("holdfast diff other " + run + "p"), run + "paper\n");
  EXPECT_EQ(of("holdfast show " + run_.path() + "/none@"), "");
}

TEST_F(Completion, KnowsARunAsAShellWritesIt) {
  save(100, testing::small_training());
  testing::TemporaryDirectory home;
  std::filesystem::create_directory_symlink(run_.path(), home / "my run");
  const auto at_home = [&](const std::string& line) {
    return testing::run_process(
               {"/usr/bin/env", "HOME=" + home.path().string(), HOLDFAST_PROGRAM, "complete", line})
        .output;
  };
  EXPECT_EQ(at_home("holdfast show ~/my\\ run@1"), "~/my run@100\n");
  EXPECT_EQ(at_home("holdfast show '" + home.path().string() + "/my run@1"),
            home.path().string() + "/my run@100\n");
  EXPECT_EQ(at_home("holdfast show --to=" + run_.path() + "@1"), "--to=" + run_.path() + "@100\n");
  std::filesystem::create_directory_symlink(run_.path(), home / "r");
  EXPECT_EQ(at_home("holdfast show \"~/r\"@la"), "~/r@latest\n");
}

TEST_F(Completion, WorksInBash) {
  save(100, testing::small_training());
  const std::string spaced = run_.path() + " x";
  std::filesystem::create_directory_symlink(run_.path(), spaced);
  EXPECT_EQ(in_bash("holdfast show " + run_.path() + "\\ x@la"), "latest\n");
  EXPECT_EQ(in_bash("holdfast ver"), "verify\n");
  EXPECT_EQ(in_bash("holdfast show " + run_.path() + "@la"), "latest\n");
}

}  // namespace
}  // namespace holdfast
