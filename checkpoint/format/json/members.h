// Collects the members of a JSON object that is to be written. Internal to the library and its
// tools.
#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace holdfast::format {

// An ordered_json searches all its members before it adds another one, which takes quadratic time
// for very many. This class adds members without a search. The caller must not add a key twice.
class JsonMembers {
 public:
  void add(std::string key, nlohmann::ordered_json value) {
    members_.emplace_back(std::move(key), std::move(value));
  }

  bool empty() const { return members_.empty(); }

  // Returns the object and leaves this empty.
  nlohmann::ordered_json take() {
    const auto taken = std::exchange(members_, {});
    return nlohmann::ordered_json::object_t(taken.begin(), taken.end());
  }

 private:
  std::vector<std::pair<std::string, nlohmann::ordered_json>> members_;
};

}  // namespace holdfast::format
