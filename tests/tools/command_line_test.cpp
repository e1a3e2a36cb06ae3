#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::holdfast;
using ::testing::StartsWith;
using testing::Words;

TEST(CommandLine, HelpNamesTheSubcommands) {
  const Finished help = holdfast({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output,
              AllOf(HasSubstr("Usage: holdfast"), HasSubstr("  run "), HasSubstr("  show "),
                    HasSubstr("  verify "), HasSubstr("  diff "), HasSubstr("  prove ")));
}

TEST(CommandLine, HelpOfRunHasItsOptionsTheirDefaultsAndTheExitStatuses) {
  const Finished help = holdfast({"run", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output,
              AllOf(HasSubstr("Usage: holdfast run [OPTIONS] -- COMMAND [ARGUMENT...]"),
                    HasSubstr("--max-restarts"), HasSubstr("1000"), HasSubstr("--max-stalled"),
                    HasSubstr("--backoff"), HasSubstr("stopped on request")));
}

TEST(CommandLine, HelpOfProveHasItsOptionsAndTheExitStatuses) {
  const Finished help = holdfast({"prove", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output,
              AllOf(HasSubstr("Usage: holdfast prove [OPTIONS] -- COMMAND [ARGUMENT...]"),
                    HasSubstr("--at N"), HasSubstr("--crashes"), HasSubstr("--seed"),
                    HasSubstr("--timeout"), HasSubstr("--keep"), HasSubstr("--json"),
                    HasSubstr("{run} stands for a run directory"), HasSubstr("nothing is proven")));
}

TEST(CommandLine, HelpBehindTheDashesIsTheCommands) {
  const Finished finished = holdfast({"run", "--", "/bin/sh", "-c", "echo $1", "sh", "--help"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, StartsWith("--help\n"));
}

TEST(CommandLine, VersionIsTheProjects) {
  const Finished version = holdfast({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.output, "holdfast " HOLDFAST_VERSION "\n");
}

TEST(CommandLine, TheWordsOfTheCommandArePassedOnAsTheyAre) {
  const Finished finished = holdfast({"run", "--", "/bin/sh", "-c", R"(printf '<%s>' "$@"; echo)",
                                      "sh", "--backoff", "[a,b]", "{}", "--", "", "a b", "-x"});
  EXPECT_THAT(finished.output, StartsWith("<--backoff><[a,b]><{}><--><><a b><-x>\n"));
}

// The number of SIGXFSZ is 25; the tool itself survives it.
TEST(CommandLine, TheCommandDiesOfTheFileSizeLimitAsEver) {
  const std::string script = "test $((0x$(sed -n 's/^SigIgn:.//p' /proc/$$/status) >> 24 & 1)) = 0";
  EXPECT_EQ(holdfast({"run", "--max-restarts", "0", "--", "/bin/sh", "-c", script}).status, 0);
}

struct Misuse {
  const char* name;
  Words words;
  const char* problem;
};

void PrintTo(const Misuse& misuse, std::ostream* out) {
  *out << misuse.name;
}

class CommandLineMisuse : public ::testing::TestWithParam<Misuse> {};

TEST_P(CommandLineMisuse, IsStatusTwoTheProblemAndTheHelp) {
  const Finished finished = holdfast(GetParam().words);
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, AllOf(StartsWith("holdfast: "), HasSubstr(GetParam().problem),
                                     HasSubstr("Usage: holdfast")));
}

INSTANTIATE_TEST_SUITE_P(
    All, CommandLineMisuse,
    ::testing::Values(
        Misuse{"NoSubcommand", {}, "a subcommand is required"},
        Misuse{"UnknownSubcommand", {"walk"}, "not expected: walk"},
        Misuse{"ShowOfNothing", {"show"}, "CHECKPOINT is required"},
        Misuse{"VerifyOfNothing", {"verify"}, "CHECKPOINT is required"},
        Misuse{"VerifyDeepAndQuick", {"verify", "x", "--deep", "--quick"}, "excludes"},
        Misuse{"VerifyOfTwo", {"verify", "x", "y"}, "y"},
        Misuse{"NoThreads", {"verify", "x", "--threads", "0"}, "found 0"},
        Misuse{"HexadecimalThreads", {"verify", "x", "--threads", "0x10"}, "found 0x10"},
        Misuse{"ThreadsWithAFraction", {"verify", "x", "--threads", "1.5"}, "a whole number from"},
        Misuse{"AHexadecimalStep", {"tag", "x", "0x20", "name"}, "STEP: expected a whole number"},
        Misuse{"AStepWithASeparator", {"tag", "x", "2,850", "a"}, "separators, found 2,850"},
        Misuse{"AStepBeyondAll",
               {"tag", "x", "99999999999999999999", "name"},
               "to 9223372036854775807, without separators, found 99999999999999999999"},
        Misuse{"ANegativeStep", {"import", "x.pt", "--to", "y", "--step", "-5"}, "found -5"},
        Misuse{"AHexadecimalCount", {"gc", "x", "--keep-last", "0x1"}, "found 0x1"},
        Misuse{"DiffOfOne", {"diff", "x"}, "B is required"},
        Misuse{"DiffOfThree", {"diff", "x", "y", "z"}, "z"},
        Misuse{"NoCommand", {"run"}, "a command after '--'"},
        Misuse{"NothingBehindTheDashes", {"run", "--"}, "a command after '--'"},
        Misuse{"ACommandWithoutDashes", {"run", "/bin/true"}, "/bin/true"},
        Misuse{"UnknownOption", {"run", "--max-restart", "3", "--", "/bin/true"}, "--max-restart"},
        Misuse{"NegativeRestarts", {"run", "--max-restarts", "-1", "--", "/bin/true"}, "-1"},
        Misuse{"RestartsThatAreNoNumber", {"run", "--max-restarts", "x", "--", "/bin/true"}, "x"},
        Misuse{"NoStalledFailure", {"run", "--max-stalled", "0", "--", "/bin/true"}, "0"},
        Misuse{"NegativeBackoff", {"run", "--backoff", "-1", "--", "/bin/true"}, "found -1"},
        Misuse{"TooLongABackoff", {"run", "--backoff", "301", "--", "/bin/true"}, "found 301"},
        Misuse{
            "ABackoffThatIsNoNumber", {"run", "--backoff", "nan", "--", "/bin/true"}, "found nan"},
        Misuse{"ABackoffWithAUnit", {"run", "--backoff", "5s", "--", "/bin/true"}, "found 5s"},
        Misuse{"AHexadecimalBackoff", {"run", "--backoff", "0x1", "--", "/bin/true"}, "found 0x1"},
        Misuse{"HexadecimalRestarts",
               {"run", "--max-restarts", "0x1", "--", "/bin/true"},
               "found 0x1"},
        Misuse{"NoCommandToProve", {"prove"}, "a command after '--'"},
        Misuse{"ACommandToProveWithoutARunDirectory",
               {"prove", "--", "/bin/{run}", "run"},
               "{run} in an argument of the command"},
        Misuse{"AStepThatIsNone", {"prove", "--at", "0", "--", "/bin/true", "{run}"}, "found 0"},
        Misuse{"StepsThatAreGivenAndDrawn",
               {"prove", "--at", "1", "--crashes", "1", "--", "/bin/true", "{run}"},
               "--at excludes --crashes"},
        Misuse{"NoCrash", {"prove", "--crashes", "0", "--", "/bin/true", "{run}"}, "found 0"},
        Misuse{"ANegativeSeed", {"prove", "--seed", "-1", "--", "/bin/true", "{run}"}, "found -1"},
        Misuse{"AHexadecimalStepToKillAt",
               {"prove", "--at", "0x8", "--", "/bin/true", "{run}"},
               "found 0x8"},
        Misuse{"TwoStepsInOne",
               {"prove", "--at", "1", "2", "--", "/bin/true", "{run}"},
               "not expected: 2"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace holdfast
