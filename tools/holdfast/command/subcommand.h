// What main() needs to know about a subcommand.
#pragma once

#include <holdfast/checkpoint/base/exit_status.h>

#include <CLI/CLI.hpp>
#include <functional>

namespace holdfast::tool {

struct Subcommand {
  CLI::App* parser;              // owned by the App that it was added to
  std::function<int()> execute;  // call after parsing; returns the exit status
  int trouble = kFailed;         // the exit status if the output could not be written
};

}  // namespace holdfast::tool
