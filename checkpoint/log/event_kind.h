// What an entry of the table of events (event_table.h) is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::events {

// The type of a field. All are optional: a version that knew less, or more, wrote the log.
using Integer = std::optional<std::int64_t>;
using Number = std::optional<double>;
using Flag = std::optional<bool>;
using Text = std::optional<std::string>;

// How a value is shown to people.
enum class Unit {
  kNone,
  kStep,     // completed optimizer steps; below 0: none
  kBytes,    //
  kSeconds,  //
  kReason,   // a text of one line or several
};

// What an event means to whoever looks at the run.
enum class Weight {
  kPlain,    // a part of every training
  kResume,   // the training goes on from a checkpoint
  kNotice,   // worth a look, and no harm
  kProblem,  // something is wrong with what is stored, or the run went back
  kFailure,  // the training, or a save of it, has failed
};

// The words of an entry. The sentence has a field's value where {field} stands. A part in brackets
// is left out where one of its fields is missing; with a bar in it, [a|b], b stands there instead.
// A step below 0, an empty text and a flag that is false are missing; a flag shows no value.
struct Words {
  const char* name;  // as it is written
  Weight weight;
  const char* meaning;
  const char* sentence;
};

template <typename Kind, typename Value>
struct Field {
  const char* name;  // as it is written
  Value Kind::*member;
  Unit unit = Unit::kNone;
  const char* meaning = "";  // empty: the name says it
};

template <typename Kind, typename Value>
constexpr Field<Kind, Value> field(const char* name, Value Kind::*member, Unit unit = Unit::kNone,
                                   const char* meaning = "") {
  return {name, member, unit, meaning};
}
template <typename Kind, typename Value>
constexpr Field<Kind, Value> field(const char* name, Value Kind::*member, const char* meaning) {
  return {name, member, Unit::kNone, meaning};
}

}  // namespace holdfast::events
