// What the starts of a run and its checkpoints say of the command's resume. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proof.h"

namespace holdfast::tool {

// Thrown where there is no more to be found out.
struct NoProof {
  Finding finding;  // kNotResumed or kNotProven
  std::string reason;
  std::string log;  // the file that tells more; empty: none does
};

// Throws NoProof if the last of the starts has not done what it should: ended without a failure or
// been killed, and gone on from a checkpoint if there was one. `saved`: the steps that were
// committed before it.
void require_resumed(const std::vector<Start>& starts, const std::vector<std::int64_t>& saved,
                     const std::string& log);

// The finding of a proof whose two runs have been compared, and the difference if there is one.
// `whole`: the uninterrupted run. Throws NoProof where they are the same and nothing is shown:
// where no checkpoint that was compared was saved after a resume.
void judge(const Start& whole, Proof& proof);

// Of each start: how many of the checkpoints that were compared it has saved itself, after where it
// began. A resume with none is not shown to be exact by them.
std::vector<std::size_t> compared_checkpoints(const Proof& proof);

std::string steps_text(const std::vector<std::int64_t>& steps);  // "step 3", "steps 3, 7 and 12"

}  // namespace holdfast::tool
