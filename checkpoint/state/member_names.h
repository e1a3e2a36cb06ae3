// The names of a module's members in a checkpoint.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include <holdfast/checkpoint/format/names.h>

namespace holdfast {

// Made once and compared from then on, so that a save that finds the names as they were allocates
// nothing for them.
class MemberNames {
 public:
  struct Names {
    std::string dotted;
    std::string escaped;   // dotted, as a component of a name
    std::string path;      // of the entry: "<prefix>/<escaped>"
    std::string of_model;  // "<model>/<escaped>"
  };

  // Both escaped and joined, such as "mlp" and "models/mlp/parameters".
  MemberNames(std::string model, std::string prefix)
      : model_(std::move(model)), prefix_(std::move(prefix)) {}

  // Of the member that is the i-th; i counts up from 0 without a gap. The reference is valid until
  // another member is at its place.
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
  std::deque<Names> names_;  // references into it stay valid while it grows
};

}  // namespace holdfast
