#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/error.h>

#include <cerrno>
#include <set>
#include <string>
#include <vector>

namespace holdfast {
namespace {

using ::testing::HasSubstr;

std::string what(const Error& error) {
  return error.what();
}

TEST(Error, SaysWhereWhatExpectedFoundAndRemedy) {
  const Error error = Error(ErrorKind::kCorrupt, "the manifest is damaged")
                          .at("run/manifest.json")
                          .expected("64 bytes or more")
                          .found("3 bytes")
                          .remedy("resume from an older step");
  EXPECT_EQ(what(error),
            "run/manifest.json: the manifest is damaged: expected 64 bytes or more, found 3 bytes; "
            "resume from an older step");
  EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(error.path(), "run/manifest.json");
  EXPECT_EQ(error.os_error(), 0);
}

TEST(Error, LeavesOutWhatItWasNotTold) {
  EXPECT_EQ(what(Error(ErrorKind::kIo, "it failed")), "it failed");
  EXPECT_EQ(what(Error(ErrorKind::kIo, "it failed").at("a")), "a: it failed");
  EXPECT_EQ(what(Error(ErrorKind::kIo, "it failed").found("b")), "it failed: b");
  EXPECT_EQ(what(Error(ErrorKind::kIo, "it failed").expected("c")), "it failed: expected c");
  EXPECT_EQ(what(Error(ErrorKind::kIo, "it failed").remedy("d")), "it failed; d");
}

TEST(Error, MayBeToldItsPartsInAnyOrder) {
  EXPECT_EQ(what(Error(ErrorKind::kIo, "p").remedy("r").found("f").expected("e").at("a")),
            what(Error(ErrorKind::kIo, "p").at("a").expected("e").found("f").remedy("r")));
}

TEST(Error, IsAStandardException) {
  try {
    throw Error(ErrorKind::kLocked, "busy").at("run");
  } catch (const std::exception& error) {
    EXPECT_STREQ(error.what(), "run: busy");
  }
}

// What an error tells of may come from a file that was made to do harm to a terminal.
TEST(Error, ShowsNoControlCharactersWhateverItsPartsHave) {
  const std::string bad = "a\x1b[2J\n\r\x07\xc2\x9b\xe2\x80\xae\xff b";
  const std::string shown = "a\\x1b[2J\\x0a\\x0d\\x07\\xc2\\x9b\\xe2\\x80\\xae\\xff b";
  const Error error =
      Error(ErrorKind::kCorrupt, bad).at(bad).expected(bad).found(bad).remedy(bad).list(bad, {bad});
  EXPECT_EQ(what(error), shown + ": " + shown + ": expected " + shown + ", found " + shown +
                             "\n  " + shown + " (1):\n    " + shown + "\n  " + shown);
  EXPECT_EQ(error.path(), bad) << "to be opened, it is as it was given";
  EXPECT_EQ(what(Error(ErrorKind::kIo, what(Error(ErrorKind::kIo, bad)))), shown)
      << "nothing is escaped twice";
}

TEST(Error, ListsTheFirstFewAndTellsHowManyThereAre) {
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; ++i) names.push_back("name " + std::to_string(i));
  const Error error = Error(ErrorKind::kMismatch, "it does not fit")
                          .at("run")
                          .remedy("mend it")
                          .list("nothing", {})
                          .list("missing", names)
                          .list("different", {"fc1"});
  const std::string text = what(error);
  EXPECT_EQ(text.substr(0, text.find("\n    name 1\n")),
            "run: it does not fit\n  missing (100000):\n    name 0");
  EXPECT_THAT(text, HasSubstr("\n    name 19\n    … and 99980 more\n  different (1):\n    fc1\n  "
                              "mend it"));
  EXPECT_LT(text.size(), 1000u);
}

TEST(Error, CutsAPartThatIsVeryLong) {
  const std::string text = what(Error(ErrorKind::kIo, std::string(1 << 20, 'x')).found("it"));
  EXPECT_LT(text.size(), 10'000u);
  EXPECT_THAT(text, HasSubstr("x…: it"));
}

TEST(Error, EveryKindHasANameOfItsOwn) {
  std::set<std::string> names;
  const int last = static_cast<int>(ErrorKind::kRetired);
  for (int kind = 0; kind <= last; ++kind) names.insert(to_string(static_cast<ErrorKind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_EQ(names.count("unknown"), 0u);
}

TEST(SystemError, TellsTheSystemsReasonAndKeepsItsNumber) {
  const Error error = system_error(ENOENT, "cannot open the file", "a/b");
  EXPECT_EQ(what(error), "a/b: cannot open the file: No such file or directory");
  EXPECT_EQ(error.os_error(), ENOENT);
}

TEST(SystemError, HasTheKindThatACallerCanActOn) {
  const auto kind = [](int errnum) { return system_error(errnum, "", "").kind(); };
  for (const int errnum : {ENOSPC, EDQUOT, EFBIG}) EXPECT_EQ(kind(errnum), ErrorKind::kNoSpace);
  for (const int errnum : {EACCES, EPERM, EROFS}) EXPECT_EQ(kind(errnum), ErrorKind::kPermission);
  for (const int errnum : {EEXIST, ENOTEMPTY}) EXPECT_EQ(kind(errnum), ErrorKind::kExists);
  for (const int errnum : {EIO, EMFILE, EINVAL}) EXPECT_EQ(kind(errnum), ErrorKind::kIo);
  EXPECT_EQ(kind(ENOENT), ErrorKind::kNotFound);
}

TEST(SystemError, SaysWhatToDoAboutAFullDiskAndAboutPermissions) {
  EXPECT_THAT(what(system_error(ENOSPC, "p", "a")), HasSubstr("free disk space"));
  EXPECT_THAT(what(system_error(EACCES, "p", "a")), HasSubstr("permissions"));
}

}  // namespace
}  // namespace holdfast
