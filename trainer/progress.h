// Shows a person how a run is doing: a bar that is redrawn in place on a terminal, plain lines
// elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <holdfast/trainer/progress_line.h>
#include <holdfast/trainer/rate_meter.h>

namespace holdfast::trainer {

struct ProgressOptions {
  bool terminal = false;               // carriage returns and escape sequences are understood
  bool color = false;                  // only with terminal
  std::int64_t log_every_steps = 100;  // without a terminal: a line each time
  std::function<int()> columns;        // of the terminal, asked at every redraw
  std::function<double()> now;         // seconds; never goes back
};

// What fits the output behind a descriptor: terminal if it is one (and TERM is not "dumb"), colored
// unless NO_COLOR is set and not empty; 80 columns where the terminal does not say; the steady
// clock.
ProgressOptions progress_options_for(int fd, std::int64_t log_every_steps);

// Methods may be called by several threads at once: saves report from theirs. The stream is not
// owned, is flushed after each call that writes, and must be left to this object until finish().
class Progress {
 public:
  Progress(std::ostream& out, ProgressOptions options);
  ~Progress();  // finish()
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Where the run begins or goes on: rates count from here. Draws the bar.
  void start(const TrainingStatus& status);
  // After a step. Redraws the bar at most ten times a second, and at the last step; without a
  // terminal writes a line every log_every_steps steps and at the last one.
  void update(const TrainingStatus& status);

  // The save in flight; shown beside the bar until the next one. Without a terminal a line at its
  // end.
  void save_started(std::int64_t step);
  void save_finished(std::int64_t step, double seconds);
  void save_failed(std::int64_t step);

  // A line of its own, above the bar: the text, printable (checkpoint/base/utf8.h).
  void message(std::string_view text);

  // Leaves the bar as it is and goes to the next line. Later calls but message() and start() show
  // nothing.
  void finish();

 private:
  ProgressView view() const;
  void draw();
  void draw_if_due();
  void write_line(std::string_view line);
  void show_save(std::string text, bool ended);

  std::mutex mutex_;
  std::ostream& out_;
  ProgressOptions options_;
  RateMeter rates_;
  TrainingStatus status_;
  std::string save_;
  bool running_ = false;
  double drawn_at_ = 0;
};

}  // namespace holdfast::trainer
