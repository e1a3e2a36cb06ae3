// A test that is skipped fails where only those in a list may be (support/main.cpp), and the list
// of this project names tests that there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "support/process.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Skips : public ::testing::Test {
 protected:
  // The program that skips, with this list.
  testing::Finished run_with(const std::string& list) {
    const std::string path = directory_ / "skips.txt";
    std::ofstream(path) << list;
    return testing::run_process({"/usr/bin/env", "HOLDFAST_SKIPS=" + path, SKIPPING_PROGRAM});
  }
  static constexpr const char* kOne = "Skipping.IsSkipped: it always is\n";
  static constexpr const char* kEach = "# a comment\n\nSkippingFixture.IsSkipped: each always is\n";

 private:
  testing::TemporaryDirectory directory_;
};

TEST_F(Skips, AreNoFailureWithoutAList) {
  const auto finished =
      testing::run_process({"/usr/bin/env", "--unset=HOLDFAST_SKIPS", SKIPPING_PROGRAM});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr("[  SKIPPED ] Skipping.IsSkipped"));
}

TEST_F(Skips, ThatAreNotListedFail) {
  const auto finished = run_with(kEach);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("Skipping.IsSkipped is skipped, and"),
                                     HasSubstr("[  FAILED  ] Skipping.IsSkipped")));
  // CTest would take a test that says this for skipped, whatever its exit status is.
  EXPECT_THAT(finished.output, Not(HasSubstr("[  SKIPPED ] Skipping.IsSkipped")));
}

TEST_F(Skips, OfEachParameterFailIfNotListed) {
  const auto finished = run_with(kOne);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("[  FAILED  ] Each/SkippingFixture.IsSkipped/0"),
                                     HasSubstr("[  FAILED  ] Each/SkippingFixture.IsSkipped/1")));
}

TEST_F(Skips, ThatAreListedPass) {
  const auto finished = run_with(std::string(kOne) + kEach);
  EXPECT_EQ(finished.status, 0) << finished.output;
}

TEST_F(Skips, WithoutAReasonAreNoList) {
  for (const char* list : {"Skipping.IsSkipped\n", "Skipping.IsSkipped: \n"}) {
    const auto finished = run_with(list);
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.output, HasSubstr("gives no reason"));
  }
}

TEST_F(Skips, InAListThatCannotBeReadFail) {
  const auto finished =
      testing::run_process({"/usr/bin/env", "HOLDFAST_SKIPS=/none", SKIPPING_PROGRAM});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, HasSubstr("cannot read the list of skipped tests /none"));
}

// The tests of all sources ("Suite.Test"), and those that CMake adds by a name.
std::set<std::string> all_tests() {
  const std::regex in_source(R"(TEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
  const std::regex in_cmake(R"(add_test\(NAME ([\w.]+) )");
  std::set<std::string> names;
  const std::string folder = std::string(HOLDFAST_SOURCE_DIR) + "/tests";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const bool is_source = entry.path().extension() == ".cpp";
    if (!is_source && entry.path().filename() != "CMakeLists.txt") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string content = text.str();
    const std::regex& pattern = is_source ? in_source : in_cmake;
    for (std::sregex_iterator at(content.begin(), content.end(), pattern), end; at != end; ++at)
      names.insert(is_source ? (*at)[1].str() + "." + (*at)[2].str() : (*at)[1].str());
  }
  return names;
}

TEST(ListOfSkips, NamesTestsThatThereAre) {
  const std::set<std::string> tests = all_tests();
  ASSERT_EQ(tests.count("ListOfSkips.NamesTestsThatThereAre"), 1U);
  std::ifstream list(std::string(HOLDFAST_SOURCE_DIR) + "/tests/skips.txt");
  int listed = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line[0] == '#') continue;
    EXPECT_EQ(tests.count(line.substr(0, line.find(':'))), 1U) << line;
    ++listed;
  }
  EXPECT_GT(listed, 0);
}

}  // namespace
}  // namespace holdfast
