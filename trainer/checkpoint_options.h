// Translates the configuration's words for checkpoints into those of the library.
#pragma once

#include <holdfast/checkpoint/options.h>
#include <holdfast/trainer/config.h>

namespace holdfast::trainer {

// Returns the options that the sections `checkpoint` and `resume` of a configuration ask for. The
// callbacks and Options::configuration are the caller's to set.
Options checkpoint_options(const Config& config);

}  // namespace holdfast::trainer
