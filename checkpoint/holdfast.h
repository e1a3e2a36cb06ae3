// All that a training needs: the Checkpointer of a run, the State that it saves and restores, the
// Reader of checkpoints, and the Error that all of them throw.
#pragma once

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/data/batches.h>
#include <holdfast/checkpoint/data/sample_random.h>
#include <holdfast/checkpoint/options.h>
#include <holdfast/checkpoint/reader.h>
#include <holdfast/checkpoint/state/state.h>
#include <holdfast/checkpoint/state/stateful.h>
