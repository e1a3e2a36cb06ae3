// Are two checkpoints the same, bit by bit?
//
//   compare_checkpoints A B        each a run (its newest checkpoint) or a checkpoint directory
//
// Exit status: 0 the same; 1 different; 2 bad usage, or one could not be read.
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/compare.h>
#include <holdfast/checkpoint/reader.h>

namespace {

// "models/mlp" of "models/mlp/parameters/fc1.weight"; "progress" of "progress/step".
std::string part_of(const std::string& name) {
  const auto components = holdfast::format::split(name);
  if (!components || components->size() < 3) return name.substr(0, name.find('/'));
  return (*components)[0] + "/" + (*components)[1];
}

struct Count {
  std::int64_t identical = 0;
  std::int64_t different = 0;
};

int compare(const std::string& a, const std::string& b) {
  const holdfast::Reader first(a), second(b);
  std::cout << "A: " << first.info().path << ", step " << first.info().step << "\n"
            << "B: " << second.info().path << ", step " << second.info().step << "\n";
  const holdfast::Comparison result = holdfast::compare(first.files(), second.files(), 2);

  std::map<std::string, Count> parts;
  for (const std::string& name : result.identical) parts[part_of(name)].identical += 1;
  for (const auto& difference : result.differences) parts[part_of(difference.name)].different += 1;
  for (const auto& [part, count] : parts)
    std::cout << "  " << part << ": " << count.identical << " identical, " << count.different
              << " different\n";
  for (const auto& difference : result.differences)
    std::cout << "  " << difference.name << ": " << difference.problem << "\n";
  if (!result.differences.empty()) {
    std::cout << result.differences.size() << " entries DIFFER\n";
    return 1;
  }
  std::cout << "all " << result.identical.size() << " entries (" << result.bytes
            << " bytes) are the same, bit for bit\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: compare_checkpoints A B\n";
    return 2;
  }
  try {
    return compare(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "compare_checkpoints: " << error.what() << "\n";
    return 2;
  }
}
