// Puts a training command's resume to the proof.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/random_id.h>

#include "kill_steps.h"
#include "proof.h"
#include "proof_directory.h"
#include "trial.h"
#include "watched_runs.h"

namespace holdfast::tool {

inline constexpr const char* kRunPlaceholder = "{run}";

struct ProofOptions {
  // The steps to kill it at, exactly there. None: they are drawn, and it is not held there, so that
  // a kill comes at any instant within a step, and of a save.
  std::vector<std::int64_t> at;
  int crashes = 3;  // so many, then; the last only once there is a checkpoint to resume from
  std::uint64_t seed = 0;
  double timeout = 0;  // seconds for all of it; 0: as long as it takes
  std::string
      directory;  // where the runs stay; empty: temporary files, which stay unless it is exact
};

// Runs the command, in which {run} stands for a run directory, to its end; then in another run
// directory, where it is killed and started again; and compares every checkpoint that both runs
// have. The library in the command keeps all of them and tells its steps (protocol/proving.h). Says
// what it does on `out`, a line each. One to a process, as its signals are.
class Prover {
 public:
  // Error(kInvalidArgument) as ProofDirectory. `out` outlives this.
  Prover(ProofOptions options, std::vector<std::string> command, std::ostream& out);

  // Throws StopRequest, and Error(kInvalidArgument) if the command cannot be executed.
  Proof prove();

  const ProofDirectory& directory() const { return directory_; }

 private:
  // One of the two run directories, and what the command has done there.
  struct Run {
    std::string job = random_id();  // protocol/job.h
    std::string directory;          // that {run} stands for
    std::string path;               // of the run in it, once it is known
    WatchedRuns opened;
  };

  void find_out(Proof& proof);
  Start run_uninterrupted(Run& run);
  std::vector<std::int64_t> choose_steps(const Start& whole, Proof& proof) const;
  void run_with_kills(Run& run, const std::vector<std::int64_t>& steps, Proof& proof);
  // `with_checkpoint`: it is not killed before there is one to resume from.
  Start start(Run& run, const std::string& name, std::optional<std::int64_t> kill_at,
              bool with_checkpoint = false);
  RunComparison compare(const Run& uninterrupted, const Run& killed) const;
  void say(const std::string& text);

  ProofOptions options_;
  std::vector<std::string> command_;
  std::ostream& out_;
  Deadline deadline_;
  Signals signals_;
  ProofDirectory directory_;
  std::string log_;  // of the start that was the last
};

}  // namespace holdfast::tool
