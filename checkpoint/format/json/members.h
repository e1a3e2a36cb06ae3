// The members of an object of JSON that is to be written. Internal to the library and its tools.
#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace holdfast::format {

// An ordered_json looks through all members before it takes another: for very many that takes the
// square of the time. Here each is added as it comes; the keys are distinct.
class JsonMembers {
 public:
  void add(std::string key, nlohmann::ordered_json value) {
    members_.emplace_back(std::move(key), std::move(value));
  }

  bool empty() const { return members_.empty(); }

  // The object. Leaves this empty.
  nlohmann::ordered_json take() {
    const auto taken = std::exchange(members_, {});
    return nlohmann::ordered_json::object_t(taken.begin(), taken.end());
  }

 private:
  std::vector<std::pair<std::string, nlohmann::ordered_json>> members_;
};

}  // namespace holdfast::format
