#include <dirent.h>
#include <holdfast/checkpoint/storage/file_system.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

namespace holdfast {
namespace {

template <typename Result>
Result or_errno(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

// Moves the descriptor beyond those of standard input, output and error.
int beyond_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = or_errno(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  ::close(fd);
  return moved;
}

struct CloseStream {
  void operator()(DIR* stream) const { closedir(stream); }
};

int append_names(DIR* stream, std::vector<std::string>& names) {
  for (errno = 0; const dirent* entry = readdir(stream); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return -errno;
}

class PosixFileSystem final : public FileSystem {
 public:
  int open(int directory, const char* name, int flags, mode_t mode) override {
    return beyond_standard(or_errno(::openat(directory, name, flags, mode)));
  }
  int close(int fd) override { return or_errno(::close(fd)); }
  void close_in_child(int fd) noexcept override { ::close(fd); }
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override {
    return or_errno(::pread(fd, to, count, static_cast<off_t>(offset)));
  }
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    return or_errno(::pwrite(fd, from, count, static_cast<off_t>(offset)));
  }
  int fsync(int fd) override { return or_errno(::fsync(fd)); }
  int ftruncate(int fd, std::uint64_t size) override {
    return or_errno(::ftruncate(fd, static_cast<off_t>(size)));
  }
  int set_flags(int fd, int flags) override { return or_errno(::fcntl(fd, F_SETFL, flags)); }
  int fstat(int fd, struct stat* info) override { return or_errno(::fstat(fd, info)); }
  int fstatat(int directory, const char* name, struct stat* info) override {
    return or_errno(::fstatat(directory, name, info, AT_SYMLINK_NOFOLLOW));
  }
  int mkdir(int directory, const char* name, mode_t mode) override {
    return or_errno(::mkdirat(directory, name, mode));
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    return or_errno(::renameat2(from_directory, from, to_directory, to, flags));
  }
  int unlink(int directory, const char* name, int flags) override {
    return or_errno(::unlinkat(directory, name, flags));
  }
  int flock(int fd, int operation) override { return or_errno(::flock(fd, operation)); }
  int map(int fd, std::size_t bytes, void** memory) override {
    void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) return -errno;
    *memory = mapped;
    return 0;
  }
  int prefetch(int fd, std::size_t count, std::uint64_t offset) override {
    return -::posix_fadvise(fd, static_cast<off_t>(offset), static_cast<off_t>(count),
                            POSIX_FADV_WILLNEED);
  }
  int unmap(void* memory, std::size_t bytes) override { return or_errno(::munmap(memory, bytes)); }
  int list(int directory, std::vector<std::string>& names) override;
};

// Opens a stream of its own, so that two threads can list one directory: the position in it belongs
// to the open descriptor.
int PosixFileSystem::list(int directory, std::vector<std::string>& names) {
  const int fd = open(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  const std::unique_ptr<DIR, CloseStream> stream(fdopendir(fd));
  if (stream != nullptr) return append_names(stream.get(), names);
  const int failure = -errno;
  close(fd);
  return failure;
}

}  // namespace

std::shared_ptr<FileSystem> posix_file_system() {
  return std::make_shared<PosixFileSystem>();
}

}  // namespace holdfast
