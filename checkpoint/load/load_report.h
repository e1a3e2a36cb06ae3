// What a load has loaded, and what not.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

// Each thing that could be loaded is in one of the first three lists, in the order of registration:
// a parameter, buffer, scalar or generator under the name of its entry
// ("models/net/parameters/fc1.weight"), an object that is loaded as a whole under its own
// ("optimizers/adam", "user/mine"). How models train (modes/…) is in Resumed::mode_changes instead.
struct LoadReport {
  std::vector<std::string> loaded;   // now has the checkpoint's value
  std::vector<std::string> left;     // unchanged: RestoreOptions::include leaves it out
  std::vector<std::string> missing;  // unchanged: not in the checkpoint (allow_missing)
  // Entries of the checkpoint that no object has (allow_unexpected), in its order, without those
  // that RestoreOptions::include leaves out.
  std::vector<std::string> unexpected;

  // Nothing was left, missing or unexpected.
  bool is_whole() const { return left.empty() && missing.empty() && unexpected.empty(); }
};

// One line for a log: `10 loaded; 2 missing from the checkpoint: "models/net/…", "models/net/…"`.
// Shows the first names of each list but `loaded`.
std::string to_string(const LoadReport& report);

}  // namespace holdfast
