#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/storage/file.h>
#include <holdfast/checkpoint/storage/system_call.h>
#include <sys/file.h>

#include <utility>

namespace holdfast {

// On the heap, so that it stays in place when the File is moved: the list of descriptors that no
// child may keep (forks.h) points to it.
struct File::Descriptor {
  FileSystem* fs;
  int fd;                                 // -1 in a child that may not use it
  std::optional<OwnerProcess> locked_by;  // empty: not locked
  std::optional<NotInherited> not_inherited;

  static void close_in_child(void* descriptor) {
    auto& self = *static_cast<Descriptor*>(descriptor);
    self.fs->close_in_child(std::exchange(self.fd, -1));
  }
};

File::File(std::shared_ptr<FileSystem> fs, int fd, std::string path)
    : fs_(std::move(fs)), path_(std::move(path)) {
  try {
    // An aggregate, which make_unique() cannot make in C++17.
    descriptor_.reset(new Descriptor{fs_.get(), fd, {}, {}});  // NOLINT(modernize-make-unique)
  } catch (...) {
    fs_->close(fd);
    throw;
  }
}

File::File(File&& other) noexcept
    : fs_(other.fs_),
      descriptor_(std::move(other.descriptor_)),
      path_(std::move(other.path_)),
      direct_(std::move(other.direct_)),
      sync_error_(other.sync_error_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fs_, other.fs_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(direct_, other.direct_);
  std::swap(sync_error_, other.sync_error_);
  return *this;
}

File::~File() {
  let_go();
}

void File::keep_from_children() {
  descriptor_->not_inherited.emplace(Descriptor::close_in_child, descriptor_.get());
}

int File::fd() const {
  if (descriptor_ == nullptr) return -1;
  if (descriptor_->fd >= 0) return descriptor_->fd;
  throw Error(ErrorKind::kInvalidArgument, "cannot use the file in a forked process")
      .at(path_)
      .expected("the process that opened it")
      .found("a child of it")
      .remedy("open it in the child, or leave it to the parent");
}

// Leaves the list of forks.h before the close: after it, another file may have the number, and a
// child would close that one. A child made in between has the descriptor, but the lock is given
// back.
int File::let_go() {
  const std::unique_ptr<Descriptor> descriptor = std::move(descriptor_);
  if (descriptor == nullptr) return 0;
  descriptor->not_inherited.reset();
  if (descriptor->fd < 0) return 0;
  if (descriptor->locked_by && descriptor->locked_by->is_this())
    fs_->flock(descriptor->fd, LOCK_UN);
  return fs_->close(descriptor->fd);
}

std::uint64_t File::size() const {
  struct stat info {};
  check(retry([&] { return fs_->fstat(fd(), &info); }), "cannot read the file's size", path_);
  return static_cast<std::uint64_t>(info.st_size);
}

std::size_t File::read_at(std::uint64_t offset, ByteSpan to) const {
  std::size_t done = 0;
  while (done < to.size) {
    const ssize_t count =
        retry([&] { return fs_->pread(fd(), to.data + done, to.size - done, offset + done); });
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
  if (descriptor_ != nullptr) fs_->prefetch(descriptor_->fd, bytes, offset);
}

std::shared_ptr<const Mapping> File::map(std::uint64_t bytes) const {
  void* memory = nullptr;
  check(retry([&] { return fs_->map(fd(), bytes, &memory); }), "cannot map the file", path_);
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
  const ssize_t count = retry([&] { return fs_->pwrite(fd(), from.data, from.size, offset); });
  if (count == -EINVAL && direct) {
    turn_buffered();
    return 0;
  }
  if (check(count, "cannot write to the file", path_) == 0) {
    throw system_error(EIO, "cannot write to the file: the file system takes no bytes", path_);
  }
  return static_cast<std::size_t>(count);
}

void File::write_from_signal_handler(std::uint64_t offset, ByteView from) const noexcept {
  if (descriptor_ != nullptr) fs_->pwrite(descriptor_->fd, from.data, from.size, offset);
}

void File::turn_direct() {
  const int result = retry([&] { return fs_->set_flags(fd(), O_DIRECT); });
  if (result == -EINVAL) return;
  check(result, "cannot turn on direct writes to the file", path_);
  direct_ = std::make_unique<std::atomic<bool>>(true);
}

// Changes the file first, then the flag: a thread that sees the flag cleared writes buffered, and
// for it EINVAL is an error.
void File::turn_buffered() {
  check(retry([&] { return fs_->set_flags(fd(), 0); }), "cannot turn off direct writes to the file",
        path_);
  *direct_ = false;
}

void File::truncate(std::uint64_t size) {
  check(retry([&] { return fs_->ftruncate(fd(), size); }), "cannot set the file's size", path_);
}

void File::sync() {
  if (sync_error_ == 0) sync_error_ = fs_->fsync(fd());
  check(sync_error_, "cannot make the file durable", path_);
}

void File::close() {
  const int result = let_go();
  // Linux has closed it then, and a second close(2) could hit another file.
  if (result == -EINTR) return;
  check(result, "cannot close the file", path_);
}

bool File::try_lock() {
  const int result = retry([&] { return fs_->flock(fd(), LOCK_EX | LOCK_NB); });
  if (result == -EWOULDBLOCK) return false;
  check(result, "cannot lock the file", path_);
  descriptor_->locked_by.emplace();
  return true;
}

}  // namespace holdfast
