#include <holdfast/checkpoint/format/manifest.h>

#include <algorithm>
#include <cmath>

namespace holdfast::format {
namespace {

// NaN equals NaN here, and 0 does not equal -0: what matters is whether the same text is written.
bool same_number(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

bool same_metrics(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.first == y.first && same_number(x.second, y.second);
         });
}

}  // namespace

bool FileRecord::operator==(const FileRecord& other) const {
  return name == other.name && bytes == other.bytes && blocks == other.blocks && kind == other.kind;
}

bool JournalRecord::operator==(const JournalRecord& other) const {
  return name == other.name && bytes == other.bytes && digest == other.digest;
}

bool Origin::operator==(const Origin& other) const {
  return run_id == other.run_id && step == other.step && path == other.path;
}

const FileRecord* Manifest::file(const std::string& name) const {
  for (const FileRecord& record : files) {
    if (record.name == name) return &record;
  }
  return nullptr;
}

bool Manifest::operator==(const Manifest& other) const {
  return step == other.step && created == other.created && run_id == other.run_id &&
         resumed_from == other.resumed_from && environment == other.environment &&
         configuration == other.configuration && same_metrics(metrics, other.metrics) &&
         retention == other.retention && journals == other.journals && files == other.files &&
         has_optional_parts == other.has_optional_parts;
}

}  // namespace holdfast::format
