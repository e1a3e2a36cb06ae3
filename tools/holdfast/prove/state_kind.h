// Tells the kind of state that an entry of a checkpoint is, from its name (docs/format.md, "The
// names of a state"). Pure functions.
#pragma once

#include <string_view>

namespace holdfast::tool {

// In the order of cause and effect. Data order, random numbers, learning rates and the modes of a
// model decide on the gradients. Gradients decide on the optimizer's state, that decides on the
// parameters, and these decide on everything that is averaged or counted.
enum class StateKind {
  kDataOrder,
  kGenerator,
  kScheduler,
  kMode,      // train() and eval(), requires_grad
  kGradient,  // values of gradients, and which gradients are defined
  kOptimizer,
  kParameter,
  kBuffer,
  kOwn,  // entries below user/, and all others that no convention names
  kProgress,
};

inline constexpr StateKind kStateKinds[] = {
    StateKind::kDataOrder, StateKind::kGenerator, StateKind::kScheduler, StateKind::kMode,
    StateKind::kGradient,  StateKind::kOptimizer, StateKind::kParameter, StateKind::kBuffer,
    StateKind::kOwn,       StateKind::kProgress};

StateKind kind_of(std::string_view entry);
const char* to_string(StateKind kind);  // "data order", "random number generator" …

// True for an option of an optimizer's parameter group, such as its learning rate.
bool is_optimizer_option(std::string_view entry);
// True for an optimizer's count of steps, which does not depend on gradients.
bool is_optimizer_count(std::string_view entry);

}  // namespace holdfast::tool
