// Shows a person how a run is doing: on a terminal a bar that is redrawn in place, elsewhere plain
// lines.
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
  bool terminal = false;               // the output understands '\r' and escape sequences
  bool color = false;                  // used only if `terminal` is true
  std::int64_t log_every_steps = 100;  // without a terminal: writes a line every so many steps
  std::function<int()> columns;        // width of the terminal; called at every redraw
  std::function<double()> now;         // a clock in seconds that never goes back
};

// Options that suit a file descriptor. `terminal` is true if it is a terminal and $TERM is not
// "dumb". `color` is true unless $NO_COLOR is set and not empty. `columns` returns 80 if the
// terminal does not tell its width. `now` is the steady clock.
ProgressOptions progress_options_for(int fd, std::int64_t log_every_steps);

// Methods may be called by several threads at once, since saves report from a thread of their own.
// The stream must outlive this object. It is flushed after each call that writes, and nobody else
// may write to it before finish().
class Progress {
 public:
  Progress(std::ostream& out, ProgressOptions options);
  ~Progress();  // finish()
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Call it when the run begins or resumes. Rates count from here. Draws the bar.
  void start(const TrainingStatus& status);
  // Call it after each step. Redraws the bar, but at most ten times a second, and at the last step.
  // Without a terminal, writes a line every log_every_steps steps and at the last step.
  void update(const TrainingStatus& status);

  // What the newest save does is shown beside the bar. Without a terminal, writes a line when the
  // save ends.
  void save_started(std::int64_t step);
  void save_finished(std::int64_t step, double seconds);
  void save_failed(std::int64_t step);

  // Writes the text as a line above the bar. Characters that could harm a terminal are replaced
  // (checkpoint/base/utf8.h).
  void message(std::string_view text);

  // Leaves the bar as it is and goes to the next line. After that only message() and start() show
  // anything.
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
