#include "arguments.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "report.h"

namespace holdfast::bench {
namespace {

constexpr int kMostTensors = 10'000'000;

// The power of 1024 that a unit stands for: 0 for "", 1 for "K", "KB" and "KiB", and so on. -1 if
// it is no unit.
int power_of(std::string unit) {
  for (char& letter : unit) letter = static_cast<char>(std::toupper(letter));
  if (unit.empty() || unit == "B") return 0;
  if (unit.size() > 1 && unit.substr(1) != "B" && unit.substr(1) != "IB") return -1;
  const std::size_t power = std::string("KMGT").find(unit[0]);
  return power == std::string::npos ? -1 : static_cast<int>(power) + 1;
}

// Turns "64M" into "67108864". Returns an error message; empty if the text is a size.
std::string expand_size(std::string& text) {
  constexpr std::size_t kMostDigits = 6;  // with a unit; without one 18
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const int power = power_of(text.substr(digits));
  const std::string number = text.substr(0, digits);
  const bool fits = digits > 0 && digits <= (power == 0 ? 3 * kMostDigits : kMostDigits);
  if (power < 0 || !fits || std::stoull(number) == 0)
    return "expected a size such as 64M or 1G, found " + text;
  text = std::to_string(std::stoull(number) << (10 * power));
  return "";
}

std::string text_of(const std::vector<std::uint64_t>& sizes) {
  std::string text;
  for (const std::uint64_t size : sizes) {
    std::string one = bytes_text(size);
    one.erase(std::remove(one.begin(), one.end(), ' '), one.end());
    text += (text.empty() ? "" : ",") + one;
  }
  return text;
}

// Makes `option` take one value, or a list if it has several defaults. It was just added for
// `values`, which hold the defaults.
template <typename Number>
CLI::Option* one_or_list(CLI::Option* option, const std::vector<Number>& values,
                         const std::string& type) {
  if (values.size() == 1) return option->expected(1)->type_name(type)->capture_default_str();
  return option->delimiter(',')->type_name(type + ",…")->capture_default_str();
}

}  // namespace

Command add_command(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* const parser = app.add_subcommand(name, description);
  const auto arguments = std::make_shared<Arguments>();
  parser
      ->add_option("--directory", arguments->directory,
                   "The bench makes its scratch directory in it")
      ->type_name("DIR")
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->capture_default_str();
  parser->add_option("--repeat", arguments->repeat, "Samples for each case")
      ->type_name("N")
      ->transform(between(1, 1000))
      ->capture_default_str();
  parser->add_option("--threads", arguments->threads, "Threads that copy, write and read")
      ->type_name("N")
      ->transform(between(1, 1024))
      ->capture_default_str();
  parser->add_flag("--json", arguments->json,
                   "Print a line of JSON for each result instead of a table");
  return {parser, arguments};
}

void add_bytes(const Command& command, std::vector<std::uint64_t> sizes) {
  auto& values = command.arguments->bytes = std::move(sizes);
  CLI::Option* const option = command.parser->add_option("--bytes", values, "Size of the state");
  one_or_list(option, values, "SIZE")
      ->transform(CLI::Validator(expand_size, ""))
      ->default_str(text_of(values));
}

void add_tensors(const Command& command, std::vector<std::int64_t> counts) {
  auto& values = command.arguments->tensors = std::move(counts);
  CLI::Option* const option =
      command.parser->add_option("--tensors", values, "Tensors in the state");
  one_or_list(option, values, "N")->transform(between(1, kMostTensors));
}

void add_shards(const Command& command, std::vector<int> counts) {
  auto& values = command.arguments->shards = std::move(counts);
  CLI::Option* const option =
      command.parser->add_option("--shards", values, "Files in a checkpoint");
  one_or_list(option, values, "N")->transform(between(1, 1000));
}

void add_compute(const Command& command) {
  command.parser
      ->add_option("--compute", command.arguments->compute,
                   "Seconds of training between save() and before_step(), with overlap")
      ->type_name("S")
      ->transform(between<double>(0, 60))
      ->capture_default_str();
}

void add_idle(const Command& command) {
  command.parser
      ->add_option("--idle", command.arguments->idle,
                   "Seconds for which memory lies idle before it is touched again")
      ->type_name("S")
      ->transform(between<double>(0, 60))
      ->capture_default_str();
}

}  // namespace holdfast::bench
