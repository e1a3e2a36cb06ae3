#include <holdfast/checkpoint/io/file.h>
#include <holdfast/checkpoint/io/system_call.h>
#include <sys/file.h>

#include <utility>

namespace holdfast {

File::File(std::shared_ptr<FileSystem> fs, int fd, std::string path)
    : fs_(std::move(fs)), fd_(fd), path_(std::move(path)) {}

File::File(File&& other) noexcept
    : fs_(other.fs_),
      fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      direct_(std::move(other.direct_)),
      sync_error_(other.sync_error_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fs_, other.fs_);
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(direct_, other.direct_);
  std::swap(sync_error_, other.sync_error_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) fs_->close(fd_);
}

std::uint64_t File::size() const {
  struct stat info {};
  check(retry([&] { return fs_->fstat(fd_, &info); }), "cannot read the file's size", path_);
  return static_cast<std::uint64_t>(info.st_size);
}

std::size_t File::read_at(std::uint64_t offset, ByteSpan to) const {
  std::size_t done = 0;
  while (done < to.size) {
    const ssize_t count =
        retry([&] { return fs_->pread(fd_, to.data + done, to.size - done, offset + done); });
    if (check(count, "cannot read the file", path_) == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void File::read_exactly(std::uint64_t offset, ByteSpan to) const {
  const std::size_t count = read_at(offset, to);
  if (count == to.size) return;
  throw Error(ErrorKind::kCorrupt, "the file is too short")
      .at(path_)
      .expected(std::to_string(offset + to.size) + " bytes or more")
      .found("an end after " + std::to_string(count) + " of the " + std::to_string(to.size) +
             " bytes at " + std::to_string(offset));
}

std::vector<std::byte> File::read_all(std::uint64_t limit) const {
  const std::uint64_t bytes = size();
  if (bytes > limit) {
    throw Error(ErrorKind::kCorrupt, "the file is too large")
        .at(path_)
        .expected("at most " + std::to_string(limit) + " bytes")
        .found(std::to_string(bytes));
  }
  std::vector<std::byte> content(bytes);
  content.resize(read_at(0, content));
  return content;
}

void File::prefetch(std::uint64_t offset, std::uint64_t bytes) const noexcept {
  fs_->prefetch(fd_, bytes, offset);
}

std::shared_ptr<const Mapping> File::map(std::uint64_t bytes) const {
  void* memory = nullptr;
  check(retry([&] { return fs_->map(fd_, bytes, &memory); }), "cannot map the file", path_);
  return std::make_shared<const Mapping>(fs_, ByteSpan(memory, bytes));
}

void File::write_at(std::uint64_t offset, ByteView from) {
  std::size_t done = 0;
  while (done < from.size) {
    done += write_some(offset + done, from.slice(done, from.size - done));
  }
}

std::size_t File::write_some(std::uint64_t offset, ByteView from) {
  const bool direct = direct_ != nullptr && *direct_;
  const ssize_t count = retry([&] { return fs_->pwrite(fd_, from.data, from.size, offset); });
  if (count == -EINVAL && direct) {
    turn_buffered();
    return 0;
  }
  if (check(count, "cannot write to the file", path_) == 0) {
    throw system_error(EIO, "the file system takes no bytes", path_);
  }
  return static_cast<std::size_t>(count);
}

void File::write_from_signal_handler(std::uint64_t offset, ByteView from) const noexcept {
  fs_->pwrite(fd_, from.data, from.size, offset);
}

void File::turn_direct() {
  const int result = retry([&] { return fs_->set_flags(fd_, O_DIRECT); });
  if (result == -EINVAL) return;
  check(result, "cannot write directly to the file", path_);
  direct_ = std::make_unique<std::atomic<bool>>(true);
}

// The flag follows the file: a thread that sees it cleared writes buffered, and takes EINVAL for
// an error.
void File::turn_buffered() {
  check(retry([&] { return fs_->set_flags(fd_, 0); }), "cannot turn the file to buffered", path_);
  *direct_ = false;
}

void File::truncate(std::uint64_t size) {
  check(retry([&] { return fs_->ftruncate(fd_, size); }), "cannot set the file's size", path_);
}

void File::sync() {
  if (sync_error_ == 0) sync_error_ = fs_->fsync(fd_);
  check(sync_error_, "cannot make the file durable", path_);
}

void File::close() {
  const int fd = std::exchange(fd_, -1);
  if (fd < 0) return;
  const int result = fs_->close(fd);
  if (result == -EINTR) return;  // Linux has closed it, and a second close would hit another's file
  check(result, "cannot close the file", path_);
}

bool File::try_lock() {
  const int result = retry([&] { return fs_->flock(fd_, LOCK_EX | LOCK_NB); });
  if (result == -EWOULDBLOCK) return false;
  check(result, "cannot lock the file", path_);
  return true;
}

}  // namespace holdfast
