// What a restore changed in how a model trains. Its values are another matter.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace holdfast {

struct ModeChange {
  enum class Mode {
    kTraining,      // submodules: train() or eval()
    kRequiresGrad,  // parameters: requires_grad
    kGradient,      // parameters: whether their gradient is defined
  };
  static constexpr std::size_t kMostNames = 10;

  std::string model;  // the name it is registered under
  Mode mode = Mode::kTraining;
  // The new value of the mode: true is train(), requires_grad, or a defined gradient. A gradient
  // that was defined before, too, is listed if it was filled with zeros.
  bool now = false;
  std::size_t count = 0;           // how many submodules or parameters were changed to `now`
  std::vector<std::string> names;  // dotted names of the first kMostNames; "" is the model itself
};

// One line: "model net: 2 submodules are in evaluation mode again: norm, dropout". Names are
// escaped as in the names of entries (docs/format.md).
std::string to_string(const ModeChange& change);

}  // namespace holdfast
