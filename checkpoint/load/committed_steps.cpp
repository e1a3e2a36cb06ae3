#include <holdfast/checkpoint/load/committed_steps.h>

#include <algorithm>
#include <string>

#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {

std::vector<std::int64_t> listed_steps(const Directory& checkpoints) {
  std::vector<std::int64_t> steps;
  for (const std::string& name : checkpoints.list())
    if (const auto step = format::parse_step_directory(name)) steps.push_back(*step);
  std::sort(steps.begin(), steps.end());
  return steps;
}

// A run that keeps one checkpoint may save the next and remove that one between our listing and our
// look at its entries. So a listing of which an entry has gone is not used. Nor is an empty one:
// some file systems do not list what is renamed meanwhile. In both cases list again, until two
// listings in a row are the same.
std::vector<std::int64_t> committed_steps(const Directory& checkpoints) {
  std::optional<std::vector<std::int64_t>> before;
  for (;;) {
    std::vector<std::int64_t> listed = listed_steps(checkpoints), steps;
    bool has_gone = false;
    for (const std::int64_t step : listed) {
      const auto type = checkpoints.type_of(format::step_directory_name(step));
      if (type == FileType::kDirectory) steps.push_back(step);
      has_gone |= !type;
    }
    if ((!has_gone && !steps.empty()) || before == listed) return steps;
    before = std::move(listed);
  }
}

std::optional<std::int64_t> newest_step(const Directory& checkpoints) {
  const std::vector<std::int64_t> steps = committed_steps(checkpoints);
  return steps.empty() ? std::nullopt : std::optional<std::int64_t>(steps.back());
}

}  // namespace holdfast
