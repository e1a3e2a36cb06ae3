// The result of a benchmark: samples, and their statistics.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace holdfast::bench {

// What was saved or loaded, and with which options.
struct Workload {
  std::uint64_t bytes = 0;
  std::int64_t tensors = 0;
  int shards = 1;
  int threads = 1;
};

// One quantity that was measured. The end of its name is the unit: "_s" seconds, "_bytes" bytes,
// "_gb_s" 10^9 bytes per second; with any other end it is a plain number.
struct Measure {
  std::string name;
  std::vector<double> samples;
};

// One case of one benchmark.
struct Result {
  std::string bench;
  std::string name;
  Workload workload;
  std::vector<Measure> measures;  // in the order in which they were first added

  void add(const std::string& measure, double sample);
  const Measure* find(const std::string& measure) const;  // nullptr if it was not measured
};

double median(std::vector<double> samples);  // of one sample or more; for an even number, the mean
                                             // of the two in the middle

// JSON: {"bench": …, "case": …, the workload, "repeat": …, "median": {measure: …}, "min": …, "max":
// …, "samples": {measure: […]}}
nlohmann::ordered_json to_json(const Result& result);

}  // namespace holdfast::bench
