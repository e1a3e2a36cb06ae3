#include "plain_io.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "workers.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kPage = 4096;

// A file descriptor. Every call on it throws Error if it fails.
class Descriptor {
 public:
  Descriptor(std::string path, int flags) : path_(std::move(path)) {
    fd_ = open(path_.c_str(), flags | O_CLOEXEC, 0666);
    check(fd_, "the file cannot be opened");
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(ByteView from, std::uint64_t offset) const {
    for (std::size_t done = 0; done < from.size;)
      done +=
          check(pwrite(fd_, from.data + done, from.size - done, static_cast<off_t>(offset + done)),
                "the file cannot be written");
  }
  void read(ByteSpan to, std::uint64_t offset) const {
    for (std::size_t done = 0; done < to.size;) {
      const auto got =
          check(pread(fd_, to.data + done, to.size - done, static_cast<off_t>(offset + done)),
                "the file cannot be read");
      if (got == 0) return;
      done += got;
    }
  }
  void allocate(std::uint64_t bytes) const {
    check(fallocate(fd_, 0, 0, static_cast<off_t>(bytes)),
          "the room for the file cannot be allocated");
  }
  void truncate(std::uint64_t bytes) const {
    check(ftruncate(fd_, static_cast<off_t>(bytes)), "the file cannot be set to its size");
  }
  void sync() const { check(fsync(fd_), "the file cannot be synced"); }
  std::uint64_t size() const {
    struct stat info {};
    check(fstat(fd_, &info), "the size of the file cannot be read");
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  template <typename Result>
  std::size_t check(Result result, const char* problem) const {
    if (result < 0) throw system_error(errno, problem, path_);
    return static_cast<std::size_t>(result);
  }

  std::string path_;
  int fd_ = -1;
};

int flags_of(Transfer transfer) {
  return transfer == Transfer::kBuffered ? 0 : O_DIRECT;
}

}  // namespace

void write_plain(const std::string& path, std::uint64_t bytes, ByteView from, int threads,
                 Transfer transfer) {
  const std::uint64_t padded = round_up(bytes, kPage);
  const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL | flags_of(transfer));
  if (transfer == Transfer::kPreallocated) file.allocate(padded);
  for_each_piece(threads, padded, [&](std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t start = from.size <= size ? 0 : offset % (from.size - size) / kPage * kPage;
    for (std::uint64_t done = 0; done < size;) {
      const std::uint64_t part = std::min(size - done, from.size - start);
      file.write(from.slice(start, part), offset + done);
      done += part;
    }
  });
  if (padded != bytes) file.truncate(bytes);
  file.sync();
  Descriptor(std::filesystem::path(path).parent_path(), O_RDONLY | O_DIRECTORY).sync();
}

void read_plain(const std::string& path, ByteSpan to, int threads, Transfer transfer) {
  const Descriptor file(path, O_RDONLY | flags_of(transfer));
  const std::uint64_t room = std::max(to.size / kPieceBytes, std::size_t{1}) * kPieceBytes;
  for_each_piece(threads, file.size(), [&](std::uint64_t offset, std::uint64_t size) {
    file.read(to.slice(offset % room, round_up(size, kPage)), offset);
  });
}

}  // namespace holdfast::bench
