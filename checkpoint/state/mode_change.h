// What a restore changed of how a model trains, beside its values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace holdfast {

struct ModeChange {
  enum class Mode {
    kTraining,      // of submodules: train() or eval()
    kRequiresGrad,  // of parameters
    kGradient,      // of parameters: whether their gradient is defined
  };
  static constexpr std::size_t kMostNames = 10;

  std::string model;  // as it is registered
  Mode mode = Mode::kTraining;
  // What they are now, and were not before. A gradient that is defined now holds zeros; it may have
  // held other values before.
  bool now = false;
  std::size_t count = 0;           // of them
  std::vector<std::string> names;  // dotted, of the first kMostNames; "" is the model itself
};

// In one line: "model net: 2 submodules are in evaluation mode again: norm, dropout". Names are
// escaped, as in those of entries (docs/format.md).
std::string to_string(const ModeChange& change);

}  // namespace holdfast
