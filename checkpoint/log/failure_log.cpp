#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/log/failure_log.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

namespace holdfast {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;  // somebody else's file, if it has more

constexpr std::string_view kPassedOver = "passed over ";

std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return line;
}

}  // namespace

std::string FailureLog::line_of(const Failure& failure) {
  const std::string step = std::to_string(failure.step);
  return (failure.is_pass_over ? std::string(kPassedOver) + step : step + " " + failure.reason) +
         "\n";
}

std::optional<FailureLog::Failure> FailureLog::parse(std::string_view line) {
  Failure failure{};
  failure.is_pass_over = line.substr(0, kPassedOver.size()) == kPassedOver;
  if (failure.is_pass_over) line.remove_prefix(kPassedOver.size());
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), failure.step);
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (error != std::errc()) return std::nullopt;
  if (failure.is_pass_over) return line.empty() ? std::optional(failure) : std::nullopt;
  if (line.empty() || line.front() != ' ') return std::nullopt;
  failure.reason = line.substr(1);
  return failure;
}

FailureLog::FailureLog(const Directory& run)
    : run_(run), file_(run.open_or_create(format::kFailuresFile)), end_(file_.size()) {
  is_clear_ = end_ == 0;
  if (end_ > kMostBytes) return;
  const std::vector<std::byte> bytes = file_.read_all(kMostBytes);
  std::string_view text = ByteView(bytes).text();
  is_torn_ = !text.empty() && text.back() != '\n';
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    if (auto failure = parse(text.substr(0, end))) failures_.push_back(std::move(*failure));
  }
}

int FailureLog::count(std::int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(
      std::count_if(failures_.begin(), failures_.end(),
                    [&](const Failure& one) { return one.step == step && !one.is_pass_over; }));
}

int FailureLog::passed_over() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(std::count_if(failures_.begin(), failures_.end(),
                                        [](const Failure& one) { return one.is_pass_over; }));
}

std::string FailureLog::last_reason(std::int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(failures_.rbegin(), failures_.rend(), [&](const Failure& one) {
    return one.step == step && !one.is_pass_over;
  });
  return found == failures_.rend() ? "" : found->reason;
}

void FailureLog::add(std::int64_t step, std::string_view reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  append({step, on_one_line(reason)});
}

void FailureLog::add_pass_over(std::int64_t step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  append({step, "", true});
}

void FailureLog::append(Failure failure) {
  const std::string line = (is_torn_ ? "\n" : "") + line_of(failure);
  failures_.push_back(std::move(failure));
  is_clear_ = false;
  file_.write_at(end_, ByteView(line));
  end_ += line.size();
  is_torn_ = false;
  file_.sync();
  run_.sync();
}

void FailureLog::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  keep({});
}

void FailureLog::go_on_from(std::int64_t step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool is_beyond = std::none_of(failures_.begin(), failures_.end(), [&](const Failure& one) {
    return one.is_pass_over && one.step >= step;
  });
  std::vector<Failure> kept;
  std::copy_if(
      failures_.begin(), failures_.end(), std::back_inserter(kept),
      [&](const Failure& one) { return one.is_pass_over ? !is_beyond : one.step == step; });
  keep(std::move(kept));
}

// The file as a whole: a crash leaves the old lines or the new ones.
void FailureLog::keep(std::vector<Failure> failures) {
  if (is_clear_ || (!failures.empty() && failures.size() == failures_.size())) return;
  failures_ = std::move(failures);
  is_torn_ = false;
  if (failures_.empty()) {
    end_ = 0;  // first: a line of a signal's handler may be lost now, but not stand behind a hole
    file_.truncate(0);
    file_.sync();
    is_clear_ = true;
    return;
  }
  std::string text;
  for (const Failure& one : failures_) text += line_of(one);
  run_.replace_file(format::kFailuresFile, ByteView(text));
  file_ = run_.open_or_create(format::kFailuresFile);
  end_ = text.size();
}

void FailureLog::add_from_signal_handler(std::int64_t step, int signal) noexcept {
  std::array<char, 64> line{};
  char* end = line.data();
  if (is_torn_) *end++ = '\n';
  end = std::to_chars(end, end + 24, step).ptr;
  for (const char c : std::string_view(" ended by signal ")) *end++ = c;
  end = std::to_chars(end, line.data() + line.size() - 1, signal).ptr;
  *end++ = '\n';
  const auto size = static_cast<std::size_t>(end - line.data());
  file_.write_from_signal_handler(end_, ByteView(line.data(), size));
}

}  // namespace holdfast
