// The batch script, with an scontrol that only notes what it is asked for.
#include <cstdlib>

#include "run_fixture.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Process;
using testing::Words;

class BatchScript : public testing::RunTest {
 protected:
  BatchScript() {
    std::filesystem::create_directory(directory_ / "bin");
    make_scontrol("echo \"$@\" >> '" + directory_ / "requests" + "'");
  }

  void make_scontrol(const std::string& script) const {
    const std::string path = directory_ / "bin/scontrol";
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }

  Words job(const std::string& script) const {
    Words words = {"/usr/bin/env", "PATH=" + directory_ / "bin" + ":" + std::getenv("PATH"),
                   "BASH_ENV=" + directory_ / "overrides", "SLURM_JOB_ID=4711",
                   std::string("HOLDFAST=") + HOLDFAST_PROGRAM};
    for (const char* word : {"bash", HOLDFAST_SOURCE_DIR "/scripts/slurm/train.sbatch"})
      words.emplace_back(word);
    if (script.empty()) return words;
    for (const std::string& word : training(script)) words.push_back(word);
    return words;
  }

  // Functions that take the place of the commands of these names in the script.
  void override_commands(const std::string& functions) const {
    std::ofstream(directory_ / "overrides") << functions << "\n";
  }

  // The script as a job that gets this signal once the training runs.
  Finished signalled(int signal, const std::string& script) const {
    override_commands("sleep() { :; }");  // it is passed on at once
    Process process(job(script + "\ntouch ready; wait_for never"));
    wait_for("ready", process);
    process.signal(signal);
    const int status = process.wait();
    return {status, process.output()};
  }

  std::vector<std::string> requests() const { return lines("requests"); }
};

TEST_F(BatchScript, RequeuesTheJobThatIsStoppedAheadOfItsTimeLimit) {
  const Finished finished = signalled(SIGUSR1, "trap 'touch asked; exit 75' USR1");
  EXPECT_EQ(finished.status, 75) << finished.output;
  EXPECT_TRUE(exists("asked"));
  EXPECT_THAT(requests(), ElementsAre("requeue 4711"));
}

TEST_F(BatchScript, IsTheSameJobWhenItIsRequeued) {
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(testing::run_process(job("echo $HOLDFAST_JOB >> jobs; exit 0")).status, 0);
  EXPECT_THAT(lines("jobs"), ElementsAre("slurm-4711", "slurm-4711"));
}

TEST_F(BatchScript, DoesNotRequeueAJobThatIsDone) {
  EXPECT_EQ(testing::run_process(job("exit 0")).status, 0);
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(BatchScript, DoesNotRequeueAJobThatGotDoneWhenItWasToStop) {
  EXPECT_EQ(signalled(SIGUSR1, "trap 'exit 0' USR1").status, 0);
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(BatchScript, DoesNotRequeueAJobThatFailed) {
  EXPECT_EQ(signalled(SIGUSR1, "trap 'exit 1' USR1").status, 1);
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(BatchScript, DoesNotRequeueAJobWithAConfigurationError) {
  EXPECT_EQ(testing::run_process(job("exit 2")).status, 2);
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(BatchScript, DoesNotRequeueAJobThatIsToEndAndStopsItsTraining) {
  EXPECT_EQ(signalled(SIGTERM, "trap 'touch asked; exit 75' TERM").status, 75);
  EXPECT_TRUE(exists("asked"));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(BatchScript, BeginsNoTrainingAfterASignalThatComesBeforeIt) {
  for (const char* const signal : {"USR1", "TERM"}) {
    SCOPED_TRACE(signal);
    override_commands("trap() { builtin trap \"$@\"; [ $2 = TERM ] && kill -" +
                      std::string(signal) + " $$; }");
    EXPECT_EQ(testing::run_process(job("touch begun; exit 0")).status, 75);
    EXPECT_FALSE(exists("begun"));
  }
  EXPECT_THAT(requests(), ElementsAre("requeue 4711"));
}

TEST_F(BatchScript, PassesASignalOnThatComesWhileTheToolGetsReady) {
  override_commands("sleep() { until [ -e '" + directory_ / "ready" +
                    "' ]; do command sleep 0.01; done; kill -USR1 $$; }");
  const Finished finished =
      testing::run_process(job("trap 'touch asked; exit 75' USR1\ntouch ready; wait_for never"));
  EXPECT_EQ(finished.status, 75) << finished.output;
  EXPECT_TRUE(exists("asked"));
  EXPECT_THAT(requests(), ElementsAre("requeue 4711"));
}

TEST_F(BatchScript, SaysThatTheJobCouldNotBeRequeued) {
  make_scontrol("exit 1");
  const Finished finished = signalled(SIGUSR1, "trap 'exit 75' USR1");
  EXPECT_EQ(finished.status, 75);
  EXPECT_THAT(finished.output, HasSubstr("the job could not be requeued"));
}

TEST_F(BatchScript, NeedsATrainingCommand) {
  const Finished finished = testing::run_process(job(""));
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, HasSubstr("no training command"));
}

}  // namespace
}  // namespace holdfast
