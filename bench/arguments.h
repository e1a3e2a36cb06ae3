// What the subcommands have in common on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/between.h"

namespace holdfast::bench {

// What main() knows of a subcommand.
struct Subcommand {
  CLI::App* parser;               // belongs to the App that it was added to
  std::function<void()> execute;  // once the parser has parsed
};

// Lists have one element where a subcommand takes no more.
struct Arguments {
  std::string directory = ".";  // to make a scratch directory in
  int repeat = 5;               // samples a case
  int threads = 2;
  bool json = false;
  std::vector<std::uint64_t> bytes;   // of a state
  std::vector<std::int64_t> tensors;  // in a state
  std::vector<int> shards = {1};
  double compute = 0.25;  // seconds
  double idle = 5;        // seconds
};

struct Command {
  CLI::App* parser;
  std::shared_ptr<Arguments> arguments;  // that the parser fills
};

// A subcommand with the options that all have.
Command add_command(CLI::App& app, const std::string& name, const std::string& description);

// The options that some have. Those with several defaults take a list.
void add_bytes(const Command& command, std::vector<std::uint64_t> sizes);
void add_tensors(const Command& command, std::vector<std::int64_t> counts);
void add_shards(const Command& command, std::vector<int> counts);
void add_compute(const Command& command);  // training between save() and before_step()
void add_idle(const Command& command);     // how long memory lies idle before it is touched again

using tool::between;

}  // namespace holdfast::bench
