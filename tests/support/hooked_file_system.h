// A file system in which something happens between two calls, as another process would do it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/forwarding_file_system.h"

namespace holdfast::testing {

// Each hook that is set is called with the name that the call is about: in_open before it, and what
// it returns below 0 is the call's failure; before_rename with the new name; after_list with the
// names.
class HookedFileSystem final : public ForwardingFileSystem {
 public:
  int open(int directory, const char* name, int flags, mode_t mode) override {
    const int failure = in_open ? in_open(name) : 0;
    return failure < 0 ? failure : ForwardingFileSystem::open(directory, name, flags, mode);
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    if (before_rename) before_rename(to);
    return ForwardingFileSystem::rename(from_directory, from, to_directory, to, flags);
  }
  int list(int directory, std::vector<std::string>& names) override {
    const int result = ForwardingFileSystem::list(directory, names);
    if (after_list) after_list(names);
    return result;
  }

  std::function<int(const std::string&)> in_open;
  std::function<void(const std::string&)> before_rename;
  std::function<void(const std::vector<std::string>&)> after_list;
};

}  // namespace holdfast::testing
