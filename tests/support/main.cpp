// main() of every test program. For CTest, a program with LibTorch is one test, so that CTest does
// not see which tests in it are skipped. Therefore: if $HOLDFAST_SKIPS names a file, a test that is
// skipped fails unless the file lists it, by a line "Suite.Test: the reason". '#' begins a comment.
// A parameterized test is listed once, without its parameters.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>

namespace {

// Turns "Instance/Suite.Test/Parameter" into "Suite.Test".
std::string plain_name(const testing::TestInfo& test) {
  const std::string suite = test.test_suite_name(), name = test.name();
  return suite.substr(suite.find('/') + 1) + "." + name.substr(0, name.find('/'));
}

std::set<std::string> read_list(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read the list of skipped tests " + path);
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos || colon + 2 == line.size())
      throw std::runtime_error(
          path + " gives no reason: expected \"Suite.Test: the reason\", found " + line);
    names.insert(line.substr(0, colon));
  }
  return names;
}

class NoOtherSkips : public testing::EmptyTestEventListener {
 public:
  explicit NoOtherSkips(const std::string& path) : path_(path), allowed_(read_list(path)) {}

  // GoogleTest calls this before it prints the result of the test.
  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Skipped() && allowed_.count(plain_name(test)) == 0)
      ADD_FAILURE() << plain_name(test) << " is skipped, and " << path_ << " does not list it";
  }

 private:
  const std::string path_;
  const std::set<std::string> allowed_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    if (const char* const path = std::getenv("HOLDFAST_SKIPS"))
      testing::UnitTest::GetInstance()->listeners().Append(new NoOtherSkips(path));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return RUN_ALL_TESTS();
}
