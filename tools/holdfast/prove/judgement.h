// Judges the command's resume from the starts of the killed run and from the compared checkpoints.
// Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proof.h"

namespace holdfast::tool {

// Thrown when nothing more can be found out.
struct NoProof {
  Finding finding;  // kNotResumed or kNotProven
  std::string reason;
  std::string log;  // the file that tells more; empty if there is none
};

// Throws NoProof if the last start went wrong: it failed by itself, ended before it could be
// killed, or did not go on from a checkpoint although there was one. `saved`: the steps that were committed
// before this start. `log`: the log file of this start.
void require_resumed(const std::vector<TrialResult>& starts, const std::vector<std::int64_t>& saved,
                     const std::string& log);

// Sets the finding, and the difference if there is one, of a proof whose two runs were compared.
// `whole`: the start of the uninterrupted run. Throws NoProof if the runs are the same but no
// compared checkpoint was saved after a resume, since that shows nothing.
void judge(const TrialResult& whole, Proof& proof);

// For each start of the killed run, how many of the compared checkpoints it has saved itself. A
// resume with 0 is not shown to be exact.
std::vector<std::size_t> compared_checkpoints(const Proof& proof);

std::string steps_text(const std::vector<std::int64_t>& steps);  // "step 3", "steps 3, 7 and 12"

}  // namespace holdfast::tool
