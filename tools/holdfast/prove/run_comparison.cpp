#include "run_comparison.h"

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "run/watched_runs.h"

namespace holdfast::tool {
namespace {

using StepList = std::vector<std::int64_t>;
using format::JournalRecord;

constexpr int kThreads = 2;

StepList common_steps(const StepList& a, const StepList& b) {
  StepList common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common;
}

CheckpointFiles open_checkpoint(const std::string& run, std::int64_t step) {
  return CheckpointFiles(Directory::open(
      posix_file_system(),
      run + "/" + format::kCheckpointsDirectory + "/" + format::step_directory_name(step)));
}

std::set<StateKind> kinds_in(const format::Catalog& catalog) {
  std::set<StateKind> kinds;
  for (const format::Entry& entry : catalog.entries) kinds.insert(kind_of(entry.name));
  return kinds;
}

std::map<std::string, JournalRecord> by_name(const std::vector<JournalRecord>& records) {
  std::map<std::string, JournalRecord> journals;
  for (const JournalRecord& record : records) journals.emplace(record.name, record);
  return journals;
}

// "line 3 differs" for two files that differ in their first `bytes` bytes. If they do not, names
// the line behind these bytes.
std::string line_that_differs(const std::string& a, const std::string& b, std::uint64_t bytes) {
  std::ifstream first(a, std::ios::binary), second(b, std::ios::binary);
  std::int64_t line = 1;
  for (std::uint64_t i = 0; i < bytes; ++i) {
    const int x = first.get();
    if (x != second.get() || x == std::ifstream::traits_type::eof()) break;
    line += x == '\n' ? 1 : 0;
  }
  return "line " + std::to_string(line) + " differs";
}

// The two checkpoints of a step, one from each run.
class CheckpointPair {
 public:
  CheckpointPair(std::string a, std::string b, std::int64_t step)
      : a_(std::move(a)),
        b_(std::move(b)),
        first_(open_checkpoint(a_, step)),
        second_(open_checkpoint(b_, step)) {}

  // The number of bytes to compare; a tied tensor counts once.
  std::uint64_t bytes() const {
    std::uint64_t bytes = 0;
    for (const format::Entry& entry : first_.catalog().entries)
      if (entry.alias_of.empty()) bytes += format::bytes_of(entry);
    return bytes;
  }

  void compare_entries(RunComparison& result, const Progress& progress) const {
    CompareOptions every_byte;
    every_byte.skip_equal_blocks = false;
    every_byte.progress = progress;
    Comparison found = compare(first_, second_, kThreads, every_byte);
    result.entries += found.identical.size() + found.differences.size();
    result.bytes += found.bytes_compared;
    if (found.differences.empty()) return;
    result.parting = {first_.manifest().step, std::move(found.differences),
                      kinds_in(first_.catalog())};
  }

  void compare_journals(RunComparison& result) const {
    const auto first = by_name(first_.manifest().journals);
    const auto second = by_name(second_.manifest().journals);
    for (const auto& [name, record] : first) {
      const auto other = second.find(name);
      if (other != second.end() && record == other->second) {
        result.journals.push_back(name);
      } else if (!result.journal) {
        result.journal = {
            name, other == second.end() ? "only in the first" : difference(record, other->second)};
      }
    }
    for (const auto& [name, record] : second)
      if (first.count(name) == 0 && !result.journal) result.journal = {name, "only in the second"};
  }

 private:
  std::string difference(const JournalRecord& x, const JournalRecord& y) const {
    return line_that_differs(a_ + "/" + x.name, b_ + "/" + y.name, std::min(x.bytes, y.bytes));
  }

  std::string a_, b_;
  CheckpointFiles first_, second_;
};

}  // namespace

RunComparison compare_runs(const std::string& a, const std::string& b,
                           const ComparisonWatch& watch) {
  const StepList steps_of_a = steps_of_run(a), steps_of_b = steps_of_run(b);
  const StepList common = common_steps(steps_of_a, steps_of_b);
  RunComparison result;
  result.in_one_only = steps_of_a.size() + steps_of_b.size() - 2 * common.size();
  for (const std::int64_t step : common) {
    const CheckpointPair pair(a, b, step);
    watch.begin(step, pair.bytes());
    result.steps.push_back(step);
    pair.compare_entries(result, watch.progress);
    if (result.parting) break;
    if (step == common.back()) pair.compare_journals(result);
  }
  return result;
}

}  // namespace holdfast::tool
