#include "manual_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "command/help.h"
#include "manual/roff.h"
#include "output/wording.h"

namespace holdfast::tool {
namespace {

using Options = std::vector<const CLI::Option*>;

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// "Lists the checkpoints of a run" -> "lists …", as the lists of whatis(1) have it.
std::string as_in_whatis(std::string description) {
  if (!description.empty())
    description[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(description[0])));
  return description;
}

// "holdfast-ls"
std::string page_of(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return (parent == nullptr ? "" : parent->get_name() + "-") + command.get_name();
}

std::vector<const CLI::App*> shown_subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

Options options_of(const CLI::App& command, bool positional) {
  return command.get_options([positional](const CLI::Option* one) {
    return one->get_positional() == positional && !one->get_group().empty();
  });
}

// Sorted, as CLI11 has them in the order of their addresses.
std::string names_of(const std::set<CLI::Option*>& options) {
  std::set<std::string> names;
  for (const CLI::Option* const one : options) names.insert(one->get_name());
  return joined({names.begin(), names.end()});
}

bool may_be_repeated(const CLI::Option& option) {
  return option.get_expected_max() == CLI::detail::expected_max_vector_size;
}

// "-h, --help", "--keep-last N", "CHECKPOINT ..."
std::string names_and_value(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back(roff::bold("-" + name));
  for (const std::string& name : option.get_lnames()) names.push_back(roff::bold("--" + name));
  std::string text =
      option.get_positional() ? roff::italic(option.get_name(true, false)) : joined(names);
  if (option.get_type_size() == 0) return text;
  if (!option.get_type_name().empty()) text += " " + roff::usage(option.get_type_name());
  return text + (may_be_repeated(option) ? " ..." : "");
}

// The description, and what CLI11's help says beside the name.
std::string explanation(const CLI::Option& option) {
  std::string text = option.get_description() + ".";
  if (option.get_type_size() != 0) {
    if (!option.get_default_str().empty()) text += " Default: " + option.get_default_str() + ".";
    if (option.get_required()) text += " Required.";
  }
  if (!option.get_needs().empty()) text += " Needs " + names_of(option.get_needs()) + ".";
  if (!option.get_excludes().empty()) text += " Excludes " + names_of(option.get_excludes()) + ".";
  return text;
}

std::string list_of(const std::string& heading, const Options& options) {
  if (options.empty()) return "";
  std::string text = ".SH " + heading + "\n";
  for (const CLI::Option* const one : options)
    text += ".TP\n" + names_and_value(*one) + "\n" + roff::filled(explanation(*one));
  return text;
}

std::string list_of(const std::vector<const CLI::App*>& subcommands) {
  if (subcommands.empty()) return "";
  std::string text = ".SH SUBCOMMANDS\n";
  for (const CLI::App* const one : subcommands)
    text +=
        ".TP\n" + roff::bold(page_of(*one)) + "(1)\n" + roff::filled(one->get_description() + ".");
  return text;
}

// The page is the same whenever it is made, so that it has no date.
std::string page(const CLI::App& command) {
  const auto* const help = dynamic_cast<const Help*>(command.get_formatter().get());
  const std::string arguments = help == nullptr ? "[OPTIONS]" : help->arguments();
  const std::string closing = help == nullptr ? "" : help->closing();
  const std::string name = page_of(command);
  const CLI::App* const parent = command.get_parent();
  std::string text = ".TH " + roff::escaped(in_capitals(name)) +
                     " 1 \"\" \"holdfast " HOLDFAST_VERSION "\" \"Holdfast\"\n";
  text += ".SH NAME\n" + roff::filled(name + " - " + as_in_whatis(command.get_description()));
  text += ".SH SYNOPSIS\n" +
          roff::bold((parent ? parent->get_name() + " " : "") + command.get_name()) + " " +
          roff::usage(arguments) + "\n";
  if (!closing.empty()) text += ".SH DESCRIPTION\n";
  // Options come before the exit status, with which the closing lines end.
  const std::string closing_lines = roff::body(closing);
  const std::size_t status =
      std::min(closing_lines.find(".SH EXIT STATUS\n"), closing_lines.size());
  text += closing_lines.substr(0, status);
  text += list_of("ARGUMENTS", options_of(command, true));
  text += list_of(shown_subcommands(command));
  text += list_of("OPTIONS", options_of(command, false));
  text += closing_lines.substr(status);
  if (parent != nullptr) text += ".SH SEE ALSO\n" + roff::bold(page_of(*parent)) + "(1)\n";
  return text;
}

}  // namespace

Subcommand add_manual(CLI::App& app) {
  const auto of = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("manual", "Prints a manual page");
  command->group("");  // not in the help
  // No positional: CLI11 would take the name of a subcommand for the subcommand itself.
  command->add_option("--of", *of, "Of this subcommand; default: of the tool")
      ->type_name("SUBCOMMAND");
  return {command, [&app, of] {
            if (of->empty()) {
              std::cout << page(app);
              return kDone;
            }
            for (const CLI::App* const one : shown_subcommands(app)) {
              if (one->get_name() != *of) continue;
              std::cout << page(*one);
              return kDone;
            }
            throw Error(ErrorKind::kInvalidArgument, "there is no such subcommand").found(*of);
          }};
}

}  // namespace holdfast::tool
