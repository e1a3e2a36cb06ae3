// Every on-disk name in a run directory, and the parsers of these names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::format {

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

// "step-000000000200": at least 12 digits, so that names sort as steps do. Error(kInvalidArgument)
// for a negative step.
std::string step_directory_name(std::int64_t step);
// The inverse of step_directory_name(). Empty for any other name.
std::optional<std::int64_t> parse_step_directory(std::string_view name);

// The last name in a path, however the path is written: "a" for "a", "a/" and "./a/.". For "." it
// is the name of the working directory. Empty if there is none, as for "/".
std::string name_of_directory(const std::string& path);

// New names for the directory of a checkpoint that is being written, ".tmp-<step>-<pid>-<random>",
// and of one that is being removed, ".del-<step>-<pid>-<random>".
std::string pending_directory_name(std::int64_t step);
std::string retired_directory_name(std::int64_t step);
// True for names that these two functions return in any process. Only such directories may be
// removed without being asked to.
bool is_unfinished_directory(std::string_view name);
// The step in a name that retired_directory_name() returned. Empty for any other name.
std::optional<std::int64_t> parse_retired_directory(std::string_view name);

// "<name>.reason.txt": the file in quarantine/ that says why quarantine/<name> is there.
std::string reason_file_name(const std::string& name);

}  // namespace holdfast::format
