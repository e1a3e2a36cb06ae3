// The language of the configuration, declared once: every key with its type and its range. A
// visitor reads it, or writes it out. Internal to the configuration.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/trainer/config.h>

namespace holdfast::trainer {

enum class Presence { kOptional, kRequired };

struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();

  bool contains(std::int64_t value) const { return value >= min && value <= max; }
  std::string text() const;  // "an integer of 1 or more"
};

// An interval of finite numbers; a bound that is not included is open.
struct RealRange {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
  bool min_open = false;
  bool max_open = false;

  bool contains(double value) const;  // false for NaN and infinities
  std::string text() const;           // "a number in [0, 1)"
};

// What a key holds that has keys or elements below it.
enum class Section {
  kFixed,  // a mapping with the keys of the language
  kNamed,  // a mapping from names that the user gives
  kList,   // a sequence of sections; their keys are the indices
};

class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  // True for a visitor that puts in values, and leaves what it has none for as it is.
  virtual bool fills() const = 0;

  virtual void boolean(const std::string& key, bool& value) = 0;
  virtual void integer(const std::string& key, std::int64_t& value, const IntegerRange& range) = 0;
  virtual void real(const std::string& key, double& value, const RealRange& range) = 0;
  virtual void text(const std::string& key, std::string& value, Presence presence) = 0;
  virtual void texts(const std::string& key, std::vector<std::string>& values,
                     Presence presence) = 0;
  virtual void integers(const std::string& key, std::vector<std::int64_t>& values,
                        const IntegerRange& range, Presence presence) = 0;
  virtual void choice(const std::string& key, std::size_t& index,
                      const std::vector<std::string_view>& names, Presence presence) = 0;

  virtual void enter(const std::string& key, Section section) = 0;
  virtual void leave() = 0;
  // In a kNamed or kList section: the keys to enter, given those the configuration has now.
  virtual std::vector<std::string> keys(const std::vector<std::string>& present) = 0;
};

void visit(ConfigVisitor& visitor, Config& config);

}  // namespace holdfast::trainer
