// Runs Python, to read files without any code of ours.
#pragma once

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/temporary_directory.h"

namespace holdfast::testing {

// Runs a script, which can use h5py and numpy, and returns what it prints. Throws, with the output,
// if the script fails.
inline std::string run_python(const std::string& script) {
  TemporaryDirectory directory;
  const std::string path = directory / "script.py";
  std::ofstream(path) << script;
  FILE* pipe = popen((std::string(HOLDFAST_H5PY_PYTHON) + " " + path + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start " HOLDFAST_H5PY_PYTHON);
  std::string output;
  std::array<char, 4096> buffer;
  while (std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), count);
  if (pclose(pipe) != 0) throw std::runtime_error("python failed:\n" + output);
  return output;
}

}  // namespace holdfast::testing
