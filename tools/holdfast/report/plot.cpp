#include "report/plot.h"

#include <holdfast/text/number_text.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace holdfast::tool {
namespace {

// Of the drawing, in its own units: as many pixels on a page of 720.
constexpr double kWidth = 720, kHeight = 220;
constexpr double kLeft = 70, kRight = 12, kTop = 10, kBottom = 30;
constexpr double kTickHeight = 6;

using Points = std::vector<std::pair<double, double>>;

bool is_finite(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Wide enough to be divided by.
  Range opened() const {
    if (high > low) return {low, high};
    const double half = low == 0 ? 1 : std::abs(low) * 0.1;
    return {low - half, high + half};
  }
};

std::string coordinate(double value) {
  return text::number_text(std::round(value * 10) / 10);
}

std::string whole(double value) {
  return text::format_count(static_cast<std::int64_t>(std::llround(value)));
}

// Where values lie in the drawing.
class Scale {
 public:
  Scale(const Range& x, const Range& y) : x_(x.opened()), y_(y.opened()) {}

  double x(double value) const {
    return kLeft + (value - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight);
  }
  double y(double value) const {
    return kHeight - kBottom - (value - y_.low) / (y_.high - y_.low) * (kHeight - kTop - kBottom);
  }
  const Range& of_x() const { return x_; }
  const Range& of_y() const { return y_; }

 private:
  Range x_, y_;
};

// The least and the greatest of each of kMostPoints / 2 stretches, in their order.
Points thinned(const Points& points) {
  if (points.size() <= kMostPoints) return points;
  constexpr std::size_t kStretches = kMostPoints / 2;
  Points kept;
  for (std::size_t i = 0; i < kStretches; ++i) {
    const auto begin = points.begin() + static_cast<std::ptrdiff_t>(points.size() * i / kStretches);
    const auto end =
        points.begin() + static_cast<std::ptrdiff_t>(points.size() * (i + 1) / kStretches);
    const auto [least, most] = std::minmax_element(
        begin, end, [](const auto& a, const auto& b) { return a.second < b.second; });
    kept.push_back(*std::min(least, most));
    if (least != most) kept.push_back(*std::max(least, most));
  }
  return kept;
}

std::string line(double x1, double y1, double x2, double y2, const std::string& kind) {
  return "<line class=\"" + kind + "\" x1=\"" + coordinate(x1) + "\" y1=\"" + coordinate(y1) +
         "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" text-anchor=\"" + anchor +
         "\">" + escape_html(text) + "</text>\n";
}

std::string axes(const Plot& plot, const Scale& scale) {
  std::string svg;
  for (const double y : round_numbers(scale.of_y().low, scale.of_y().high, 5)) {
    svg += line(kLeft, scale.y(y), kWidth - kRight, scale.y(y), "grid");
    svg += label(kLeft - 6, scale.y(y) + 4, "end", plot.y_text(y));
  }
  for (const double x : round_numbers(scale.of_x().low, scale.of_x().high, 7))
    svg += label(scale.x(x), kHeight - 8, "middle", whole(x));
  const double bottom = kHeight - kBottom;
  svg += line(kLeft, bottom, kWidth - kRight, bottom, "axis") + "\n";
  for (const double x : plot.ticks)
    svg += line(scale.x(x), bottom, scale.x(x), bottom + kTickHeight, "checkpoint");
  return svg + "\n";
}

std::string marks(const Plot& plot, const Scale& scale) {
  std::string svg;
  for (const Mark& mark : plot.marks)
    svg += "<g><title>" + escape_html(mark.label) + "</title>" +
           line(scale.x(mark.x), kTop, scale.x(mark.x), kHeight - kBottom, mark.kind) + "</g>\n";
  return svg;
}

std::string curve(const Plot& plot, const Scale& scale) {
  const Points points = thinned(plot.series.points);
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
  const auto gaps = plot.series.points.size() -
                    static_cast<std::size_t>(std::count_if(plot.series.points.begin(),
                                                           plot.series.points.end(), is_finite));
  return "<figcaption>" + escape_html(plot.title) +
         (gaps == 0 ? "" : " <small>(" + std::to_string(gaps) + " not finite)</small>") +
         "</figcaption>\n";
}

}  // namespace

std::vector<double> round_numbers(double low, double high, int most) {
  if (!(high > low) || most < 1) return {};
  const double least = (high - low) / most;
  const double power = std::pow(10, std::floor(std::log10(least)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= least * (1 - 1e-9)) step = factor * power;
  std::vector<double> numbers;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
    numbers.push_back(i * step);
  if (numbers.size() > static_cast<std::size_t>(most))
    numbers.resize(static_cast<std::size_t>(most));
  return numbers;
}

std::string escape_html(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
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
  for (const Mark& mark : plot.marks) x.add(mark.x);
  for (const double tick : plot.ticks) x.add(tick);
  const Scale scale(x, y);
  svg += "<svg viewBox=\"0 0 " + coordinate(kWidth) + " " + coordinate(kHeight) +
         "\" role=\"img\" aria-label=\"" + escape_html(plot.title) + "\">\n";
  return svg + axes(plot, scale) + marks(plot, scale) + curve(plot, scale) + "</svg>\n</figure>\n";
}

}  // namespace holdfast::tool
