#include <holdfast/checkpoint/state/mode_change.h>

#include <holdfast/checkpoint/format/names.h>

namespace holdfast {
namespace {

struct Wording {
  const char* one;
  const char* several;
  const char* is_on;
  const char* is_off;
};

Wording wording_of(ModeChange::Mode mode) {
  switch (mode) {
    case ModeChange::Mode::kTraining:
      return {"submodule", "submodules", "in training mode again", "in evaluation mode again"};
    case ModeChange::Mode::kRequiresGrad:
      return {"parameter", "parameters", "trainable again", "frozen again"};
    case ModeChange::Mode::kGradient:
      return {"gradient", "gradients", "defined again, as zeros", "undefined again"};
  }
  return {};
}

std::string listed(const ModeChange& change) {
  std::string text;
  for (const std::string& name : change.names) {
    text += (text.empty() ? "" : ", ") + (name.empty() ? "the model itself" : format::escape(name));
  }
  const std::size_t others = change.count - change.names.size();
  return others == 0 ? text : text + " and " + std::to_string(others) + " more";
}

}  // namespace

std::string to_string(const ModeChange& change) {
  const Wording wording = wording_of(change.mode);
  return "model " + format::escape(change.model) + ": " + std::to_string(change.count) + " " +
         (change.count == 1 ? wording.one : wording.several) +
         (change.count == 1 ? " is " : " are ") + (change.now ? wording.is_on : wording.is_off) +
         ": " + listed(change);
}

}  // namespace holdfast
