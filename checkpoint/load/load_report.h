// What a load did, and what it did not.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

// Each name that the given objects have is in one of the first three, in the order of registration:
// of the entry, for a parameter, buffer, scalar or generator ("models/net/parameters/fc1.weight");
// of the object, for what is loaded as a whole ("optimizers/adam", "user/mine"). All names are
// there: a string each. How models train (modes/…) is not among them: see Resumed::mode_changes.
struct LoadReport {
  std::vector<std::string> loaded;   // has the checkpoint's value
  std::vector<std::string> left;     // is as it was: RestoreOptions::include leaves it out
  std::vector<std::string> missing;  // is as it was: not in the checkpoint (allow_missing)
  // Entries of the checkpoint that none of the objects has (allow_unexpected), in its order. What
  // `include` leaves out is not among them.
  std::vector<std::string> unexpected;

  // Nothing was left, missing or unexpected.
  bool is_whole() const { return left.empty() && missing.empty() && unexpected.empty(); }
};

// One line for a log: `10 loaded; 2 missing from the checkpoint: "models/net/…", "models/net/…"`.
// Of each list but `loaded` the first names.
std::string to_string(const LoadReport& report);

}  // namespace holdfast
