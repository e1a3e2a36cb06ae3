#include <holdfast/checkpoint/base/error.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast {
namespace {

constexpr std::size_t kMaxPartBytes = 8192;

std::string shown(const std::string& part) {
  const std::string_view start = beginning(part, kMaxPartBytes);
  return printable(start) + (start.size() < part.size() ? "…" : "");
}

ErrorKind kind_of(int errnum) {
  switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorKind::kNoSpace;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kPermission;
    case ENOENT:
      return ErrorKind::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorKind::kExists;
    default:
      return ErrorKind::kIo;
  }
}

const char* remedy_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNoSpace:
      return "free disk space, or raise the quota or the file size limit";
    case ErrorKind::kPermission:
      return "check the owner and the permissions of the path, and that the file system is "
             "writable";
    default:
      return "";
  }
}

}  // namespace

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return "invalid argument";
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kExists:
      return "exists";
    case ErrorKind::kIo:
      return "I/O error";
    case ErrorKind::kNoSpace:
      return "no space";
    case ErrorKind::kPermission:
      return "permission denied";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kVersion:
      return "newer version";
    case ErrorKind::kMismatch:
      return "mismatch";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kLocked:
      return "locked";
    case ErrorKind::kRestartLoop:
      return "restart loop";
    case ErrorKind::kDiverged:
      return "diverged";
    case ErrorKind::kRetired:
      return "retired";
  }
  return "unknown";
}

Error::Error(ErrorKind kind, std::string problem) : kind_(kind), problem_(std::move(problem)) {
  compose();
}

Error& Error::at(std::string path) {
  path_ = std::move(path);
  compose();
  return *this;
}

Error& Error::expected(std::string text) {
  expected_ = std::move(text);
  compose();
  return *this;
}

Error& Error::found(std::string text) {
  found_ = std::move(text);
  compose();
  return *this;
}

Error& Error::remedy(std::string text) {
  remedy_ = std::move(text);
  compose();
  return *this;
}

Error& Error::os_error(int errnum) {
  errnum_ = errnum;
  return found(std::generic_category().message(errnum));
}

Error& Error::list(const std::string& title, const std::vector<std::string>& elements) {
  if (elements.empty()) return *this;
  lists_ += "\n  " + shown(title) + " (" + std::to_string(elements.size()) + "):";
  const std::size_t listed = std::min(elements.size(), kMostListed);
  for (std::size_t i = 0; i < listed; ++i) lists_ += "\n    " + shown(elements[i]);
  if (listed < elements.size())
    lists_ += "\n    … and " + std::to_string(elements.size() - listed) + " more";
  compose();
  return *this;
}

// Every text is cut and made printable here, once, so that a program can print what() as it is.
void Error::compose() {
  message_ = path_.empty() ? shown(problem_) : shown(path_) + ": " + shown(problem_);
  if (!expected_.empty()) message_ += ": expected " + shown(expected_);
  if (!found_.empty()) message_ += (expected_.empty() ? ": " : ", found ") + shown(found_);
  message_ += lists_;
  if (!remedy_.empty()) message_ += (lists_.empty() ? "; " : "\n  ") + shown(remedy_);
}

Error system_error(int errnum, std::string problem, std::string path) {
  const ErrorKind kind = kind_of(errnum);
  return Error(kind, std::move(problem))
      .at(std::move(path))
      .os_error(errnum)
      .remedy(remedy_for(kind));
}

}  // namespace holdfast
