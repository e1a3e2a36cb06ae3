// What the keys of a configuration mean together. Internal to the configuration.
#pragma once

#include <holdfast/trainer/config_reader.h>

namespace holdfast::trainer {

// Fills in what depends on other keys: from_model, train.evaluate, checkpoint.metric.
void complete(Config& config);

// Every name refers to something, every model of the objective is trained by one optimizer, and the
// numbers fit one another; otherwise an Error(kInvalidArgument).
void check(const Config& config, const ConfigPlaces& places);

}  // namespace holdfast::trainer
