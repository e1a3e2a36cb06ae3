#include <gtest/gtest.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace holdfast::format {
namespace {

const std::string kRandom(32, 'a');

TEST(NameOfADirectory, IsTheSameHoweverItsPathIsWritten) {
  for (const char* const path : {"a", "a/", "a//", "./a", "x/a/.", "x/../a/", "/a", "a/b/.."})
    EXPECT_EQ(name_of_directory(path), "a") << path;
  const std::string here = std::filesystem::current_path().filename();
  for (const char* const path : {".", "./", "x/.."})
    EXPECT_EQ(name_of_directory(path), here) << path;
  EXPECT_EQ(name_of_directory(".."), std::filesystem::current_path().parent_path().filename());
  EXPECT_EQ(name_of_directory("/"), "");
}

TEST(StepDirectory, HasTwelveDigitsOrMore) {
  EXPECT_EQ(step_directory_name(0), "step-000000000000");
  EXPECT_EQ(step_directory_name(200), "step-000000000200");
  EXPECT_EQ(step_directory_name(999999999999), "step-999999999999");
  EXPECT_EQ(step_directory_name(1000000000000), "step-1000000000000");
}

TEST(StepDirectory, ReadsWhatItWrites) {
  for (const std::int64_t step :
       {std::int64_t{0}, std::int64_t{7}, std::int64_t{999999999999}, std::int64_t{1000000000000},
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(parse_step_directory(step_directory_name(step)), step);
  }
}

TEST(StepDirectory, HasNoNegativeStep) {
  testing::expect_error(ErrorKind::kInvalidArgument, "found -1", [] { step_directory_name(-1); });
}

TEST(StepDirectory, IsNothingThatItWouldNotWrite) {
  for (const std::string& name : std::vector<std::string>{
           "", "step-", "step-200", "step-00000000020x", "step--00000000200", "step-+00000000200",
           "Step-000000000200", "step-000000000200 ", " step-000000000200", "step-0000000000200",
           "step-0x0000000200", "step-9223372036854775808", "step-99999999999999999999999",
           ".tmp-200-1-" + kRandom, std::string("step-000000000200\0", 18)}) {
    EXPECT_EQ(parse_step_directory(name), std::nullopt) << '"' << name << '"';
  }
}

TEST(UnfinishedDirectory, IsRecognizedAndNeverAStep) {
  for (const std::string& name : {pending_directory_name(200), retired_directory_name(0)}) {
    EXPECT_TRUE(is_unfinished_directory(name)) << name;
    EXPECT_EQ(parse_step_directory(name), std::nullopt) << name;
  }
}

TEST(UnfinishedDirectory, TellsStepAndProcessAndIsNew) {
  const std::string name = pending_directory_name(200);
  EXPECT_EQ(name.rfind(".tmp-200-" + std::to_string(getpid()) + "-", 0), 0u) << name;
  EXPECT_EQ(retired_directory_name(200).rfind(".del-200-", 0), 0u);
  EXPECT_NE(name, pending_directory_name(200));
}

TEST(UnfinishedDirectory, IsNothingThatItWouldNotWrite) {
  for (const std::string& name : std::vector<std::string>{"",
                                                          ".",
                                                          ".tmp-",
                                                          ".tmp",
                                                          ".tmp-200",
                                                          ".tmp-200-1",
                                                          ".tmp-200-1-",
                                                          "tmp-200-1-" + kRandom,
                                                          ".tmp-200-1-" + kRandom + "a",
                                                          ".tmp-200-1-" + kRandom.substr(1),
                                                          ".tmp-200--" + kRandom,
                                                          ".tmp--1-" + kRandom,
                                                          ".tmp-0200-1-" + kRandom,
                                                          ".tmp-x-1-" + kRandom,
                                                          ".tmp-200-1-2-" + kRandom,
                                                          ".tmp-200-1-" + std::string(32, 'A'),
                                                          ".bak-200-1-" + kRandom,
                                                          ".tmp-20000000000000000000-1-" + kRandom,
                                                          "step-000000000200",
                                                          ".tmp-mine"}) {
    EXPECT_FALSE(is_unfinished_directory(name)) << '"' << name << '"';
  }
  EXPECT_TRUE(is_unfinished_directory(".del-200-1-" + kRandom));
}

TEST(ReasonFile, IsNamedAfterWhatItExplains) {
  EXPECT_EQ(reason_file_name("step-000000000200-2"), "step-000000000200-2.reason.txt");
}

}  // namespace
}  // namespace holdfast::format
