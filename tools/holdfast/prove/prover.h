// Proves that a training command's resume is exact, or finds where it is not.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/random_id.h>

#include "kill_steps.h"
#include "proof.h"
#include "proof_directory.h"
#include "run/watched_runs.h"
#include "trial.h"

namespace holdfast::tool {

inline constexpr const char* kRunPlaceholder = "{run}";

struct ProofOptions {
  // The steps to kill the command at; it waits at each of them for its kill. If empty, `crashes`
  // steps are drawn and the command does not wait, so that a kill may come at any instant of a step
  // or save.
  std::vector<std::int64_t> at;
  // How many steps to draw. The last of these kills waits until there is a checkpoint to resume
  // from.
  int crashes = 3;
  std::uint64_t seed = 0;
  double timeout = 0;  // seconds for everything; 0 for no limit
  // Where the runs stay. If empty, temporary files, which stay unless the resume is exact.
  std::string directory;
};

// In the command, {run} stands for a run directory. Runs the command to its end in one run
// directory; then in another one, where it is killed and started again; then compares every
// checkpoint that both runs have. The library in the command keeps all checkpoints and tells its
// steps (protocol/proving.h). Writes a line to `out` for each thing that it does. A process may
// have only one Prover, since signals are sent to the process.
class Prover {
 public:
  // Throws as the constructor of ProofDirectory does. `out` must outlive this object.
  Prover(ProofOptions options, std::vector<std::string> command, std::ostream& out);

  // Throws StopRequest if a signal comes, and Error(kInvalidArgument) if the command cannot be
  // executed.
  Proof prove();

  const ProofDirectory& directory() const { return directory_; }

 private:
  // One of the two run directories, and what the command has done there.
  struct Run {
    std::string job = random_id();  // protocol/job.h
    std::string directory;          // what {run} is replaced by
    std::string path;               // the run in that directory, once it is known
    WatchedRuns opened;
  };

  void find_out(Proof& proof);
  TrialResult run_uninterrupted(Run& run);
  std::vector<std::int64_t> choose_steps(const TrialResult& whole, Proof& proof) const;
  void run_with_kills(Run& run, const std::vector<std::int64_t>& steps, Proof& proof);
  // Starts the command once. With `with_checkpoint`, it is not killed before there is a checkpoint
  // to resume from.
  TrialResult start(Run& run, const std::string& name, std::optional<std::int64_t> kill_at,
                    bool with_checkpoint = false);
  RunComparison compare(const Run& uninterrupted, const Run& killed) const;
  void say(const std::string& text);

  ProofOptions options_;
  std::vector<std::string> command_;
  std::ostream& out_;
  Deadline deadline_;
  Signals signals_;
  ProofDirectory directory_;
  std::string log_;  // the log file of the last start
};

}  // namespace holdfast::tool
