// Formats the help texts in the same way with every version of CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

namespace holdfast::tool {

// Puts "Usage: holdfast run <arguments>" above the options, and `closing` below them. `closing` is
// not a footer of CLI11 because CLI11 would break its lines anew.
class Help : public CLI::Formatter {
 public:
  explicit Help(std::string arguments, std::string closing = "")
      : arguments_(std::move(arguments)), closing_(std::move(closing)) {}

  const std::string& arguments() const { return arguments_; }
  const std::string& closing() const { return closing_; }

  std::string make_usage(const CLI::App* /*app*/, std::string name) const override {
    return "Usage: " + name + " " + arguments_ + "\n";
  }
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
    help.erase(help.find_last_not_of('\n') + 1);
    return help + (closing_.empty() ? "" : "\n\n" + closing_) + "\n";
  }

 private:
  std::string arguments_, closing_;
};

}  // namespace holdfast::tool
