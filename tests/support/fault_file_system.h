// A file system that fails on demand.
#pragma once

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast::testing {

// The calls of a FileSystem.
enum class Call {
  kOpen,
  kClose,
  kRead,
  kWrite,
  kFsync,
  kTruncate,
  kSetFlags,
  kStat,
  kStatAt,
  kMkdir,
  kRename,
  kUnlink,
  kFlock,
  kList,
  kMap,
};

// One call that was made, and its outcome.
struct MadeCall {
  Call call;
  // The path of the file: the path under which its first directory was opened, and the names below.
  // For a rename, the new path.
  std::string path;
  bool changes = false;  // may change the disk, or reports whether an earlier change reached it
  int errnum = 0;        // the error it was made to fail with; 0 if it was forwarded
};

// Forwards calls to another file system, by default the operating system's. Counts them, and lets
// those fail that a test has chosen. A call that is to fail is not forwarded, except close(2): on
// Linux it frees the descriptor even if it reports an error. May be used by several threads at
// once.
class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(std::shared_ptr<FileSystem> base = posix_file_system())
      : base_(std::move(base)) {}

  static constexpr int kForever = std::numeric_limits<int>::max();

  // Lets the kth call of this kind from now, and the `times - 1` after it, fail. k = 1 is the next.
  void fail(Call call, int errnum, int kth = 1, int times = 1) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int first = counts_[call] + kth;
    faults_[call].push_back({first, times == kForever ? kForever : first + times - 1, errnum});
  }
  // Lets the kth call of any kind from now, and the `times - 1` after it, fail. With kShortTransfer
  // they do not fail; reads and writes of more than one byte transfer half of it.
  void fail_any(int errnum, int kth, int times = 1) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int first = total_ + kth;
    any_.push_back({first, times == kForever ? kForever : first + times - 1, errnum});
  }
  static constexpr int kShortTransfer = -1;
  // Lets the kth call of any kind from now, and all after it, fail: for the disk, the process is
  // dead.
  void die_at(int kth) { fail_any(EIO, kth, kForever); }
  // Lets reads and writes transfer at most this many bytes.
  void shorten_transfers(std::size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    longest_transfer_ = bytes;
  }
  // Lets every call that a signal can interrupt fail once with EINTR before it succeeds.
  void interrupt_everything() {
    const std::lock_guard<std::mutex> lock(mutex_);
    interrupts_ = true;
  }
  // Files can be set to O_DIRECT, but writes to them then fail with EINVAL.
  void refuse_direct_writes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    refuses_direct_ = true;
  }
  void heal() {
    const std::lock_guard<std::mutex> lock(mutex_);
    faults_.clear();
    any_.clear();
    longest_transfer_ = std::numeric_limits<std::size_t>::max();
    interrupts_ = refuses_direct_ = false;
  }

  int calls(Call call) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto count = counts_.find(call);
    return count == counts_.end() ? 0 : count->second;
  }
  int calls() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return total_;
  }
  // All calls in order, such as "fsync" or "rename a b", with the names as they were passed.
  std::vector<std::string> log() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return log_;
  }

  // The same calls, in the same order.
  std::vector<MadeCall> made() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return made_;
  }

  int open(int directory, const char* name, int flags, mode_t mode) override {
    const std::string path = path_of(directory, name);
    const int fd = or_fail({Call::kOpen, path, (flags & O_CREAT) != 0}, std::string("open ") + name,
                           [&] { return base_->open(directory, name, flags, mode); });
    if (fd >= 0) remember(fd, {path, (flags & O_ACCMODE) != O_RDONLY});
    return fd;
  }
  void close_in_child(int fd) noexcept override { base_->close_in_child(fd); }
  int close(int fd) override {
    const Opened opened = forget(fd);
    const int result = base_->close(fd);
    return or_fail({Call::kClose, opened.path, opened.to_write}, "close", [&] { return result; });
  }
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override {
    bool half = false;
    return or_fail(
        {Call::kRead, path_of(fd)}, "pread",
        [&] { return base_->pread(fd, to, shortened(count, half), offset); }, &half);
  }
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    bool half = false;
    const auto forward = [&]() -> ssize_t {
      if (refuses_write_to(fd)) return -EINVAL;
      return base_->pwrite(fd, from, shortened(count, half), offset);
    };
    return or_fail({Call::kWrite, path_of(fd), true}, "pwrite", forward, &half);
  }
  int fsync(int fd) override {
    return or_fail({Call::kFsync, path_of(fd), true}, "fsync", [&] { return base_->fsync(fd); });
  }
  int ftruncate(int fd, std::uint64_t size) override {
    return or_fail({Call::kTruncate, path_of(fd), true}, "ftruncate",
                   [&] { return base_->ftruncate(fd, size); });
  }
  int set_flags(int fd, int flags) override {
    return or_fail({Call::kSetFlags, path_of(fd)}, "set_flags", [&] {
      const int result = base_->set_flags(fd, flags);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (result == 0) flags_[fd] = flags;
      return result;
    });
  }
  int fstat(int fd, struct stat* info) override {
    return or_fail({Call::kStat, path_of(fd)}, "fstat", [&] { return base_->fstat(fd, info); });
  }
  int fstatat(int directory, const char* name, struct stat* info) override {
    return or_fail({Call::kStatAt, path_of(directory, name)}, std::string("fstatat ") + name,
                   [&] { return base_->fstatat(directory, name, info); });
  }
  int mkdir(int directory, const char* name, mode_t mode) override {
    return or_fail({Call::kMkdir, path_of(directory, name), true}, std::string("mkdir ") + name,
                   [&] { return base_->mkdir(directory, name, mode); });
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    return or_fail({Call::kRename, path_of(to_directory, to), true},
                   std::string("rename ") + from + " " + to,
                   [&] { return base_->rename(from_directory, from, to_directory, to, flags); });
  }
  int unlink(int directory, const char* name, int flags) override {
    return or_fail({Call::kUnlink, path_of(directory, name), true}, std::string("unlink ") + name,
                   [&] { return base_->unlink(directory, name, flags); });
  }
  int flock(int fd, int operation) override {
    return or_fail({Call::kFlock, path_of(fd)}, "flock",
                   [&] { return base_->flock(fd, operation); });
  }
  int map(int fd, std::size_t bytes, void** memory) override {
    return or_fail({Call::kMap, path_of(fd)}, "map", [&] { return base_->map(fd, bytes, memory); });
  }
  int prefetch(int fd, std::size_t count, std::uint64_t offset) override {
    return base_->prefetch(fd, count, offset);
  }
  int unmap(void* memory, std::size_t bytes) override { return base_->unmap(memory, bytes); }
  int list(int directory, std::vector<std::string>& names) override {
    return or_fail({Call::kList, path_of(directory)}, "list",
                   [&] { return base_->list(directory, names); });
  }

 private:
  struct Fault {
    int first, last, errnum;
  };

  struct Opened {
    std::string path;
    bool to_write = false;
  };

  static bool can_be_interrupted(Call call) { return call != Call::kFsync && call != Call::kClose; }

  // Forwards the call, or fails it. Sets `half` if the call is to transfer only half of its bytes.
  template <typename Forward>
  auto or_fail(MadeCall call, std::string what, Forward forward, bool* half = nullptr)
      -> decltype(forward()) {
    const int errnum = note(std::move(call), std::move(what));
    if (errnum == kShortTransfer) {
      if (half != nullptr) *half = true;
    } else if (errnum != 0) {
      return -errnum;
    }
    return forward();
  }

  // Notes the call. Returns the error to fail it with, or 0.
  int note(MadeCall call, std::string what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int count = ++counts_[call.call];
    ++total_;
    call.errnum = errnum_of(call.call, count);
    const int errnum = call.errnum;
    log_.push_back(std::move(what));
    made_.push_back(std::move(call));
    return errnum;
  }

  int errnum_of(Call call, int count) {
    for (const Fault& fault : any_) {
      if (total_ >= fault.first && total_ <= fault.last) return fault.errnum;
    }
    for (const Fault& fault : faults_[call]) {
      if (count >= fault.first && count <= fault.last) return fault.errnum;
    }
    return interrupts_ && can_be_interrupted(call) && count % 2 == 1 ? EINTR : 0;
  }

  void remember(int fd, Opened opened) {
    const std::lock_guard<std::mutex> lock(mutex_);
    opened_[fd] = std::move(opened);
  }

  std::string path_of(int fd, const std::string& name = "") const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = opened_.find(fd);
    if (found == opened_.end()) return name;
    return name.empty() ? found->second.path : found->second.path + "/" + name;
  }

  bool refuses_write_to(int fd) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto flags = flags_.find(fd);
    return refuses_direct_ && flags != flags_.end() && flags->second == O_DIRECT;
  }

  Opened forget(int fd) {
    const std::lock_guard<std::mutex> lock(mutex_);
    flags_.erase(fd);
    Opened opened = std::move(opened_[fd]);
    opened_.erase(fd);
    return opened;
  }

  std::size_t shortened(std::size_t count, bool half) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::min(half ? (count + 1) / 2 : count, longest_transfer_);
  }

  const std::shared_ptr<FileSystem> base_;
  mutable std::mutex mutex_;
  std::map<Call, int> counts_;
  int total_ = 0;
  std::size_t longest_transfer_ = std::numeric_limits<std::size_t>::max();
  bool interrupts_ = false;
  bool refuses_direct_ = false;
  std::map<int, int> flags_;  // by descriptor: the flags of the last set_flags()
  std::map<Call, std::vector<Fault>> faults_;
  std::vector<Fault> any_;  // first and last count calls of all kinds
  std::vector<std::string> log_;
  std::vector<MadeCall> made_;  // the same calls
  std::map<int, Opened> opened_;
};

}  // namespace holdfast::testing
