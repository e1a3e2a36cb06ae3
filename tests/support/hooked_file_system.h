// A file system in which a test can do something between two calls, as another process might.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/forwarding_file_system.h"

namespace holdfast::testing {

// Calls the hooks that are set. in_open is called with the name before an open(); if it returns
// less than 0, open() fails with that. before_rename is called with the new name, after_list with
// the names that were listed.
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
