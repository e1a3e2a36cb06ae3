// What kind of state an entry of a checkpoint is, by its name (docs/format.md, "The names of a
// state"). Pure.
#pragma once

#include <string_view>

namespace holdfast::tool {

// In the order in which a difference of one becomes a difference of the next: the order of the data
// and what is drawn at random decide on a gradient, and so do the modes of a model; that on the
// optimizer's state, that on the parameters, and those on what is counted and averaged.
enum class StateKind {
  kDataOrder,
  kGenerator,
  kScheduler,
  kMode,      // train() and eval(), requires_grad
  kGradient,  // and which of them are defined
  kOptimizer,
  kParameter,
  kBuffer,
  kOwn,  // user/…, and what no convention has a name for
  kProgress,
};

inline constexpr StateKind kStateKinds[] = {
    StateKind::kDataOrder, StateKind::kGenerator, StateKind::kScheduler, StateKind::kMode,
    StateKind::kGradient,  StateKind::kOptimizer, StateKind::kParameter, StateKind::kBuffer,
    StateKind::kOwn,       StateKind::kProgress};

StateKind kind_of(std::string_view entry);
const char* to_string(StateKind kind);  // "data order", "random number generator" …

// Is it an option of an optimizer's group, such as its learning rate?
bool is_optimizer_option(std::string_view entry);
// Or a count of its steps, which no gradient has a part in?
bool is_optimizer_count(std::string_view entry);

}  // namespace holdfast::tool
