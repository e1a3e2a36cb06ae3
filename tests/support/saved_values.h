// Keeps in memory what a Stateful saves: the integers, booleans and reals of samplers and
// schedules.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast::testing {

class SavedValues final : public StateWriter, public StateReader {
 public:
  std::map<std::string, std::int64_t, std::less<>> integers;
  std::map<std::string, bool, std::less<>> booleans;
  std::map<std::string, double, std::less<>> reals;

  void integer(std::string_view name, std::int64_t value) override {
    integers.insert_or_assign(std::string(name), value);
  }
  void boolean(std::string_view name, bool value) override {
    booleans.insert_or_assign(std::string(name), value);
  }
  void real(std::string_view name, double value) override {
    reals.insert_or_assign(std::string(name), value);
  }
  std::int64_t integer(std::string_view name) const override { return find(integers, name); }
  bool boolean(std::string_view name) const override { return find(booleans, name); }
  double real(std::string_view name) const override { return find(reals, name); }
  bool contains(std::string_view name) const override {
    return integers.count(name) + booleans.count(name) + reals.count(name) != 0;
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> all;
    for (const auto& [name, value] : integers) all.push_back(name);
    for (const auto& [name, value] : booleans) all.push_back(name);
    for (const auto& [name, value] : reals) all.push_back(name);
    return all;
  }

  void tensor(std::string_view, const at::Tensor&) override { refuse(); }
  void text(std::string_view, std::string_view) override { refuse(); }
  void none(std::string_view) override { refuse(); }
  StateWriter& group(std::string_view) override { refuse(); }
  bool is_none(std::string_view) const override { return false; }
  at::Tensor tensor(std::string_view) const override { refuse(); }
  std::string text(std::string_view) const override { refuse(); }
  const StateReader& group(std::string_view) const override { refuse(); }

 private:
  [[noreturn]] static void refuse() {
    throw std::logic_error("only integers, booleans and reals are kept");
  }

  template <typename Values>
  static typename Values::mapped_type find(const Values& values, std::string_view name) {
    const auto found = values.find(name);
    if (found != values.end()) return found->second;
    throw Error(ErrorKind::kMismatch, "there is no value '" + std::string(name) + "'");
  }
};

}  // namespace holdfast::testing
