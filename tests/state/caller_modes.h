// The per-thread modes of LibTorch in which a program may call the library.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

namespace holdfast::testing {

struct CallerMode {
  std::string name;
  bool no_grad = false;  // a NoGradGuard, made first
  std::optional<bool>
      inference;  // an InferenceMode, made after it; false switches gradients on again
};

inline std::vector<CallerMode> caller_modes() {
  return {{"as the thread begins", false, std::nullopt},
          {"NoGradGuard", true, std::nullopt},
          {"InferenceMode", false, true},
          {"InferenceMode(false)", false, false},
          {"InferenceMode(false) behind a NoGradGuard", true, false}};
}

// Runs `action` in that mode. Expects that the action leaves the mode as it was.
template <typename Do>
void in_mode(const CallerMode& mode, const Do& action) {
  std::optional<torch::NoGradGuard> no_grad;
  std::optional<c10::InferenceMode> inference;
  if (mode.no_grad) no_grad.emplace();
  if (mode.inference) inference.emplace(*mode.inference);
  const bool gradients = torch::GradMode::is_enabled();
  action();
  EXPECT_EQ(torch::GradMode::is_enabled(), gradients) << mode.name;
  EXPECT_EQ(c10::InferenceMode::is_enabled(), mode.inference.value_or(false)) << mode.name;
  inference.reset();  // in the reverse order of their making
  no_grad.reset();
}

}  // namespace holdfast::testing
