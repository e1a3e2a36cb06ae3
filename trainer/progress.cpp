#include <holdfast/trainer/progress.h>

#include <chrono>
#include <exception>
#include <utility>

#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/text/terminal.h>
#include <holdfast/text/units.h>

namespace holdfast::trainer {
namespace {

constexpr double kRedrawSeconds = 0.1;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

ProgressOptions progress_options_for(int fd, std::int64_t log_every_steps) {
  ProgressOptions options;
  options.terminal = text::is_terminal(fd);
  options.color = text::wants_color(fd);
  options.log_every_steps = log_every_steps;
  options.columns = [fd] { return text::terminal_columns(fd); };
  options.now = steady_seconds;
  return options;
}

Progress::Progress(std::ostream& out, ProgressOptions options)
    : out_(out), options_(std::move(options)) {
  if (!options_.columns) options_.columns = [] { return text::kDefaultColumns; };
  if (!options_.now) options_.now = steady_seconds;
}

Progress::~Progress() {
  try {
    finish();
  } catch (const std::exception&) {
    // The stream may be one that throws on failure. A destructor cannot tell anybody.
  }
}

void Progress::start(const TrainingStatus& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  status_ = status;
  running_ = true;
  rates_ = RateMeter();
  rates_.mark(options_.now(), status.step, status.samples);
  if (options_.terminal) draw();
}

void Progress::update(const TrainingStatus& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!running_) return;
  status_ = status;
  rates_.mark(options_.now(), status.step, status.samples);
  const bool last = status.total_steps > 0 && status.step >= status.total_steps;
  const std::int64_t interval = options_.log_every_steps;
  if (options_.terminal) {
    last ? draw() : draw_if_due();
  } else if (last || (interval > 0 && status.step % interval == 0)) {
    write_line(progress_log_line(view()));
  }
}

void Progress::save_started(std::int64_t step) {
  show_save("saving step " + text::format_count(step), false);
}

void Progress::save_finished(std::int64_t step, double seconds) {
  show_save("saved step " + text::format_count(step) + " (" + text::format_duration(seconds) + ')',
            true);
}

void Progress::save_failed(std::int64_t step) {
  show_save("save of step " + text::format_count(step) + " failed", true);
}

void Progress::message(std::string_view text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool has_bar = options_.terminal && running_;
  if (has_bar) out_ << text::kClearLine;
  write_line(printable(text));
  if (has_bar) draw();
}

void Progress::finish() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!std::exchange(running_, false) || !options_.terminal) return;
  draw();
  write_line("");
}

ProgressView Progress::view() const {
  ProgressView view{status_, rates_.samples_per_second(), std::nullopt, save_};
  const std::optional<double> speed = rates_.steps_per_second();
  if (speed && *speed > 0 && status_.total_steps > status_.step) {
    view.eta_seconds = static_cast<double>(status_.total_steps - status_.step) / *speed;
  }
  return view;
}

// The last column stays free: a character there makes some terminals go to the next line.
void Progress::draw() {
  drawn_at_ = options_.now();
  out_ << text::kClearLine << progress_bar_line(view(), options_.columns() - 1, options_.color)
       << std::flush;
}

void Progress::draw_if_due() {
  if (options_.now() - drawn_at_ >= kRedrawSeconds) draw();
}

void Progress::write_line(std::string_view line) {
  out_ << line << '\n' << std::flush;
}

void Progress::show_save(std::string text, bool ended) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!running_) return;
  save_ = std::move(text);
  if (options_.terminal) {
    draw_if_due();
  } else if (ended) {
    write_line(save_);
  }
}

}  // namespace holdfast::trainer
