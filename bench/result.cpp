#include "result.h"

#include <algorithm>

namespace holdfast::bench {
namespace {

auto named(const std::string& name) {
  return [&name](const Measure& measure) { return measure.name == name; };
}

}  // namespace

void Result::add(const std::string& measure, double sample) {
  auto found = std::find_if(measures.begin(), measures.end(), named(measure));
  if (found == measures.end()) found = measures.insert(found, Measure{measure, {}});
  found->samples.push_back(sample);
}

const Measure* Result::find(const std::string& measure) const {
  const auto found = std::find_if(measures.begin(), measures.end(), named(measure));
  return found == measures.end() ? nullptr : &*found;
}

double median(std::vector<double> samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  if (samples.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(samples.begin(), middle)) / 2;
}

nlohmann::ordered_json to_json(const Result& result) {
  nlohmann::ordered_json medians, minima, maxima, samples;
  std::size_t repeat = 0;
  for (const Measure& measure : result.measures) {
    const auto [least, most] = std::minmax_element(measure.samples.begin(), measure.samples.end());
    medians[measure.name] = median(measure.samples);
    minima[measure.name] = *least;
    maxima[measure.name] = *most;
    samples[measure.name] = measure.samples;
    repeat = std::max(repeat, measure.samples.size());
  }
  return {{"bench", result.bench},
          {"case", result.name},
          {"bytes", result.workload.bytes},
          {"tensors", result.workload.tensors},
          {"shards", result.workload.shards},
          {"threads", result.workload.threads},
          {"repeat", repeat},
          {"median", medians},
          {"min", minima},
          {"max", maxima},
          {"samples", samples}};
}

}  // namespace holdfast::bench
