// The exception type of the library.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

namespace holdfast {

// What went wrong: one kind for each way in which a caller may want to react.
enum class ErrorKind {
  kInvalidArgument,  // the call or its options are wrong: fix the program or the configuration
  kNotFound,         // no such run, checkpoint, file or entry
  kExists,           // something is in the way that must not be overwritten
  kIo,               // a system call failed; nothing is known to be damaged
  kNoSpace,          // the disk or the quota is full
  kPermission,       // the operating system refused access
  kCorrupt,          // bytes on disk are proven to differ from the bytes that were written
  kVersion,          // written by a newer version of the format
  kMismatch,         // a sound checkpoint, but of another model, optimizer or configuration
  kUnsupported,      // a tensor or a value that a checkpoint cannot hold
  kLocked,           // another process writes to this run
  kRestartLoop,      // the program has failed too often from the same checkpoint
  kDiverged,         // the training's numbers are no longer finite
  kRetired,          // the checkpoint was removed by its run while it was read
};

const char* to_string(ErrorKind kind);

// What every part of the library throws. The message names the path, the problem, what was
// expected, what was found, and what to do next. kind(), path() and os_error() can also be read on
// their own.
//
//   throw Error(ErrorKind::kCorrupt, "the manifest is damaged")
//       .at(path).expected("64 bytes or more").found("3 bytes").remedy("resume from step 100");
//
// reads: "runs/a/…/manifest.json: the manifest is damaged: expected 64 bytes or more, found
// 3 bytes; resume from step 100".
//
// Callers pass each text unescaped, even if it comes from a damaged or a hostile file: the message
// shows its first 8 KiB, made printable (base/utf8.h). A message has one line, unless list() adds
// more.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string problem);

  // Each sets one part of the message and returns *this.
  Error& at(std::string path);
  Error& expected(std::string text);
  Error& found(std::string text);
  Error& remedy(std::string text);
  Error& os_error(int errnum);  // errno of the failed call; also sets found() to its text

  // Adds a list on lines of its own, ahead of the remedy: the title with the number of elements,
  // then the first kMostListed of them. An empty list adds nothing.
  Error& list(const std::string& title, const std::vector<std::string>& elements);
  static constexpr std::size_t kMostListed = 20;

  ErrorKind kind() const { return kind_; }
  const std::string& path() const { return path_; }
  int os_error() const { return errnum_; }  // 0 if no system call failed
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  void compose();

  ErrorKind kind_;
  int errnum_ = 0;
  std::string problem_, path_, expected_, found_, lists_, remedy_, message_;
};

// The Error for a failed system call. Its kind follows from errnum: kNoSpace for ENOSPC, EDQUOT and
// EFBIG; kPermission for EACCES, EPERM and EROFS; kNotFound for ENOENT; kExists for EEXIST and
// ENOTEMPTY; kIo for all others.
Error system_error(int errnum, std::string problem, std::string path);

}  // namespace holdfast
