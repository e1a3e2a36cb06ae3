// What main() knows of a subcommand.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace holdfast::tool {

struct Subcommand {
  CLI::App* parser;              // belongs to the App that it was added to
  std::function<int()> execute;  // once the parser has parsed; returns the exit status
};

}  // namespace holdfast::tool
