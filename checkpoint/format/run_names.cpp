#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/format/run_names.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace holdfast::format {
namespace {

constexpr std::string_view kStep = "step-";
constexpr std::string_view kPending = ".tmp-";
constexpr std::string_view kRetired = ".del-";
constexpr std::size_t kStepDigits = 12;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// True for a non-negative number as std::to_string() writes it.
bool is_number(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && !text.empty() && text.size() <= 19 && (text[0] != '0' || text.size() == 1);
}

std::string unfinished_name(std::string_view prefix, std::int64_t step) {
  return std::string(prefix) + std::to_string(step) + "-" + std::to_string(process_id()) + "-" +
         random_id();
}

// Returns the text up to the next '-', and removes it and the '-' from the front of `rest`.
std::string_view next_part(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('-'));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

}  // namespace

std::string name_of_directory(const std::string& path) {
  std::filesystem::path plain = std::filesystem::path(path).lexically_normal();
  std::error_code unknown;
  if (plain == "." || plain.filename() == "..")
    plain = std::filesystem::absolute(plain, unknown).lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();  // "a/" becomes "a"
  return plain.filename().string();
}

std::string step_directory_name(std::int64_t step) {
  if (step < 0) {
    throw Error(ErrorKind::kInvalidArgument, "a step cannot be negative")
        .expected("the number of completed optimizer steps, 0 or more")
        .found(std::to_string(step));
  }
  const std::string digits = std::to_string(step);
  const std::size_t zeros = kStepDigits - std::min(digits.size(), kStepDigits);
  return std::string(kStep) + std::string(zeros, '0') + digits;
}

std::optional<std::int64_t> parse_step_directory(std::string_view name) {
  if (!starts_with(name, kStep)) return std::nullopt;
  const std::string_view digits = name.substr(kStep.size());
  const char* const end = digits.data() + digits.size();
  std::int64_t step = 0;
  const auto [rest, failure] = std::from_chars(digits.data(), end, step);
  if (failure != std::errc() || rest != end || step < 0) return std::nullopt;
  if (step_directory_name(step) != name) return std::nullopt;
  return step;
}

std::string pending_directory_name(std::int64_t step) {
  return unfinished_name(kPending, step);
}

std::string retired_directory_name(std::int64_t step) {
  return unfinished_name(kRetired, step);
}

bool is_unfinished_directory(std::string_view name) {
  if (!starts_with(name, kPending) && !starts_with(name, kRetired)) return false;
  std::string_view rest = name.substr(kPending.size());
  const bool step = is_number(next_part(rest));
  const bool pid = is_number(next_part(rest));
  return step && pid && is_random_id(rest);
}

std::optional<std::int64_t> parse_retired_directory(std::string_view name) {
  if (!starts_with(name, kRetired) || !is_unfinished_directory(name)) return std::nullopt;
  std::string_view rest = name.substr(kRetired.size());
  const std::string_view digits = next_part(rest);
  std::int64_t step = 0;
  const auto failure = std::from_chars(digits.data(), digits.data() + digits.size(), step).ec;
  return failure == std::errc() ? std::optional<std::int64_t>(step) : std::nullopt;
}

std::string reason_file_name(const std::string& name) {
  return name + ".reason.txt";
}

}  // namespace holdfast::format
