#include "scratch.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "report.h"
#include "resident_memory.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kSpare = 64 << 20;  // for the file system's own blocks

void require_room(const std::string& directory, std::uint64_t need) {
  struct statvfs info {};
  if (statvfs(directory.c_str(), &info) != 0)
    throw system_error(errno, "the bench cannot write here", directory);
  const std::uint64_t room = std::uint64_t{info.f_bavail} * info.f_frsize;
  if (room >= need + kSpare) return;
  throw Error(ErrorKind::kNoSpace, "there is too little room on disk for this benchmark")
      .at(directory)
      .expected(bytes_text(need + kSpare) + " free")
      .found(bytes_text(room))
      .remedy("give another --directory, or measure less (--bytes, --tensors)");
}

void require_memory(std::uint64_t need) {
  const std::uint64_t available = available_bytes();
  if (available == 0 || available >= need) return;
  throw Error(ErrorKind::kNoSpace, "there is too little memory for this benchmark")
      .expected(bytes_text(need))
      .found(bytes_text(available))
      .remedy("measure less (--bytes, --tensors, --shards)");
}

// What the guard process does: waits for the end of the bench, and removes the directory. It
// ignores the signals that a terminal sends to the whole group.
[[noreturn]] void guard(int lifeline, const std::string& path) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, fd);
  char byte = 0;
  while (read(lifeline, &byte, 1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
  _exit(0);
}

}  // namespace

Scratch::Scratch(const std::string& parent, std::uint64_t disk, std::uint64_t memory) {
  require_room(parent, disk);
  require_memory(memory);
  path_ = std::filesystem::canonical(parent).string() + "/holdfast-bench-" + random_id();
  start_guard();  // before the directory is made, so that it is never without a guard
  if (mkdir(path_.c_str(), 0777) != 0)
    throw system_error(errno, "the bench cannot make a directory here", parent);
}

void Scratch::start_guard() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw system_error(errno, "a pipe cannot be made", path_);
  guard_ = fork();
  if (guard_ < 0) throw system_error(errno, "a process cannot be started", path_);
  if (guard_ == 0) {
    close(ends[1]);
    guard(ends[0], path_);
  }
  close(ends[0]);
  lifeline_ = ends[1];
}

Scratch::~Scratch() {
  close(lifeline_);
  while (guard_ > 0 && waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Scratch::settle() const {
  const int directory = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0 || syncfs(directory) != 0)
    throw system_error(errno, "the file system cannot be synced", path_);
  close(directory);
}

}  // namespace holdfast::bench
