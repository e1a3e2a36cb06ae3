#include "resident_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace holdfast::bench {
namespace {

// Reads a number from a file with lines such as "VmRSS:  1234 kB"; 0 if it has no such line.
std::uint64_t bytes_in(const std::string& file, const std::string& key) {
  std::ifstream status(file);
  std::string word;
  while (status >> word) {
    if (word != key) continue;
    std::uint64_t kib = 0;
    status >> kib;
    return kib * 1024;
  }
  return 0;
}

}  // namespace

std::uint64_t resident_bytes() {
  malloc_trim(0);
  return bytes_in("/proc/self/status", "VmRSS:");
}
std::uint64_t peak_resident_bytes() {
  return bytes_in("/proc/self/status", "VmHWM:");
}
void reset_peak_resident_bytes() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::uint64_t available_bytes() {
  return bytes_in("/proc/meminfo", "MemAvailable:");
}

}  // namespace holdfast::bench
