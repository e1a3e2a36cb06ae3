// The names that a module's parameters, buffers and submodules have in a checkpoint.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include <holdfast/checkpoint/format/names.h>

namespace holdfast {

// Keeps the names from save to save. A save that finds the same members in the same order
// allocates nothing for names.
class EntryNames {
 public:
  struct Names {
    std::string dotted;
    std::string escaped;   // `dotted`, escaped to be one component of an entry's name
    std::string path;      // the entry's name: "<prefix>/<escaped>"
    std::string of_model;  // "<model>/<escaped>"
  };

  // Both are escaped already, for example "mlp" and "models/mlp/parameters".
  EntryNames(std::string model, std::string prefix)
      : model_(std::move(model)), prefix_(std::move(prefix)) {}

  // The names of the i-th member, which is called `dotted`. Call it for i = 0, 1, 2 … in turn. The
  // reference stays valid until a later call gives another name for the same i.
  const Names& of(std::size_t i, const std::string& dotted) {
    if (i == names_.size()) names_.emplace_back();
    Names& names = names_[i];
    if (names.dotted != dotted || names.path.empty()) {
      const std::string escaped = format::escape(dotted);
      names = {dotted, escaped, prefix_ + "/" + escaped, model_ + "/" + escaped};
    }
    return names;
  }

 private:
  std::string model_, prefix_;
  std::deque<Names> names_;  // a deque, since references into it must stay valid while it grows
};

}  // namespace holdfast
