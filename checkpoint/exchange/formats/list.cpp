#include <holdfast/checkpoint/exchange/formats/list.h>

#include <holdfast/checkpoint/exchange/formats/file_format.h>

namespace holdfast::exchange {

const std::vector<const FileFormat*>& all_file_formats() {
#define HOLDFAST_ADDRESS_OF_FORMAT(format) &format(),
  static const std::vector<const FileFormat*> formats = {
      HOLDFAST_FILE_FORMATS(HOLDFAST_ADDRESS_OF_FORMAT)};
#undef HOLDFAST_ADDRESS_OF_FORMAT
  return formats;
}

const FileFormat* file_format_of(std::string_view path) {
  for (const FileFormat* format : all_file_formats())
    for (const std::string_view ending : format->traits().endings) {
      // ".pt" alone is a name without an ending.
      if (path.size() < ending.size() + 2) continue;
      const std::string_view last = path.substr(path.size() - ending.size() - 1);
      if (last.front() == '.' && last.substr(1) == ending) return format;
    }
  return nullptr;
}

std::string names_of_formats(const std::function<bool(const FileFormat&)>& is_one) {
  std::string names;
  for (const FileFormat* format : all_file_formats())
    if (is_one(*format)) names += (names.empty() ? "" : " or ") + std::string(format->name());
  return names;
}

}  // namespace holdfast::exchange
