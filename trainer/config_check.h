// Checks how the keys of a configuration fit together. Internal to the configuration.
#pragma once

#include <holdfast/trainer/config_reader.h>

namespace holdfast::trainer {

// Sets the defaults that depend on other keys: from_model, train.evaluate, checkpoint.metric.
void complete(Config& config);

// Throws Error(kInvalidArgument) unless every name refers to something, every model of the
// objective is trained by exactly one optimizer, and the numbers fit one another.
void check(const Config& config, const ConfigPlaces& places);

}  // namespace holdfast::trainer
