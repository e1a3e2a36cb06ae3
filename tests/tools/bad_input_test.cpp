// What the subcommands that read checkpoints say of what they cannot read.
#include <filesystem>

#include "checkpoint_fixture.h"
#include "support/newer_format.h"
#include "support/python.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::holdfast;
using testing::IsOneLineOfComplaint;
using ::testing::Not;

class BadInput : public testing::CheckpointTest {
 protected:
  BadInput() {
    save(100, testing::small_training());
    save(200, testing::small_training());
  }

  // All that read one checkpoint; verify where it does not report on it.
  void expect_complaint(const std::string& where, const std::string& words, bool of_verify = true) {
    expect_complaint(holdfast({"export", where, "--to", directory_ / "x.pt"}), 1, words);
    expect_complaint(holdfast({"slim", where, "--to", directory_ / "x"}), 1, words);
    EXPECT_FALSE(std::filesystem::exists(directory_ / "x.pt"));
    EXPECT_FALSE(std::filesystem::exists(directory_ / "x"));
    expect_complaint(holdfast({"show", where}), 1, words);
    expect_complaint(holdfast({"show", where, "--json"}), 1, words);
    expect_complaint(holdfast({"diff", where, run_.path_of(100)}), 2, words);
    expect_complaint(holdfast({"diff", run_.path_of(100), where}), 2, words);
    if (of_verify) expect_complaint(holdfast({"verify", where}), 1, words);
  }

  static void expect_complaint(const Finished& finished, int status, const std::string& words) {
    EXPECT_EQ(finished.status, status) << finished.output;
    EXPECT_THAT(finished.output,
                AllOf(IsOneLineOfComplaint(), HasSubstr(words), testing::IsPlainText()));
  }

  // All that read a run.
  static void expect_no_run(const std::string& where, const std::string& words) {
    for (const std::string command : {"ls", "log", "gc", "report", "tag"})
      expect_complaint(holdfast({command, where}), 1, words);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(BadInput, NoSuchRun) {
  expect_complaint(directory_ / "no-run", "no-run: there is no such directory");
  expect_no_run(directory_ / "no-run", "no-run: there is no such directory");
}

TEST_F(BadInput, NamesThatAreMadeForATerminal) {
  const std::string shown = "no\\x1b[2J\\x0arun\\xff: there is no such directory";
  expect_complaint(directory_ / "no\x1b[2J\nrun\xff", shown);
  expect_no_run(directory_ / "no\x1b[2J\nrun\xff", shown);
}

TEST_F(BadInput, ARunThatIsNone) {
  expect_no_run(directory_.path(), "this is not a run");
  expect_no_run(run_.path_of(100), "this is not a run");
  expect_no_run(run_.file(100, "manifest.json"), "manifest.json: this is a file");
}

TEST_F(BadInput, ARunWithALinkForItsCheckpoints) {
  const std::string checkpoints = run_.path() + "/checkpoints";
  std::filesystem::rename(checkpoints, directory_ / "elsewhere");
  std::filesystem::create_directory_symlink(directory_ / "elsewhere", checkpoints);
  const char* const words = "/checkpoints: a run's checkpoints cannot be kept under this name";
  expect_complaint(run_.path(), words);
  expect_complaint(run_.path() + "@latest", words);
  expect_no_run(run_.path(), words);
}

TEST_F(BadInput, AnUnfinishedSave) {
  const std::string unfinished =
      run_.path() + "/checkpoints/" + format::pending_directory_name(200);
  std::filesystem::rename(run_.path_of(200), unfinished);
  expect_complaint(unfinished, "this is a save that was not finished");
}

TEST_F(BadInput, ADirectoryWithoutAManifest) {
  std::filesystem::remove(run_.file(200, "manifest.json"));
  expect_complaint(run_.path_of(200), "neither a checkpoint nor a run that has one");
  expect_complaint(directory_.path(), "neither a checkpoint nor a run that has one");
}

TEST_F(BadInput, AForeignHdf5File) {
  const std::string file = directory_ / "foreign.h5";
  testing::run_python("import h5py\nh5py.File('" + file + "', 'w')['x'] = [1, 2, 3]\n");
  expect_complaint(file, "foreign.h5: this is a file");
}

TEST_F(BadInput, ANameWithControlCharacters) {
  const std::string name = directory_ / "\x1b[31mno\nrun";
  expect_complaint(name, "\\x1b[31mno\\x0arun: there is no such directory");
  expect_no_run(name, "\\x1b[31mno\\x0arun: there is no such directory");
}

TEST_F(BadInput, ACheckpointOfAnotherStepThanItsNameSays) {
  std::filesystem::rename(run_.path_of(200), run_.path_of(300));
  const char* const words = "the checkpoint is not of the step that its name says";
  const Finished listed = holdfast({"ls", run_.path()});
  EXPECT_EQ(listed.status, 0);
  EXPECT_THAT(listed.output, AllOf(HasSubstr("UNUSABLE"), HasSubstr(words)));
  const Finished verified = holdfast({"verify", run_.path()});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.output,
              AllOf(HasSubstr("step-000000000100: sound"), HasSubstr("step-000000000300: DAMAGED"),
                    HasSubstr(std::string("manifest.json: ") + words)));
  expect_complaint(run_.path(), words, false);
  expect_complaint(run_.path() + "@300", words, false);
  expect_complaint(run_.path_of(300), words, false);
  const std::string there = run_.path_of(300);
  for (const std::string& written : {there + "/", there + "/.", there + "//"})
    EXPECT_THAT(holdfast({"verify", written}).output, HasSubstr(words)) << written;
  const Finished within = testing::run_process(
      {"/bin/sh", "-c", "cd \"$1\" && \"$0\" verify .", HOLDFAST_PROGRAM, there});
  EXPECT_THAT(within.output, HasSubstr(words));
}

TEST_F(BadInput, ANewerVersionOfTheFormat) {
  const std::string sound = testing::read_file(run_.file(200, "manifest.json"));
  for (const std::string& version : testing::newer_versions()) {
    testing::write_file(run_.file(200, "manifest.json"), sound);
    testing::set_version(run_.path_of(200), version);
    expect_complaint(run_.path_of(200), "newer", false);
    for (const std::string depth : {"--quick", "--full", "--deep"}) {
      std::vector<std::string> words = {"verify", run_.path_of(200)};
      if (depth != "--full") words.push_back(depth);
      const Finished verified = holdfast(words);
      EXPECT_EQ(verified.status, 1);
      EXPECT_THAT(verified.output, AllOf(HasSubstr("could not be read\n"), HasSubstr("newer"),
                                         Not(HasSubstr("DAMAGED"))));
    }
    const Finished listed = holdfast({"ls", run_.path()});
    EXPECT_EQ(listed.status, 0);
    EXPECT_THAT(listed.output, HasSubstr("written by a newer Holdfast"));
    const Finished removed = holdfast({"gc", run_.path(), "--keep-last", "1"});
    EXPECT_THAT(removed.output, AllOf(HasSubstr("nothing to remove"),
                                      HasSubstr("step 200 is left alone"), HasSubstr("newer")));
    EXPECT_TRUE(std::filesystem::exists(run_.file(200, "manifest.json")));
  }
}

TEST_F(BadInput, AKindOfFileThatIsNotKnownIsNone) {
  testing::add_file(run_.path_of(200), "net.onnx", "onnx", "an ONNX file");
  testing::add_file(run_.path_of(200), "net.surprise", "surprise", "something");
  EXPECT_THAT(holdfast({"verify", run_.path_of(200), "--deep"}).output, HasSubstr(": sound"));
  EXPECT_EQ(holdfast({"show", run_.path_of(200)}).status, 0);
  EXPECT_EQ(holdfast({"diff", run_.path_of(100), run_.path_of(200)}).status, 0);
  run_.flip_bit(run_.file(200, "net.surprise"), 3);
  const Finished verified = holdfast({"verify", run_.path_of(200)});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.output, HasSubstr("net.surprise: block 0"));
}

TEST_F(BadInput, ADamagedCatalogOrManifest) {
  for (const std::string name : {"catalog.json", "manifest.json"}) {
    run_.flip_bit(run_.file(200, name), 50);
    expect_complaint(run_.path_of(200), name, false);
    run_.flip_bit(run_.file(200, name), 50);
  }
}

TEST_F(BadInput, AMissingManifest) {
  const std::string manifest = run_.file(200, "manifest.json");
  std::filesystem::remove(manifest);
  const std::string words = manifest + ": the manifest is missing";
  EXPECT_THAT(holdfast({"ls", run_.path()}).output, HasSubstr("the manifest is missing"));
  expect_complaint(holdfast({"show", run_.path() + "@200"}), 1, words);
  expect_complaint(holdfast({"diff", run_.path() + "@200", run_.path() + "@200"}), 2, words);
  EXPECT_THAT(holdfast({"verify", run_.path() + "@200"}).output,
              HasSubstr("manifest.json: the manifest is missing"));
}

TEST_F(BadInput, AMissingShard) {
  std::filesystem::remove(run_.file(200, testing::kShard));
  const Finished finished = holdfast({"show", run_.path(), "--stats"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("DAMAGED"),
                                     HasSubstr("\nholdfast: " + run_.file(200, testing::kShard) +
                                               ": a file of the checkpoint is missing; use "
                                               "another checkpoint\n")));
}

// A full disk is seen when the last of the output is written, and must be told.
TEST_F(BadInput, AnOutputThatCannotBeWritten) {
  const auto into_full_disk = [](testing::Words words) {
    const testing::Words shell = {"/bin/sh", "-c", "exec \"$0\" \"$@\" > /dev/full",
                                  HOLDFAST_PROGRAM};
    words.insert(words.begin(), shell.begin(), shell.end());
    return testing::run_process(words);
  };
  const std::string run = run_.path();
  const std::string words = "the standard output could not be written";
  for (const testing::Words& command : {testing::Words{"ls", run},
                                        {"ls", run, "--json"},
                                        {"show", run, "--json"},
                                        {"verify", run, "--json"},
                                        {"log", run},
                                        {"gc", run, "--dry-run"},
                                        {"report", run, "--to", directory_ / "report.html"},
                                        {"--help"},
                                        {"--version"}})
    expect_complaint(into_full_disk(command), 1, words);
  expect_complaint(into_full_disk({"diff", run_.path_of(100), run_.path_of(200)}), 2, words);
}

}  // namespace
}  // namespace holdfast
