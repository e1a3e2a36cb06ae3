// Tries a target without a fuzzer: with every file of its corpus, then with mutations of them, the
// same ones every time.
//
//   fuzz_manifest CORPUS [MUTATIONS [SEED]]
//
// An input that ends the process is left in ./crash-input; as the only file of a corpus it does it
// again. A corpus of which nothing is accepted tests nothing, and fails.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/mutator.h"

namespace {

std::string input;  // that is being tried

// Only what a signal handler may do.
void keep_input(int signal) {
  const int fd = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  const bool kept = write(fd, input.data(), input.size()) >= 0;
  constexpr char kWords[] = "the input is in ./crash-input\n";
  if (kept && write(STDERR_FILENO, kWords, sizeof kWords - 1) < 0) _exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<std::string> contents_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) paths.push_back(entry);
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> contents;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    contents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return contents;
}

bool try_one(std::string text) {
  input = std::move(text);
  return holdfast::testing::try_input(input);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 4) {
    std::cerr << "usage: " << arguments[0] << " CORPUS [MUTATIONS [SEED]]\n";
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(signal, keep_input);
  const std::vector<std::string> corpus = contents_of(arguments[1]);
  const long mutations = count > 2 ? std::stol(arguments[2]) : 10'000;
  const std::uint64_t seed = count > 3 ? std::stoull(arguments[3]) : 1;

  const auto accepted = std::count_if(corpus.begin(), corpus.end(), try_one);
  std::cout << corpus.size() << " inputs, " << accepted << " accepted\n";
  if (accepted == 0) return 1;
  holdfast::testing::Mutator mutator(corpus, seed);
  long accepted_mutations = 0;
  for (long i = 0; i < mutations; ++i) accepted_mutations += try_one(mutator.next());
  std::cout << mutations << " mutations, " << accepted_mutations << " accepted\n";
  return 0;
}
