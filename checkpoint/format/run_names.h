// Every on-disk name of a run, and their parsers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

inline constexpr const char* kCheckpointsDirectory = "checkpoints";
inline constexpr const char* kQuarantineDirectory = "quarantine";
inline constexpr const char* kSupersededDirectory = "superseded";
inline constexpr const char* kPinsDirectory = "pins";
inline constexpr const char* kTagsDirectory = "tags";
inline constexpr const char* kVerifiedDirectory = "verified";
inline constexpr const char* kEventsFile = "events.jsonl";
inline constexpr const char* kFailuresFile = "failures.log";
inline constexpr const char* kLockFile = "LOCK";
inline constexpr const char* kRestoredFile = "RESTORED";

// "step-000000000200": 12 digits, so that names sort as steps do; more where a step needs more.
// Error(kInvalidArgument) for a negative step.
std::string step_directory_name(std::int64_t step);
// Empty if the text is not something that step_directory_name returns.
std::optional<std::int64_t> parse_step_directory(std::string_view name);

// The last name in a path, however that is written: "a" of "a", "a/" and "./a/."; of the working
// directory for ".". Empty where there is none.
std::string name_of_directory(const std::string& path);

// New names for a checkpoint that is not there yet, or no more:
// ".tmp-<step>-<pid>-<random>" and ".del-<step>-<pid>-<random>".
std::string pending_directory_name(std::int64_t step);
std::string retired_directory_name(std::int64_t step);
// True for what these two return, in any process. Nothing else may be removed unasked.
bool is_unfinished_directory(std::string_view name);
// The step of what retired_directory_name returned; empty for anything else.
std::optional<std::int64_t> parse_retired_directory(std::string_view name);

// "<name>.reason.txt": why quarantine/<name> is there.
std::string reason_file_name(const std::string& name);

}  // namespace holdfast
