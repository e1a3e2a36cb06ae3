// Declares every key of the configuration once, with its type and its range. One visitor reads a
// configuration by this declaration, another writes it out. Internal to the configuration.
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

// An interval of finite numbers. An open bound is not part of it.
struct RealRange {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
  bool min_open = false;
  bool max_open = false;

  bool contains(double value) const;  // false for NaN and infinities
  std::string text() const;           // "a number in [0, 1)"
};

// What is below a key that holds no plain value.
enum class Section {
  kFixed,  // a mapping whose keys are declared here
  kNamed,  // a mapping whose keys are names of the user's choice
  kList,   // a sequence of mappings; their keys are their indices
};

class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  // True for a visitor that sets values. It leaves a value alone if it has nothing for that key.
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
  // Called in a kNamed or kList section. Returns the keys to enter. `present` are the keys that the
  // configuration has now.
  virtual std::vector<std::string> keys(const std::vector<std::string>& present) = 0;
};

void visit(ConfigVisitor& visitor, Config& config);

}  // namespace holdfast::trainer
