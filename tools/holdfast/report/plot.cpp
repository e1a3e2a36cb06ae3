#include "report/plot.h"

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace holdfast::tool {
namespace {

// The size of the drawing and its margins, in units of about one pixel, both on a phone and in a
// column of a wide page.
constexpr double kWidth = 460, kHeight = 200;
constexpr double kLeft = 70, kRight = 12, kTop = 10, kBottom = 30;
constexpr double kTickHeight = 6;

constexpr double kLetter = 7;  // an upper bound of the width of a digit

using Limits = std::numeric_limits<double>;

struct Range {
  double low = Limits::infinity();
  double high = -Limits::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // The range itself, or a wider one if it is too narrow to divide by and to have different round
  // numbers in it. Values that differ only in their last bits are then drawn in the middle.
  Range opened() const {
    const double largest = std::max(std::abs(low), std::abs(high));
    if (high / 2 - low / 2 > largest * kLeastWidth) return {low, high};
    const double half = largest == 0 ? 1 : std::max(largest * 0.1, Limits::min());
    return {std::max(low - half, Limits::lowest()), std::min(high + half, Limits::max())};
  }
  // Where a value lies in the range: 0 at `low`, 1 at `high`. The second formula avoids an
  // overflow.
  double part(double value) const {
    if (std::isfinite(high - low)) return (value - low) / (high - low);
    return (value / 2 - low / 2) / (high / 2 - low / 2);
  }

 private:
  static constexpr double kLeastWidth = 1e-12;
};

std::string coordinate(double value) {
  return number_text(std::round(value * 10) / 10);
}

std::string whole(double value) {
  constexpr double kMost = 9e15;
  if (std::abs(value) > kMost) return number_text(value, 6);
  return text::format_count(static_cast<std::int64_t>(std::llround(value)));
}

std::string count_text(std::size_t count) {
  return text::format_count(static_cast<std::int64_t>(count));
}

// Converts values to coordinates in the drawing.
class Scale {
 public:
  Scale(const Range& x, const Range& y, double left) : x_(x), y_(y), left_(left) {}

  double left() const { return left_; }
  double x(double value) const { return left_ + x_.part(value) * (kWidth - left_ - kRight); }
  double y(double value) const {
    return kHeight - kBottom - y_.part(value) * (kHeight - kTop - kBottom);
  }
  // The column of pixels that an x lies in.
  long column(double value) const { return std::lround(x(value)); }
  const Range& of_x() const { return x_; }

 private:
  Range x_, y_;
  double left_;
};

// A gridline and its label.
struct Tick {
  double y;
  std::string text;
};

// Leaves out a gridline whose label would be the same as the one below it.
std::vector<Tick> ticks_in(const Range& y, const Plot& plot) {
  std::vector<Tick> ticks;
  for (const double value : round_numbers(y.low, y.high, 5)) {
    const std::string text = plot.tick_text(value);
    if (ticks.empty() || ticks.back().text != text) ticks.push_back({value, text});
  }
  return ticks;
}

// The left margin: wide enough for the longest label.
double left_of(const std::vector<Tick>& ticks) {
  std::size_t longest = 0;
  for (const Tick& tick : ticks) longest = std::max(longest, tick.text.size());
  return std::max(kLeft, static_cast<double>(longest) * kLetter + 8);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& kind) {
  return "<line class=\"" + kind + "\" x1=\"" + coordinate(x1) + "\" y1=\"" + coordinate(y1) +
         "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" text-anchor=\"" + anchor +
         "\">" + escape_html(text) + "</text>\n";
}

// Labels of the x axis at whole numbers. They do not touch each other and do not cross the edge.
std::string step_labels(const Scale& scale) {
  constexpr double kGap = 10;
  double free_from = 0;
  std::string labels;
  for (const double step : round_numbers(scale.of_x().low, scale.of_x().high, 7)) {
    if (std::abs(step - std::round(step)) >= 1e-6) continue;
    const std::string text = whole(step);
    const double half = static_cast<double>(text.size()) * kLetter / 2;
    const double middle = std::min(scale.x(step), kWidth - half);
    if (middle - half < free_from) continue;
    labels += label(middle, kHeight - 8, "middle", text);
    free_from = middle + half + kGap;
  }
  return labels;
}

std::string axes(const Plot& plot, const Scale& scale, const std::vector<Tick>& gridlines) {
  std::string svg;
  for (const Tick& tick : gridlines) {
    const double y = scale.y(tick.y);
    svg += line(scale.left(), y, kWidth - kRight, y, "grid");
    svg += label(scale.left() - 6, y + 4, "end", tick.text);
  }
  svg += step_labels(scale);
  const double bottom = kHeight - kBottom;
  svg += line(scale.left(), bottom, kWidth - kRight, bottom, "axis") + "\n";
  std::set<long> columns;
  for (const double x : plot.ticks)
    if (columns.insert(scale.column(x)).second)
      svg += line(scale.x(x), bottom, scale.x(x), bottom + kTickHeight, "checkpoint");
  return svg + "\n";
}

std::string marks(const Plot& plot, const Scale& scale) {
  std::map<std::pair<long, std::string>, std::vector<const VerticalLine*>> columns;
  for (const VerticalLine& mark : plot.marks)
    columns[{scale.column(mark.x), mark.kind}].push_back(&mark);
  std::string svg;
  for (const auto& [column, here] : columns) {
    const VerticalLine& mark = *here.front();
    const std::string others =
        here.size() == 1 ? "" : " (and " + count_text(here.size() - 1) + " more here)";
    const double x = scale.x(mark.x);
    svg += "<g><title>" + escape_html(mark.label + others) + "</title>" +
           line(x, kTop, x, kHeight - kBottom, mark.kind) + "</g>\n";
  }
  return svg;
}

std::string curve(const Plot& plot, const Scale& scale) {
  const Points& all = plot.series.points;
  const Points points = all.size() <= kMostPoints ? all : thinned(all, kMostPoints / 2);
  std::string lines, dots, run;
  const auto end_run = [&] {
    if (!run.empty()) lines += "<polyline class=\"curve\" points=\"" + run + "\"/>\n";
    run.clear();
  };
  for (const auto& point : points) {
    if (!is_finite(point)) {
      end_run();
      continue;
    }
    const std::string x = coordinate(scale.x(point.first)), y = coordinate(scale.y(point.second));
    run += (run.empty() ? "" : " ") + x + "," + y;
    dots += "<circle cx=\"" + x + "\" cy=\"" + y + "\" r=\"2\"><title>step " + whole(point.first) +
            ": " + escape_html(plot.y_text(point.second)) + "</title></circle>\n";
  }
  end_run();
  return lines + dots;
}

std::string caption(const Plot& plot) {
  const std::size_t gaps = plot.series.gaps();
  return "<figcaption>" + escape_html(plot.title) +
         (gaps == 0 ? "" : " <small>(" + count_text(gaps) + " not finite)</small>") +
         "</figcaption>\n";
}

}  // namespace

std::vector<double> round_numbers(double low, double high, int most) {
  if (!(high > low) || most < 1) return {};
  const double least = high / most - low / most;
  const double power = std::pow(10, std::floor(std::log10(least)));
  if (!std::isfinite(least) || !std::isnormal(power)) return {};
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= least * (1 - 1e-9)) step = factor * power;
  const double first = std::ceil(low / step - 1e-9);
  std::vector<double> numbers;
  for (int i = 0; i < most; ++i) {
    const double number = (first + i) * step;
    if (!std::isfinite(number) || number > high + step * 1e-9) break;
    if (numbers.empty() || number > numbers.back()) numbers.push_back(number);
  }
  return numbers;
}

std::string escape_html(const std::string& text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string draw(const Plot& plot) {
  Range x, y;
  for (const auto& point : plot.series.points) {
    if (!is_finite(point)) continue;
    x.add(point.first);
    y.add(point.second);
  }
  std::string svg = "<figure>\n" + caption(plot);
  if (y.high < y.low) return svg + "<p>no finite value</p>\n</figure>\n";
  for (const VerticalLine& mark : plot.marks) x.add(mark.x);
  for (const double tick : plot.ticks) x.add(tick);
  const std::vector<Tick> gridlines = ticks_in(y.opened(), plot);
  const Scale scale(x.opened(), y.opened(), left_of(gridlines));
  svg += "<svg viewBox=\"0 0 " + coordinate(kWidth) + " " + coordinate(kHeight) +
         "\" role=\"img\" aria-label=\"" + escape_html(plot.title) + "\">\n";
  return svg + axes(plot, scale, gridlines) + marks(plot, scale) + curve(plot, scale) +
         "</svg>\n</figure>\n";
}

}  // namespace holdfast::tool
