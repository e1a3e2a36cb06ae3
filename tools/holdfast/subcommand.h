// What main() knows of a subcommand.
#pragma once

#include <holdfast/checkpoint/base/exit_status.h>

#include <CLI/CLI.hpp>
#include <functional>

namespace holdfast::tool {

struct Subcommand {
  CLI::App* parser;              // belongs to the App that it was added to
  std::function<int()> execute;  // once the parser has parsed; returns the exit status
  int trouble = kFailed;         // the exit status if what it has printed could not be written
};

}  // namespace holdfast::tool
