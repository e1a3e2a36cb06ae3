#include <string>
#include <vector>

#include <holdfast/text/table.h>
#include <holdfast/text/units.h>
#include <holdfast/trainer/stop_signals.h>
#include <holdfast/trainer/trainer.h>

namespace holdfast::trainer {

std::string summary_of(const RunResult& result) {
  std::vector<text::TableRow> rows = {
      {"steps", text::format_count(result.steps) +
                    (result.steps_here == result.steps
                         ? ""
                         : " (" + text::format_count(result.steps_here) + " in this process)")}};
  for (const auto& [name, value] : result.metrics) {
    const bool fraction = name.size() > 9 && name.compare(name.size() - 9, 9, "_accuracy") == 0;
    rows.push_back({name, fraction ? text::format_percent(value) : text::format_loss(value)});
  }
  rows.push_back({"checkpoints written", text::format_count(result.saves.saves)});
  if (result.saves.failures > 0)
    rows.push_back({"saves failed", text::format_count(result.saves.failures)});
  rows.push_back({"bytes written", text::format_bytes(static_cast<double>(result.saves.bytes))});
  rows.push_back(
      {"training held up by saves", text::format_duration(result.saves.blocked_seconds)});
  rows.push_back({"time", text::format_duration(result.seconds)});
  if (result.stopped_by == 0) return text::format_table("Run finished", rows);
  return text::format_table("Run stopped by " + signal_name(result.stopped_by), rows) +
         "With --resume auto it goes on from step " + text::format_count(result.steps) + ".\n";
}

}  // namespace holdfast::trainer
