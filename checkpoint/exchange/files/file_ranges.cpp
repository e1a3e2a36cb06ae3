#include <holdfast/checkpoint/exchange/files/file_ranges.h>

#include <algorithm>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::exchange {

void require_apart(std::vector<FileRange> ranges, const std::string& path) {
  const auto is_empty = [](const FileRange& range) { return range.begin >= range.end; };
  ranges.erase(std::remove_if(ranges.begin(), ranges.end(), is_empty), ranges.end());
  std::sort(ranges.begin(), ranges.end(),
            [](const FileRange& a, const FileRange& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin >= ranges[i - 1].end) continue;
    throw Error(ErrorKind::kCorrupt, "two values of the file have bytes in common")
        .at(path)
        .expected("bytes of its own for each")
        .found(ranges[i - 1].what + " and " + ranges[i].what + ", at byte " +
               std::to_string(ranges[i].begin))
        .remedy("get the file again, or write it again from its origin");
  }
}

}  // namespace holdfast::exchange
