// The page about a run: what is in it, and that a browser shows it.
#include <sys/stat.h>

#include <cfloat>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/marks/marks.h>

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

std::vector<Series> read_metrics(const std::string& csv, std::size_t part = 7) {
  MetricsReader reader;
  for (std::size_t i = 0; i < csv.size(); i += part) reader.add(csv.substr(i, part));
  return reader.finish();
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

TEST(MetricsFile, IsTheSameInPartsOfAnyLength) {
  const std::string csv = "step,\"a \"\"b\"\"\"\r\n1,\"2\"\r\n\"3\",4";
  for (std::size_t part = 1; part <= csv.size(); ++part) {
    const auto series = read_metrics(csv, part);
    ASSERT_EQ(series.size(), 1u);
    EXPECT_EQ(series[0].name, "a \"b\"");
    EXPECT_THAT(series[0].points, ElementsAre(Pair(1, 2), Pair(3, 4)));
  }
}

TEST(MetricsFile, WithTooManyColumnsHasNone) {
  const std::string many(2 * MetricsReader::kMostColumns, ',');
  EXPECT_TRUE(read_metrics("step" + many + "\n1" + many + "\n").empty());
  const auto series = read_metrics("step,loss\n1" + many + "\n2,3\n");
  ASSERT_EQ(series.size(), 1u);
  EXPECT_THAT(series[0].points, ElementsAre(Pair(2, 3)));
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

TEST(RoundNumbers, AreFewHoweverCloseOrFarTheEndsAre) {
  EXPECT_LE(round_numbers(0.1, 0.1 + 1e-17, 5).size(), 5u);
  EXPECT_LE(round_numbers(0.1, std::nextafter(0.1, 1), 5).size(), 5u);
  EXPECT_LE(round_numbers(1e300, std::nextafter(1e300, INFINITY), 5).size(), 5u);
  EXPECT_THAT(round_numbers(-1e308, 1e308, 5), ElementsAre(-1e308, -5e307, 0, 5e307, 1e308));
  EXPECT_LE(round_numbers(-DBL_MAX, DBL_MAX, 5).size(), 5u);
  EXPECT_THAT(round_numbers(-DBL_MAX, DBL_MAX, 1).size(), 0u);
  EXPECT_THAT(round_numbers(0, 5e-324, 5), ElementsAre());
}

TEST(Drawing, OfAConstantThatDiffersInItsLastBitHasALineInTheMiddle) {
  const std::string svg = draw(plot_of({{1, 0.1}, {2, std::nextafter(0.1, 1)}}));
  EXPECT_THAT(svg, AllOf(HasSubstr("points=\"70,90 448,90\""), Not(HasSubstr("nan"))));
}

TEST(Drawing, OfTheLargestNumbersStaysInThePlot) {
  const std::string svg = draw(plot_of({{1, -DBL_MAX}, {2, DBL_MAX}, {3, 0}, {1e300, 1}}));
  EXPECT_THAT(svg, AllOf(HasSubstr("points=\"70,170 70,10 70,90 448,90\""), Not(HasSubstr("nan")),
                         Not(HasSubstr("inf"))));
}

TEST(Drawing, OfManyPointsHasTheFiniteExtremesAndAGapAtAllThatAreNone) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 100'000; ++i) points.emplace_back(i, i % 3 == 0 ? NAN : i % 2);
  points[54'321] = {54'321, 9};
  points[60'000] = {60'000, -INFINITY};
  const std::string svg = draw(plot_of(points));
  EXPECT_EQ(count_of(svg, "<circle"), kMostPoints);
  EXPECT_EQ(count_of(svg, "<polyline"), 500u) << "the last point is a gap";
  EXPECT_THAT(svg, AllOf(HasSubstr("<title>step 54,321: y</title>"),
                         HasSubstr("(33,333 not finite)"), Not(HasSubstr("nan"))));
}

TEST(Drawing, HasOneMarkOfAKindInAColumnOfPixels) {
  Plot plot = plot_of({{0, 1}, {100'000, 2}});
  for (int i = 0; i <= 100'000; ++i) {
    plot.marks.push_back({static_cast<double>(i), i % 2 == 0 ? "crash" : "resume", "at"});
    plot.ticks.push_back(i);
  }
  const std::string svg = draw(plot);
  EXPECT_EQ(count_of(svg, "class=\"crash\""), 379u);
  EXPECT_EQ(count_of(svg, "class=\"resume\""), 379u);
  EXPECT_EQ(count_of(svg, "class=\"checkpoint\""), 379u);
  EXPECT_THAT(svg, HasSubstr("at (and 131 more here)"));
}

TEST(Drawing, HasRoomForTheDigitsOfItsGridlines) {
  Plot plot = plot_of({{1, 1}, {2, 1.00000004}});
  plot.tick_text = [](double y) { return number_text(y, 14); };
  EXPECT_THAT(draw(plot),
              AllOf(HasSubstr(">1.00000001</text>"), HasSubstr("points=\"78,170 448,10\"")));
}

TEST(Drawing, HasFewerStepsAtItsAxisTheLongerTheyAre) {
  const auto steps = [](double last) {
    return count_of(draw(plot_of({{0, 1}, {last, 2}})), "text-anchor=\"middle\"");
  };
  EXPECT_EQ(steps(6), 7u);
  EXPECT_EQ(steps(60'000), 7u);
  EXPECT_EQ(steps(6'000'000'000), 4u);
}

TEST(Escaping, LeavesNothingThatABrowserWouldTakeForMarkup) {
  EXPECT_EQ(escape_html("<a href=\"x\" id='y'>&"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
  EXPECT_EQ(escape_html("a\x1b[31m\nb\xff"), "a\\x1b[31m\\x0ab\\xff");
  EXPECT_EQ(escape_html("é"), "é");
}

TEST(SeriesOfManyPoints, IsThinnedAndKeepsItsExtremesAndItsCountOfGaps) {
  Series series{"loss", {}};
  for (std::size_t i = 0; i < 3 * Series::kMostKept; ++i)
    series.add(static_cast<double>(i), i == 7 ? 9.0 : i % 1000 == 0 ? NAN : 1.0);
  EXPECT_LE(series.points.size(), Series::kMostKept);
  EXPECT_EQ(series.gaps(), (3 * Series::kMostKept + 999) / 1000);
  EXPECT_THAT(series.points, ::testing::Contains(Pair(7, 9)));
  EXPECT_EQ(series.points.back().first, 3.0 * Series::kMostKept - 1);
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

TEST_F(ReportCommand, ShowsNoTimeOfAVerificationThatIsNone) {
  const Directory run = Directory::open(posix_file_system(), run_.path());
  const auto id = identify(Directory::open(posix_file_system(), run_.path_of(200)), 200);
  Marks(run).set_verified(id, "<img src=x onerror=alert(1)>");
  EXPECT_THAT(make(), Not(HasSubstr("<img")));
}

TEST_F(ReportCommand, WithoutAMetricsFileShowsTheMetricsOfTheCheckpoints) {
  std::filesystem::remove(run_.path() + "/metrics.csv");
  const std::string page = make();
  EXPECT_EQ(count_of(page, "<svg "), 4u) << "accuracy, and three plots of saves: loss is NaN";
  EXPECT_THAT(page, AllOf(HasSubstr("<title>step 200: 0.875</title>"),
                          HasSubstr("these are the metrics of the checkpoints")));
}

TEST_F(ReportCommand, ReadsAMetricsFileOfAnySize) {
  std::filesystem::resize_file(run_.path() + "/metrics.csv", (std::uintmax_t{256} << 20) + 1);
  EXPECT_EQ(count_of(make(), "<circle"), 2 * 20u + 3 * 2u);
}

TEST_F(ReportCommand, CountsAllOfTheTimeThatAProcessWaitedForItsSaves) {
  const Directory run = Directory::open(posix_file_system(), run_.path());
  EventLog log(run);
  log.append({"open", {}});
  log.append({"save", {{"step", std::int64_t{300}}, {"blocked_seconds", 1.0}}});
  log.append({"save", {{"step", std::int64_t{400}}, {"blocked_seconds", 2.0}}});
  log.append({"close", {{"step", std::int64_t{400}}, {"blocked_seconds", 7.5}}});
  log.append({"open", {}});
  log.append({"close", {{"step", std::int64_t{400}}, {"blocked_seconds", 9.0}}});
  const std::string page = make();
  EXPECT_THAT(page, AllOf(HasSubstr("held up by saves</dt><dd>7.75 s"),
                          HasSubstr("<title>step 300: 1.00 s</title>"),
                          HasSubstr("<title>step 400: 6.50 s</title>")));
}

TEST_F(ReportCommand, OfAnEndlessHistoryIsStillAPage) {
  std::ofstream log(run_.path() + "/events.jsonl", std::ios::app);
  for (int i = 0; i < 30'000; ++i)
    log << R"({"time":"2026-01-31T12:00:00.000Z","event":"open","host":"a","pid":1})"
        << "\n";
  log.close();
  const std::string page = make();
  EXPECT_LT(page.size(), 2u << 20);
  EXPECT_EQ(count_of(page, "class=\"crash\""), 5u + 5u);
  EXPECT_THAT(page, AllOf(HasSubstr("more here)"), HasSubstr("earlier events are left out")));
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

TEST_F(ReportCommand, TakesThePlaceOfNothingButAFile) {
  const std::string other = directory_ / "other";
  testing::write_file(other, "as it was");
  std::filesystem::create_symlink(other, file_);
  ASSERT_EQ(mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(directory_ / "directory");
  for (const char* const name : {"report.html", "fifo", "directory"}) {
    const auto finished = testing::holdfast({"report", run_.path(), "--to", directory_ / name});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(),
                                       HasSubstr("cannot take the place of what is there")));
  }
  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_TRUE(std::filesystem::is_fifo(directory_ / "fifo"));
  EXPECT_EQ(testing::read_file(other), "as it was");
}

TEST_F(ReportCommand, OfOneRunIsMadeByManyAtOnce) {
  const testing::Words words = {HOLDFAST_PROGRAM, "report", run_.path(), "--to", file_};
  std::vector<std::unique_ptr<testing::Process>> made;
  for (int i = 0; i < 8; ++i) made.push_back(std::make_unique<testing::Process>(words));
  for (const auto& one : made) EXPECT_EQ(one->wait(), 0) << one->output();
  EXPECT_THAT(testing::read_file(file_), HasSubstr("</html>\n"));
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
      "const texts = [...document.querySelectorAll('svg text')].map(t => "
      "t.getBoundingClientRect());\n"
      "const legible = texts.every(t => t.height >= 10) && texts.every((a, i) => texts.every((b, "
      "j) "
      "=>\n"
      "    i === j || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= "
      "a.top));\n"
      "const fits = document.documentElement.scrollWidth <= window.innerWidth;\n"
      "document.title = 'drawn ' + drawn.join(' ') + (legible ? ' legible' : '') + (fits ? ' fits' "
      ": ' is too wide');\n"
      "</script>\n";
  testing::write_file(file_, page.insert(page.rfind("</body>"), script));
  for (const char* const size : {"--window-size=1280,900", "--window-size=500,800"}) {
    const auto shown = testing::run_process(
        {HOLDFAST_CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + (directory_ / "profile"),
         "--enable-logging=stderr", size, "--dump-dom", "file://" + file_});
    EXPECT_EQ(shown.status, 0) << shown.output;
    EXPECT_THAT(shown.output, HasSubstr("<title>drawn 20 20 2 2 2 legible fits</title>")) << size;
    EXPECT_THAT(shown.output, Not(HasSubstr("CONSOLE")));
  }
}

}  // namespace
}  // namespace holdfast::tool
