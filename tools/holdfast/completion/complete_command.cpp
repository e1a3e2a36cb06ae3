#include "completion/complete_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_view.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace holdfast::tool {
namespace {

using Words = std::vector<std::string>;

// Splits a line into words as a shell does, and removes quotes and '\\'. The last word is the one
// at the cursor: it is empty if the line ends with a space.
Words words_of(const std::string& line) {
  Words words;
  char quote = 0;
  bool begins = true;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
      begins = true;
      continue;
    }
    if (begins) words.emplace_back();
    begins = false;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (begins) words.emplace_back();
  return words;
}

// Replaces "~/" at the beginning by the home directory.
std::string without_tilde(const std::string& path) {
  const char* const home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): one thread
  return home != nullptr && path.rfind("~/", 0) == 0 ? home + path.substr(1) : path;
}

void keep_those_with(const std::string& beginning, Words& words) {
  words.erase(std::remove_if(words.begin(), words.end(),
                             [&](const std::string& word) {
                               return word.compare(0, beginning.size(), beginning) != 0;
                             }),
              words.end());
}

bool is_shown(const CLI::App* command) {
  return !command->get_group().empty();
}

Words subcommands_of(const CLI::App& app) {
  Words names;
  for (const CLI::App* command : app.get_subcommands({}))
    if (is_shown(command)) names.push_back(command->get_name());
  return names;
}

Words options_of(const CLI::App& command) {
  Words names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// All names behind RUN@: "RUN@latest", "RUN@200", "RUN@paper" … with `before` in front of each.
Words names_in(const std::string& run, const std::string& before) {
  Words names = {"latest", "best"};
  try {
    const RunView view(without_tilde(run));
    for (const auto& [tag, id] : Marks(view.directory()).tags()) names.push_back(tag);
    for (const std::int64_t step : view.steps()) names.push_back(std::to_string(step));
  } catch (const Error&) {
    return {};  // not a run
  }
  for (std::string& name : names) name.insert(0, before + run + "@");
  return names;
}

const CLI::App* subcommand_of(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->get_name() == name) return command;
  return nullptr;
}

}  // namespace

std::vector<std::string> completions(const CLI::App& app, const std::string& line) {
  const Words words = words_of(line);
  if (words.size() < 2) return {};
  const std::string& last = words.back();
  Words found;
  if (words.size() == 2) {
    found = last.rfind('-', 0) == 0 ? options_of(app) : subcommands_of(app);
  } else if (std::find(words.begin(), words.end() - 1, "--") != words.end() - 1) {
    return {};  // behind "--" stands another program's command line
  } else if (const CLI::App* const command = subcommand_of(app, words[1])) {
    const std::string option = last.rfind("--", 0) == 0 ? last.substr(0, last.find('=') + 1) : "";
    const std::string value = last.substr(option.size());
    if (value.rfind('-', 0) == 0) {
      found = options_of(*command);
    } else if (value.find('@') != std::string::npos) {
      found = names_in(value.substr(0, value.rfind('@')), option);
    }
  }
  keep_those_with(last, found);
  return found;
}

Subcommand add_complete(CLI::App& app) {
  const auto line = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("complete", "For completion in bash");
  command->group("");  // not in the help
  command->add_option("LINE", *line, "The command line, up to the cursor")->required();
  return {command, [&app, line] {
            for (const std::string& word : completions(app, *line)) std::cout << word << "\n";
            return kDone;
          }};
}

}  // namespace holdfast::tool
