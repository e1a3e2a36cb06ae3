// Options on the command line that several subcommands have.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/command/between.h"

namespace holdfast::bench {

// A subcommand, as main() sees it.
struct Subcommand {
  CLI::App* parser;               // owned by the CLI::App that it was added to
  std::function<void()> execute;  // runs the subcommand; call it after parsing
};

// The values of the options. A list has one element if the subcommand takes only one value.
struct Arguments {
  std::string directory = ".";  // the scratch directory is made in it
  int repeat = 5;               // samples for each case
  int threads = 2;
  bool json = false;
  std::vector<std::uint64_t> bytes;   // sizes of the state
  std::vector<std::int64_t> tensors;  // numbers of tensors in the state
  std::vector<int> shards = {1};
  double compute = 0.25;  // seconds
  double idle = 5;        // seconds
};

struct Command {
  CLI::App* parser;
  std::shared_ptr<Arguments> arguments;  // filled when the parser parses
};

// Adds a subcommand with the options that all subcommands have.
Command add_command(CLI::App& app, const std::string& name, const std::string& description);

// Add options that only some subcommands have. An option with several defaults takes a list.
void add_bytes(const Command& command, std::vector<std::uint64_t> sizes);
void add_tensors(const Command& command, std::vector<std::int64_t> counts);
void add_shards(const Command& command, std::vector<int> counts);
void add_compute(const Command& command);  // time of training between save() and before_step()
void add_idle(const Command& command);     // how long memory lies idle before it is touched again

using tool::between;

}  // namespace holdfast::bench
