#include <holdfast/checkpoint/format/manifest_check.h>

#include <algorithm>
#include <unordered_set>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::format {
namespace {

constexpr std::size_t kMaxFileNameBytes = 255;
constexpr std::size_t kMaxPartNameBytes = 64;

// True for a single component of a path, so that no name can lead out of the directory.
bool is_plain_file_name(const std::string& name) {
  return !name.empty() && name.size() <= kMaxFileNameBytes && name != "." && name != ".." &&
         name.find('/') == std::string::npos && name.find('\0') == std::string::npos &&
         is_utf8(name);
}

class Check {
 public:
  Check(ErrorKind kind, const std::string& path) : kind_(kind), path_(path) {}

  void require(bool fits, const std::string& problem, const std::string& expected,
               const std::string& found) const {
    if (fits) return;
    Error error(kind_, "the manifest: " + problem);
    if (!path_.empty()) error.at(path_);
    throw error.expected(expected).found(found);
  }

  void identity(const std::string& run_id, std::int64_t step) const {
    require(Digest::from_hex(run_id).has_value(), "the run id is malformed",
            "32 lower-case hex digits", in_quotes(run_id));
    require(step >= 0, "the step is negative", "0 or more", std::to_string(step));
  }

  void retention(const RetentionPolicy& policy) const {
    require(policy.keep_last >= 0, "keep_last is negative", "0 or more",
            std::to_string(policy.keep_last));
    require(policy.keep_best >= 0, "keep_best is negative", "0 or more",
            std::to_string(policy.keep_best));
  }

  template <typename Record>
  void names(const std::vector<Record>& records) const {
    std::unordered_set<std::string> seen;
    for (const Record& record : records) {
      require(is_plain_file_name(record.name), "a file name is not allowed",
              "UTF-8 text without '/', at most 255 bytes, not \".\" or \"..\"",
              in_quotes(record.name));
      require(seen.insert(record.name).second, "a file is listed twice", "each file once",
              in_quotes(record.name));
    }
  }

  void blocks(const FileRecord& record) const {
    const std::uint64_t blocks = record.bytes / kBlockBytes + (record.bytes % kBlockBytes != 0);
    require(record.blocks.size() == blocks,
            in_quotes(record.name) + " does not have one digest for each block",
            std::to_string(blocks), std::to_string(record.blocks.size()));
  }

  void kind(const FileRecord& record, bool may_have_one) const {
    require(record.kind.empty() || (may_have_one && is_part_name(record.kind)),
            in_quotes(record.name) + " has a kind",
            may_have_one ? "lower-case letters, digits and '-'" : "none in version 1 and 2",
            in_quotes(record.kind));
  }

  template <typename Value>
  void keys(const std::map<std::string, Value>& values) const {
    for (const auto& [key, value] : values) {
      require(is_utf8(key), "a key is not valid UTF-8", "UTF-8", in_quotes(key));
    }
  }

 private:
  ErrorKind kind_;
  const std::string& path_;
};

}  // namespace

bool is_part_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_allowed = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kMaxPartNameBytes && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

void check(const Manifest& manifest, ErrorKind kind, const std::string& path) {
  const Check check(kind, path);
  check.identity(manifest.run_id, manifest.step);
  check.require(is_utc(manifest.created), "the time of creation is malformed",
                "\"2026-01-31T12:00:00.000Z\"", in_quotes(manifest.created));
  if (manifest.resumed_from) {
    check.identity(manifest.resumed_from->run_id, manifest.resumed_from->step);
  }
  if (manifest.retention) check.retention(*manifest.retention);
  check.keys(manifest.environment);
  check.keys(manifest.configuration);
  check.keys(manifest.metrics);
  check.names(manifest.journals);
  check.names(manifest.files);
  for (const FileRecord& record : manifest.files) {
    check.blocks(record);
    check.kind(record, manifest.has_optional_parts);
  }
}

}  // namespace holdfast::format
