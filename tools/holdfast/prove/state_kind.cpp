#include "state_kind.h"

#include <holdfast/checkpoint/format/names.h>

#include <string>
#include <vector>

namespace holdfast::tool {
namespace {

// optimizers/<name>/<group>/…
bool is_in_optimizers(const std::vector<std::string_view>& components, std::string_view group) {
  return components.size() > 3 && components[0] == "optimizers" && components[2] == group;
}

}  // namespace

StateKind kind_of(std::string_view entry) {
  const std::vector<std::string_view> components = format::components_of(entry);
  const std::string_view top = components.front();
  if (top == "data") return StateKind::kDataOrder;
  if (top == "rng") return StateKind::kGenerator;
  if (top == "schedulers") return StateKind::kScheduler;
  if (top == "gradients") return StateKind::kGradient;
  if (top == "modes")
    return components.back() == "has_gradient" ? StateKind::kGradient : StateKind::kMode;
  if (top == "optimizers") return StateKind::kOptimizer;
  if (top == "progress") return StateKind::kProgress;
  if (top != "models") return StateKind::kOwn;
  const bool is_buffer = components.size() > 3 && components[2] == "buffers";
  return is_buffer ? StateKind::kBuffer : StateKind::kParameter;
}

const char* to_string(StateKind kind) {
  switch (kind) {
    case StateKind::kDataOrder:
      return "data order";
    case StateKind::kGenerator:
      return "random number generator";
    case StateKind::kScheduler:
      return "scheduler";
    case StateKind::kMode:
      return "modes of a model";
    case StateKind::kGradient:
      return "gradients";
    case StateKind::kOptimizer:
      return "optimizer";
    case StateKind::kParameter:
      return "parameters";
    case StateKind::kBuffer:
      return "buffers";
    case StateKind::kOwn:
      return "the program's own";
    case StateKind::kProgress:
      return "progress counters";
  }
  return "";
}

bool is_optimizer_option(std::string_view entry) {
  return is_in_optimizers(format::components_of(entry), "groups");
}

bool is_optimizer_count(std::string_view entry) {
  const std::vector<std::string_view> components = format::components_of(entry);
  return is_in_optimizers(components, "state") && components.back() == "step";
}

}  // namespace holdfast::tool
