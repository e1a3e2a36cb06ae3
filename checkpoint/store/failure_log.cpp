#include <holdfast/checkpoint/store/failure_log.h>
#include <holdfast/checkpoint/store/run_names.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

namespace holdfast {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;  // somebody else's file, if it has more

// "<step> <reason>"
std::optional<std::pair<std::int64_t, std::string>> parse(std::string_view line) {
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), step);
  const auto digits = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || digits == line.size() || line[digits] != ' ') return std::nullopt;
  return std::pair(step, std::string(line.substr(digits + 1)));
}

std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return line;
}

}  // namespace

FailureLog::FailureLog(const Directory& run)
    : run_(run),
      file_(run.open_or_create(kFailuresFile)),
      end_(file_.size()),
      is_clear_(end_ == 0) {
  if (end_ > kMostBytes) return;
  const std::vector<std::byte> bytes = file_.read_all(kMostBytes);
  std::string_view text = ByteView(bytes).text();
  is_torn_ = !text.empty() && text.back() != '\n';
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    if (auto failure = parse(text.substr(0, end)))
      failures_.push_back({failure->first, std::move(failure->second)});
  }
}

int FailureLog::count(std::int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(std::count_if(failures_.begin(), failures_.end(),
                                        [&](const Failure& one) { return one.step == step; }));
}

std::string FailureLog::last_reason(std::int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(failures_.rbegin(), failures_.rend(),
                                  [&](const Failure& one) { return one.step == step; });
  return found == failures_.rend() ? "" : found->reason;
}

void FailureLog::add(std::int64_t step, std::string_view reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  append({step, on_one_line(reason)});
}

void FailureLog::append(const Failure& failure) {
  const std::string line =
      (is_torn_ ? "\n" : "") + std::to_string(failure.step) + " " + failure.reason + "\n";
  failures_.push_back(failure);
  is_clear_ = false;
  file_.write_at(end_, ByteView(line));
  end_ += line.size();
  is_torn_ = false;
  file_.sync();
  run_.sync();
}

void FailureLog::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  clear();
}

void FailureLog::clear() {
  if (is_clear_) return;
  failures_.clear();
  end_ = 0;  // first: a line of a signal's handler may be lost now, but not stand behind a hole
  file_.truncate(0);
  is_torn_ = false;
  file_.sync();
  is_clear_ = true;
}

void FailureLog::forget_all_but(std::int64_t step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto is_of_it = [step](const Failure& one) { return one.step == step; };
  if (std::all_of(failures_.begin(), failures_.end(), is_of_it)) return;
  std::vector<Failure> kept;
  std::copy_if(failures_.begin(), failures_.end(), std::back_inserter(kept), is_of_it);
  clear();
  for (const Failure& one : kept) append(one);
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
