#include "completion/complete_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/store/marks.h>
#include <holdfast/checkpoint/store/run_view.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

namespace holdfast::tool {
namespace {

using Words = std::vector<std::string>;

// The last one is where the cursor is: empty behind a space.
Words words_of(const std::string& line) {
  std::istringstream text(line);
  Words words;
  for (std::string word; text >> word;) words.push_back(word);
  if (line.empty() || line.back() == ' ') words.emplace_back();
  return words;
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

Words names_in(const std::string& run) {
  Words names = {"latest", "best"};
  try {
    const RunView view(run);
    for (const auto& [tag, id] : Marks(view.directory()).tags()) names.push_back(tag);
    for (const std::int64_t step : view.steps()) names.push_back(std::to_string(step));
  } catch (const Error&) {
    return {};  // no run
  }
  for (std::string& name : names) name.insert(0, run + "@");
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
    return {};  // another program's
  } else if (const CLI::App* const command = subcommand_of(app, words[1])) {
    if (last.rfind('-', 0) == 0) {
      found = options_of(*command);
    } else if (last.find('@') != std::string::npos) {
      found = names_in(last.substr(0, last.rfind('@')));
    }
  }
  keep_those_with(last, found);
  return found;
}

Subcommand add_complete(CLI::App& app) {
  const auto line = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("complete", "For the completion of bash");
  command->group("");  // not in the help
  command->add_option("LINE", *line, "The command line, up to the cursor")->required();
  return {command, [&app, line] {
            for (const std::string& word : completions(app, *line)) std::cout << word << "\n";
            return kDone;
          }};
}

}  // namespace holdfast::tool
