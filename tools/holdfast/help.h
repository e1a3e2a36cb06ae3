// The form of the help, the same with every version of CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

namespace holdfast::tool {

// "Usage: holdfast run <arguments>" above the options, and below them `closing`, whose lines CLI11
// would fill anew if it were a footer.
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
