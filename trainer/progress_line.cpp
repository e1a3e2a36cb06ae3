#include <holdfast/trainer/progress_line.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <holdfast/text/units.h>

namespace holdfast::trainer {
namespace {

constexpr std::size_t kNarrowestBar = 12, kWidestBar = 40;  // columns, brackets included
constexpr std::string_view kGap = "  ";
constexpr std::string_view kGreen = "\x1b[32m", kPlain = "\x1b[0m";

// A part of the line. If not all parts fit, those of lower weight are left out first.
struct Part {
  int weight = 0;
  std::string text;
};

std::string of_total(std::int64_t value, std::int64_t total) {
  return text::format_count(value) + (total > 0 ? '/' + text::format_count(total) : "");
}

double fraction_of(const TrainingStatus& status) {
  const double fraction =
      static_cast<double>(status.step) / static_cast<double>(status.total_steps);
  return std::clamp(fraction, 0.0, 1.0);
}

std::string step_text(const TrainingStatus& status) {
  return "step " + of_total(status.step, status.total_steps);
}

std::string epoch_text(const TrainingStatus& status) {
  const std::int64_t shown = status.epoch + 1;  // larger than `epochs` after the last epoch
  return "epoch " +
         of_total(status.epochs > 0 ? std::min(shown, status.epochs) : shown, status.epochs);
}

// The parts behind the step, in the order in which they are shown.
std::vector<Part> parts_of(const ProgressView& view) {
  std::vector<Part> parts{{2, epoch_text(view.status)}};
  if (view.status.loss) parts.push_back({6, "loss " + text::format_loss(*view.status.loss)});
  if (view.samples_per_second) parts.push_back({1, text::format_rate(*view.samples_per_second)});
  if (view.eta_seconds) parts.push_back({4, "ETA " + text::format_eta(*view.eta_seconds)});
  if (!view.save.empty()) parts.push_back({3, view.save});
  return parts;
}

std::string join(const std::string& first, const std::vector<Part>& parts) {
  std::string line = first;
  for (const Part& part : parts) (line += kGap) += part.text;
  return line;
}

std::string bar(double fraction, std::size_t columns, bool color) {
  const std::size_t inside = columns - 2;
  const auto done = static_cast<std::size_t>(fraction * static_cast<double>(inside));
  std::string fill(done, '=');
  if (done < inside) fill += '>';
  const std::string rest(inside - fill.size(), ' ');
  return '[' + (color ? std::string(kGreen) + fill + std::string(kPlain) : fill) + rest + ']';
}

// Leaves out parts until the line fits, and returns the columns left for the bar; 0: no bar. Parts
// of less weight than the bar go first; if the narrowest bar still does not fit, the bar goes, and
// then the other parts.
std::size_t make_room(const std::string& step, std::vector<Part>& parts, std::size_t columns,
                      bool wants_bar) {
  constexpr int kBarWeight = 5;
  const std::size_t least_bar = wants_bar ? kNarrowestBar + kGap.size() : 0;
  const auto lightest = [&] {
    return std::min_element(parts.begin(), parts.end(),
                            [](const Part& a, const Part& b) { return a.weight < b.weight; });
  };
  const auto used = [&] { return join(step, parts).size(); };
  while (!parts.empty() && lightest()->weight < kBarWeight && used() + least_bar > columns) {
    parts.erase(lightest());
  }
  if (wants_bar && used() + least_bar <= columns) {
    return std::min(columns - used() - kGap.size(), kWidestBar);
  }
  while (!parts.empty() && used() > columns) parts.erase(lightest());
  return 0;
}

}  // namespace

std::string progress_bar_line(const ProgressView& view, int columns, bool color) {
  const auto width = static_cast<std::size_t>(std::max(columns, 0));
  const std::string step = step_text(view.status);
  std::vector<Part> parts = parts_of(view);
  const std::size_t bar_columns = make_room(step, parts, width, view.status.total_steps > 0);
  if (bar_columns == 0) return join(step, parts).substr(0, width);
  return join(step + std::string(kGap) + bar(fraction_of(view.status), bar_columns, color), parts);
}

std::string progress_log_line(const ProgressView& view) {
  ProgressView shown = view;
  shown.save.clear();
  return join(step_text(shown.status), parts_of(shown));
}

}  // namespace holdfast::trainer
