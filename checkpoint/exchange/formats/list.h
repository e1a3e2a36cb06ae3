// The list of the file formats. To add the format "abc":
//
//   1. Write formats/abc_file.cpp, and add it to exchange/CMakeLists.txt. It has a class that
//      derives from FileFormat (file_format.h), and
//        const FileFormat& abc_format() {
//          static const AbcFile format;
//          return format;
//        }
//   2. Add the line FORMAT(abc_format) to the list below.
//
// Import, export, the tool with its help and messages, and the tests that run over all formats take
// it from here.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// In the order in which messages name them.
#define HOLDFAST_FILE_FORMATS(FORMAT) \
  FORMAT(torch_format)                \
  FORMAT(safetensors_format)          \
  FORMAT(numpy_format)                \
  FORMAT(hdf5_format)

namespace holdfast::exchange {

class FileFormat;

#define HOLDFAST_DECLARE_FORMAT(format) const FileFormat& format();
HOLDFAST_FILE_FORMATS(HOLDFAST_DECLARE_FORMAT)
#undef HOLDFAST_DECLARE_FORMAT

const std::vector<const FileFormat*>& all_file_formats();

// The format that files with the ending of `path` have (".pt"). Null if no format has that ending.
const FileFormat* file_format_of(std::string_view path);

// "PyTorch or HDF5", for messages: the formats of which `is_one` is true.
std::string names_of_formats(const std::function<bool(const FileFormat&)>& is_one);

}  // namespace holdfast::exchange
