// The manual pages, which are made of the help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "holdfast.h"
#include "manual/roff.h"
#include "support/files.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::holdfast;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// "--deep", "-h", "CHECKPOINT": what begins a line of a help below its headings, as any version of
// CLI11 writes it. What is further in is the rest of a description.
std::vector<std::string> names_in_help(const std::string& help) {
  static const std::regex heading("(options|positionals):", std::regex::icase);
  static const std::regex option("^ {2,12}(?:(?:(-[A-Za-z0-9]), *)?(--[a-z-]+)|([A-Z]+)( |$))");
  std::vector<std::string> names;
  bool in_list = false;
  for (const std::string& line : lines_of(help)) {
    if (std::regex_match(line, heading)) in_list = true;
    if (line.empty()) in_list = false;
    std::smatch found;
    if (!in_list || !std::regex_search(line, found, option)) continue;
    for (const int group : {1, 2, 3})
      if (found[group].matched) names.push_back(found[group].str());
  }
  return names;
}

std::vector<std::string> subcommands() {
  return lines_of(holdfast({"complete", "holdfast "}).output);
}

std::string page_of(const std::string& subcommand) {
  const Finished page =
      subcommand.empty() ? holdfast({"manual"}) : holdfast({"manual", "--of", subcommand});
  EXPECT_EQ(page.status, 0) << page.output;
  return page.output;
}

// Where the build has put them: beside bin/.
std::filesystem::path made_page(const std::string& name) {
  return std::filesystem::path(HOLDFAST_MANUAL_PAGES) / name;
}

class Manual : public ::testing::Test {
 protected:
  // The tool itself, and each subcommand.
  static std::vector<std::string> all() {
    std::vector<std::string> all = subcommands();
    all.insert(all.begin(), "");
    return all;
  }

  static Finished help_of(const std::string& subcommand) {
    return subcommand.empty() ? holdfast({"--help"}) : holdfast({subcommand, "--help"});
  }

  static std::string file_of(const std::string& subcommand) {
    return made_page(subcommand.empty() ? "holdfast.1" : "holdfast-" + subcommand + ".1").string();
  }
};

TEST_F(Manual, HasEverySubcommand) {
  const std::string page = page_of("");
  ASSERT_THAT(subcommands(), SizeIs(::testing::Ge(16U)));
  for (const std::string& one : subcommands())
    EXPECT_THAT(page, HasSubstr("\\fBholdfast\\-" + one + "\\fR(1)\n"));
  EXPECT_THAT(page, Not(HasSubstr("complete")));
}

TEST_F(Manual, HasEveryOptionAndArgumentOfTheHelp) {
  for (const std::string& one : all()) {
    const std::string page = page_of(one);
    const std::vector<std::string> names = names_in_help(help_of(one).output);
    EXPECT_THAT(names, ::testing::IsSupersetOf({"-h", "--help"})) << one;
    for (const std::string& name : names) {
      const std::string entry = name[0] == '-' ? tool::roff::bold(name) : tool::roff::italic(name);
      EXPECT_THAT(page, HasSubstr(entry)) << "holdfast " << one;
    }
  }
}

// Its words, however they are filled; without what only the list of options has.
TEST_F(Manual, HasTheLinesBelowTheHelp) {
  const std::string page = page_of("run");
  EXPECT_THAT(page, AllOf(HasSubstr("\n.TP\n\\fB75\\fR\nstopped on request"),
                          HasSubstr("\n.PP\nWhen the tool gives up, it exits with 1."),
                          HasSubstr("\\fB\\-\\-max\\-restarts\\fR \\fIN\\fR\n"),
                          HasSubstr("Default: 1000.")));
  EXPECT_THAT(page_of("verify"), HasSubstr("\n.SH EXIT STATUS\n0 sound; 1 damaged"));
}

TEST_F(Manual, SaysWhatAnOptionNeedsAndExcludesInAnOrderThatStays) {
  EXPECT_THAT(page_of("tag"), HasSubstr("Excludes \\fB\\-\\-json\\fR, STEP."));
  EXPECT_THAT(page_of("gc"), HasSubstr("Needs \\fB\\-\\-metric\\fR. Excludes"));
  EXPECT_EQ(page_of("tag"), page_of("tag"));
}

TEST_F(Manual, BeginsAsWhatisReadsIt) {
  EXPECT_THAT(page_of("ls"),
              AllOf(StartsWith(".TH HOLDFAST\\-LS 1 \"\" \"holdfast " HOLDFAST_VERSION "\""),
                    HasSubstr("\n.SH NAME\nholdfast\\-ls \\- lists the checkpoints of a run\n")));
}

TEST_F(Manual, OfNoSubcommandIsBadUsage) {
  const Finished none = holdfast({"manual", "--of", "walk"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.output, HasSubstr("no such subcommand: walk"));
  EXPECT_EQ(holdfast({"manual", "--of", "manual"}).status, 2);
}

TEST_F(Manual, IsMadeByTheBuild) {
  for (const std::string& one : all()) EXPECT_EQ(testing::read_file(file_of(one)), page_of(one));
}

// But for the date: a page is the same whenever it is made, and has none.
TEST_F(Manual, IsWellFormed) {
  if (std::string(HOLDFAST_MANDOC).empty()) GTEST_SKIP() << "there is no mandoc";
  for (const std::string& one : all()) {
    for (const std::string& complaint :
         lines_of(testing::run_process({HOLDFAST_MANDOC, "-Tlint", file_of(one)}).output))
      EXPECT_THAT(complaint, HasSubstr("missing date"));
  }
}

TEST_F(Manual, IsReadByGroffWithoutAWarning) {
  if (std::string(HOLDFAST_GROFF).empty()) GTEST_SKIP() << "there is no groff";
  for (const std::string& one : all()) {
    const Finished read =
        testing::run_process({HOLDFAST_GROFF, "-man", "-ww", "-Tutf8", "-z", file_of(one)});
    EXPECT_EQ(read.status, 0);
    EXPECT_THAT(read.output, IsEmpty()) << one;
  }
}

TEST(Roff, KeepsWhatTroffWouldReadAsSomethingElse) {
  EXPECT_EQ(tool::roff::escaped("a\\b 'c' \"d\" `~^"),
            "a\\eb \\(aqc\\(aq \\(dqd\\(dq \\(ga\\(ti\\(ha");
  EXPECT_EQ(tool::roff::escaped("step-0"), "step\\-0");
  EXPECT_EQ(tool::roff::escaped("kill \u2026 \u00e4 \U0001F600"),
            "kill \\[u2026] \\[u00E4] \\[u1F600]");
  EXPECT_EQ(tool::roff::filled(".pt files"), "\\&.pt files\n");
}

TEST(Roff, FillsLinesOfLessThanEightyBytes) {
  std::string words;
  for (int i = 0; i < 40; ++i) words += "--word .and ";
  const std::vector<std::string> lines = lines_of(tool::roff::filled(words));
  EXPECT_THAT(lines, SizeIs(::testing::Gt(1U)));
  for (const std::string& line : lines) {
    EXPECT_LT(line.size(), 80U);
    EXPECT_THAT(line, Not(StartsWith(".")));
  }
}

TEST(Roff, SetsAUsage) {
  EXPECT_EQ(tool::roff::usage("[OPTIONS] CHECKPOINT|RUN --to FILE"),
            "[\\fIOPTIONS\\fR] \\fICHECKPOINT\\fR|\\fIRUN\\fR \\fB\\-\\-to\\fR \\fIFILE\\fR");
}

TEST(Roff, TellsListsParagraphsAndTheExitStatusApart) {
  EXPECT_EQ(
      tool::roff::body("Text\nof two lines:\n  0    done\n  128 + N  by a\n           signal\n"
                       "More.\n\nAnd more.\nExit status: 0 done."),
      "Text of two lines:\n.TP\n\\fB0\\fR\ndone\n.TP\n\\fB128 + N\\fR\nby a signal\n"
      ".PP\nMore.\n.PP\nAnd more.\n.SH EXIT STATUS\n0 done.\n");
  EXPECT_EQ(tool::roff::body("Exit status:\n  0    done"),
            ".SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone\n");
}

}  // namespace
}  // namespace holdfast
