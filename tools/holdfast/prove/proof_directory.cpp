#include "proof_directory.h"

#include <holdfast/checkpoint/base/error.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "run/temporary.h"

namespace holdfast::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::streamoff kTailBytes = 1 << 14;

std::string make_temporary() {
  std::string path = temporary_directory() + "/holdfast-prove-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    throw system_error(errno, "cannot make the directory for the two runs", path);
  return fs::canonical(path).string();
}

std::string make_named(const std::string& named) {
  std::error_code error;
  fs::create_directories(named, error);
  if (error) throw system_error(error.value(), "cannot make the directory for the two runs", named);
  return fs::canonical(named).string();
}

void require_unused(const std::string& path) {
  if (!fs::exists(path)) return;
  throw Error(ErrorKind::kInvalidArgument, "a proof begins with fresh run directories")
      .at(path)
      .expected("nothing there")
      .found("something there, perhaps from an earlier proof")
      .remedy("name another directory, or remove it");
}

std::string tail_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = stream.tellg();
  if (size > kTailBytes)
    stream.seekg(-kTailBytes, std::ios::end);
  else
    stream.seekg(0);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string plain(std::string line) {
  while (!line.empty() && line.back() == '\r') line.pop_back();
  line.erase(0, line.rfind('\r') + 1);
  const auto is_control = [](unsigned char c) { return (c < 32 && c != '\t') || c == 127; };
  line.erase(std::remove_if(line.begin(), line.end(), is_control), line.end());
  return line;
}

}  // namespace

ProofDirectory::ProofDirectory(const std::string& named)
    : path_(named.empty() ? make_temporary() : make_named(named)), is_named_(!named.empty()) {
  require_unused(uninterrupted());
  require_unused(killed());
}

ProofDirectory::~ProofDirectory() {
  std::error_code ignored;
  if (!is_kept()) fs::remove_all(path_, ignored);
}

std::vector<std::string> last_lines(const std::string& file, std::size_t count) {
  std::vector<std::string> lines;
  const std::string text = tail_of(file);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(plain(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  if (lines.size() > count)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

}  // namespace holdfast::tool
