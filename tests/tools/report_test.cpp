// The page about a run: what is in it, and that a browser shows it.
#include <cmath>

#include "checkpoint_fixture.h"
#include "report/metrics_file.h"
#include "report/page.h"

namespace holdfast::tool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(RoundNumbers, AreOfStepsOfOneTwoOrFive) {
  EXPECT_THAT(round_numbers(0, 10, 5), ElementsAre(0, 2, 4, 6, 8));
  EXPECT_THAT(round_numbers(0, 1, 5), ElementsAre(0, 0.2, 0.4, 0.6000000000000001, 0.8));
  EXPECT_THAT(round_numbers(-120, 130, 3), ElementsAre(-100, 0, 100));
  EXPECT_THAT(round_numbers(1, 1, 5), ElementsAre());
  EXPECT_THAT(round_numbers(NAN, 1, 5), ElementsAre());
}

TEST(MetricsFile, HasASeriesForEachColumnOfNumbers) {
  const auto series = read_metrics(
      "step,epoch,\"loss, mean\",note,accuracy\n"
      "10,0,0.5,a,\n"
      "20,0,nan,b,0.25\n"
      "cut\n"
      "30,1,\"0.25\",\"c \"\"d\"\"\",1\n");
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[0].name, "loss, mean");
  ASSERT_EQ(series[0].points.size(), 3u);
  EXPECT_EQ(series[0].points[0], std::pair(10.0, 0.5));
  EXPECT_TRUE(std::isnan(series[0].points[1].second));
  EXPECT_EQ(series[0].points[2], std::pair(30.0, 0.25));
  EXPECT_THAT(series[1].points, ElementsAre(Pair(20, 0.25), Pair(30, 1)));
}

TEST(MetricsFile, WithoutStepsHasNone) {
  EXPECT_TRUE(read_metrics("").empty());
  EXPECT_TRUE(read_metrics("epoch,loss\n1,2\n").empty());
  EXPECT_TRUE(read_metrics("\"step").empty());
}

Plot plot_of(std::vector<std::pair<double, double>> points) {
  return {"a < b", {"loss", std::move(points)}, {}, {}, [](double) { return "y"; }};
}

TEST(Drawing, HasEveryPointAndGapsWhereThereIsNoNumber) {
  const std::string svg = draw(plot_of({{1, 2}, {2, NAN}, {3, 4}, {4, INFINITY}, {5, 1}, {6, 1}}));
  EXPECT_EQ(count_of(svg, "<circle"), 4u);
  EXPECT_EQ(count_of(svg, "<polyline"), 3u);
  EXPECT_THAT(svg, AllOf(HasSubstr("a &lt; b"), HasSubstr("2 not finite"), Not(HasSubstr("nan"))));
}

TEST(Drawing, OfManyPointsKeepsTheExtremes) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 100'000; ++i) points.emplace_back(i, i == 54'321 ? 9 : i % 2);
  const std::string svg = draw(plot_of(points));
  EXPECT_LE(count_of(svg, "<circle"), kMostPoints);
  EXPECT_THAT(svg, HasSubstr("<title>step 54,321: y</title>"));
}

TEST(Drawing, OfOnePointOrNoneIsThere) {
  EXPECT_THAT(draw(plot_of({{5, 0}})), AllOf(HasSubstr("<circle"), Not(HasSubstr("nan"))));
  EXPECT_THAT(draw(plot_of({{5, NAN}})), HasSubstr("no finite value"));
}

class ReportCommand : public testing::CheckpointTest {
 protected:
  ReportCommand() {
    for (const std::int64_t step : {100, 200}) save(step, testing::small_training());
    const Directory run = Directory::open(posix_file_system(), run_.path());
    EventLog log(run);
    for (int start = 0; start < 2; ++start) {
      log.append({"open", {{"host", std::string("<b>box</b>")}, {"pid", std::int64_t{7}}}});
      if (start == 1) log.append({"resume", {{"step", std::int64_t{100}}, {"from", run_.path()}}});
      log.append({"save",
                  {{"step", std::int64_t{100 + 100 * start}},
                   {"bytes", std::int64_t{1 << 20}},
                   {"durable_seconds", 0.5},
                   {"blocked_seconds", 0.125}}});
    }
    log.append({"close", {{"step", std::int64_t{200}}}});
    std::string metrics = "step,epoch,loss,accuracy\n";
    for (int step = 10; step <= 200; step += 10)
      metrics += std::to_string(step) + ",0," + std::to_string(1.0 / step) + ",0.5\n";
    testing::write_file(run_.path() + "/metrics.csv", metrics);
    file_ = directory_ / "report.html";
  }

  std::string make() const {
    const auto finished = testing::holdfast({"report", run_.path(), "--to", file_});
    EXPECT_EQ(finished.status, 0) << finished.output;
    return testing::read_file(file_);
  }

  testing::TemporaryDirectory directory_;
  std::string file_;
};

TEST_F(ReportCommand, HasThePlotsTheTableAndTheHistory) {
  const std::string page = make();
  EXPECT_EQ(count_of(page, "<svg "), 5u) << "two metrics, and three plots of saves";
  EXPECT_EQ(count_of(page, "<circle"), 2 * 20u + 3 * 2u);
  EXPECT_EQ(count_of(page, "class=\"crash\""), 5u);
  EXPECT_EQ(count_of(page, "class=\"resume\""), 5u);
  EXPECT_THAT(page, AllOf(HasSubstr("<td>200</td>"), HasSubstr("held up by saves</dt><dd>250 ms"),
                          HasSubstr("&lt;b&gt;box&lt;/b&gt;"), Not(HasSubstr("<b>"))));
}

TEST_F(ReportCommand, NeedsNothingFromElsewhere) {
  const std::string page = make();
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("http")),
                          Not(HasSubstr("@import")), Not(HasSubstr("url("))));
}

TEST_F(ReportCommand, GoesIntoTheRunUnlessToldOtherwiseAndReplacesTheLast) {
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(testing::holdfast({"report", run_.path()}).output, run_.path() + "/report.html\n");
  EXPECT_THAT(testing::read_file(run_.path() + "/report.html"), HasSubstr("</html>\n"));
}

TEST_F(ReportCommand, ThatCannotBeMadeIsOneLineOfComplaint) {
  for (const testing::Words& words :
       {testing::Words{"report", directory_ / "none"},
        testing::Words{"report", run_.path(), "--to", directory_ / "none/report.html"}}) {
    const auto finished = testing::holdfast(words);
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(), HasSubstr("none")));
  }
}

// With a script of the test's own, which tells what the browser made of the page.
TEST_F(ReportCommand, IsShownByABrowserWithoutAnErrorAndItsPlotsHaveTheData) {
  if (std::string(HOLDFAST_CHROMIUM).empty()) GTEST_SKIP() << "there is no chromium";
  std::string page = make();
  const std::string script =
      "<script>\n"
      "const drawn = [...document.querySelectorAll('svg')].map(svg => {\n"
      "  const box = svg.getBoundingClientRect();\n"
      "  const inside = [...svg.querySelectorAll('circle')].filter(circle => {\n"
      "    const at = circle.getBoundingClientRect();\n"
      "    return at.width > 0 && at.left >= box.left && at.right <= box.right &&\n"
      "           at.top >= box.top && at.bottom <= box.bottom;\n"
      "  });\n"
      "  return inside.length;\n"
      "});\n"
      "const fits = document.documentElement.scrollWidth <= window.innerWidth;\n"
      "document.title = 'drawn ' + drawn.join(' ') + (fits ? ' fits' : ' is too wide');\n"
      "</script>\n";
  testing::write_file(file_, page.insert(page.rfind("</body>"), script));
  for (const char* const size : {"--window-size=1280,900", "--window-size=500,800"}) {
    const auto shown = testing::run_process(
        {HOLDFAST_CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + (directory_ / "profile"),
         "--enable-logging=stderr", size, "--dump-dom", "file://" + file_});
    EXPECT_EQ(shown.status, 0) << shown.output;
    EXPECT_THAT(shown.output, HasSubstr("<title>drawn 20 20 2 2 2 fits</title>")) << size;
    EXPECT_THAT(shown.output, Not(HasSubstr("CONSOLE")));
  }
}

}  // namespace
}  // namespace holdfast::tool
