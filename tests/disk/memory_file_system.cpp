#include "disk/memory_file_system.h"

#include <sys/file.h>
#include <cstdlib>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace holdfast::testing {
namespace {

constexpr std::uint64_t kDirectBytes = 512;  // what a direct write must be a multiple of

bool is_direct_multiple(const void* from, std::size_t count, std::uint64_t offset) {
  return (reinterpret_cast<std::uintptr_t>(from) | count | offset) % kDirectBytes == 0;
}

}  // namespace

MemoryFileSystem::MemoryFileSystem(Disk disk) : disk_(std::move(disk)) {
  next_node_ = disk_.nodes_.rbegin()->first + 1;
}

Disk MemoryFileSystem::disk() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return disk_;
}

std::vector<LogEntry> MemoryFileSystem::log() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return log_;
}

void MemoryFileSystem::mark(std::int64_t value) {
  const std::lock_guard<std::mutex> lock(mutex_);
  log_.emplace_back(std::in_place_type<Mark>, Mark{value});
}

int MemoryFileSystem::open_descriptors() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(descriptors_.size());
}

void MemoryFileSystem::fail_fsync(int kth) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failing_fsync_ = fsyncs_ + kth;
}

int MemoryFileSystem::fsyncs() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return fsyncs_;
}

MemoryFileSystem::Descriptor* MemoryFileSystem::find(int fd) {
  const auto found = descriptors_.find(fd);
  return found == descriptors_.end() ? nullptr : &found->second;
}

NodeId MemoryFileSystem::parent_of(NodeId directory) const {
  for (const auto& [id, node] : disk_.nodes_)
    for (const auto& [name, child] : node.entries)
      if (child == directory) return id;
  return kRoot;
}

MemoryFileSystem::Place MemoryFileSystem::resolve(int directory, const std::string& path) const {
  Place place;
  if (directory != AT_FDCWD && path.front() != '/') {
    const auto found = descriptors_.find(directory);
    if (found == descriptors_.end()) return {-EBADF, kRoot, "", {}};
    place.directory = found->second.node;
  }
  place.target = place.directory;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty() || name == ".") continue;
    if (!place.target) return {-ENOENT, kRoot, "", {}};
    if (!is_directory(*place.target)) return {-ENOTDIR, kRoot, "", {}};
    place.directory = *place.target;
    place.name = name;
    if (name == "..") {
      place.directory = parent_of(place.directory);
      place.target = place.directory;
      place.name.clear();
      continue;
    }
    const auto& entries = disk_.find(place.directory)->entries;
    const auto found = entries.find(name);
    place.target = found == entries.end() ? std::nullopt : std::optional<NodeId>(found->second);
  }
  return place;
}

void MemoryFileSystem::change(Change change) {
  disk_.apply(change);
  log_.push_back(std::move(change));
}

void MemoryFileSystem::link(const Place& place, NodeId target, bool directory) {
  Change made;
  made.kind = Change::Kind::kLink;
  made.node = place.directory;
  made.name = place.name;
  made.target = target;
  made.target_is_directory = directory;
  change(std::move(made));
}

void MemoryFileSystem::unlink_entry(const Place& place) {
  Change gone;
  gone.kind = Change::Kind::kUnlink;
  gone.node = place.directory;
  gone.name = place.name;
  gone.target = *place.target;
  change(std::move(gone));
}

int MemoryFileSystem::open(int directory, const char* path, int flags, mode_t) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Place place = resolve(directory, path);
  if (place.error != 0) return place.error;
  NodeId node = kRoot;
  if (place.target) {
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return -EEXIST;
    node = *place.target;
    if (is_directory(node) && (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0) return -EISDIR;
    if (!is_directory(node) && (flags & O_DIRECTORY) != 0) return -ENOTDIR;
  } else {
    if ((flags & O_CREAT) == 0) return -ENOENT;
    node = next_node_++;
    link(place, node, false);
  }
  const int access = flags & O_ACCMODE;
  descriptors_[next_fd_] = {node, access != O_WRONLY, access != O_RDONLY, false, false};
  return next_fd_++;
}

int MemoryFileSystem::close(int fd) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  if (descriptor->locks) locked_by_.erase(descriptor->node);
  descriptors_.erase(fd);
  return 0;
}

ssize_t MemoryFileSystem::pread(int fd, void* to, std::size_t count, std::uint64_t offset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr || !descriptor->readable) return -EBADF;
  const Node& node = *disk_.find(descriptor->node);
  if (node.directory) return -EISDIR;
  if (offset >= node.bytes.size()) return 0;
  const std::size_t read = std::min<std::size_t>(count, node.bytes.size() - offset);
  std::memcpy(to, node.bytes.data() + offset, read);
  return static_cast<ssize_t>(read);
}

ssize_t MemoryFileSystem::pwrite(int fd, const void* from, std::size_t count,
                                 std::uint64_t offset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr || !descriptor->writable) return -EBADF;
  if (descriptor->direct && !is_direct_multiple(from, count, offset)) return -EINVAL;
  if (count == 0) return 0;
  const auto* const bytes = static_cast<const std::byte*>(from);
  Change write;
  write.node = descriptor->node;
  write.offset = offset;
  write.bytes.assign(bytes, bytes + count);
  change(std::move(write));
  return static_cast<ssize_t>(count);
}

int MemoryFileSystem::fsync(int fd) {
  if (before_fsync_) before_fsync_();
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  if (++fsyncs_ == failing_fsync_) {
    log_.emplace_back(std::in_place_type<FailedSync>, FailedSync{descriptor->node});
    return -EIO;
  }
  log_.emplace_back(std::in_place_type<Sync>, Sync{descriptor->node});
  return 0;
}

int MemoryFileSystem::ftruncate(int fd, std::uint64_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  if (!descriptor->writable) return -EINVAL;
  Change resize;
  resize.kind = Change::Kind::kResize;
  resize.node = descriptor->node;
  resize.offset = size;
  change(std::move(resize));
  return 0;
}

int MemoryFileSystem::set_flags(int fd, int flags) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  descriptor->direct = (flags & O_DIRECT) != 0;
  return 0;
}

void MemoryFileSystem::stat_node(NodeId id, struct stat* info) const {
  const Node& node = *disk_.find(id);
  *info = {};
  info->st_ino = static_cast<ino_t>(id) + 1;
  info->st_mode = node.directory ? S_IFDIR | 0755 : S_IFREG | 0644;
  info->st_size = static_cast<off_t>(node.bytes.size());
}

int MemoryFileSystem::fstat(int fd, struct stat* info) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  stat_node(descriptor->node, info);
  return 0;
}

int MemoryFileSystem::fstatat(int directory, const char* path, struct stat* info) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Place place = resolve(directory, path);
  if (place.error != 0) return place.error;
  if (!place.target) return -ENOENT;
  stat_node(*place.target, info);
  return 0;
}

int MemoryFileSystem::mkdir(int directory, const char* path, mode_t) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Place place = resolve(directory, path);
  if (place.error != 0) return place.error;
  if (place.target) return -EEXIST;
  link(place, next_node_++, true);
  return 0;
}

int MemoryFileSystem::rename(int from_directory, const char* from, int to_directory, const char* to,
                             unsigned flags) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Place source = resolve(from_directory, from);
  const Place target = resolve(to_directory, to);
  if (source.error != 0 || target.error != 0) return std::min(source.error, target.error);
  if (!source.target) return -ENOENT;
  const bool directory = is_directory(*source.target);
  if (target.target) {
    if ((flags & RENAME_NOREPLACE) != 0) return -EEXIST;
    if (is_directory(*target.target) != directory) return directory ? -ENOTDIR : -EISDIR;
    if (!disk_.find(*target.target)->entries.empty()) return -ENOTEMPTY;
  }
  if (source.directory == target.directory) {
    Change move;
    move.kind = Change::Kind::kMove;
    move.node = source.directory;
    move.name = source.name;
    move.new_name = target.name;
    move.target = *source.target;
    move.target_is_directory = directory;
    change(std::move(move));
    return 0;
  }
  link(target, *source.target, directory);
  unlink_entry(source);
  std::get<Change>(log_.back()).needs_previous = true;
  return 0;
}

int MemoryFileSystem::unlink(int directory, const char* path, int flags) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Place place = resolve(directory, path);
  if (place.error != 0) return place.error;
  if (!place.target) return -ENOENT;
  const bool wants_directory = (flags & AT_REMOVEDIR) != 0;
  if (is_directory(*place.target) != wants_directory) return wants_directory ? -ENOTDIR : -EISDIR;
  if (!disk_.find(*place.target)->entries.empty()) return -ENOTEMPTY;
  unlink_entry(place);
  return 0;
}

int MemoryFileSystem::flock(int fd, int operation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  if ((operation & LOCK_UN) != 0) {
    if (descriptor->locks) locked_by_.erase(descriptor->node);
    descriptor->locks = false;
    return 0;
  }
  const auto holder = locked_by_.find(descriptor->node);
  if (holder != locked_by_.end() && holder->second != fd) return -EWOULDBLOCK;
  locked_by_[descriptor->node] = fd;
  descriptor->locks = true;
  return 0;
}

int MemoryFileSystem::list(int directory, std::vector<std::string>& names) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(directory);
  if (descriptor == nullptr) return -EBADF;
  const Node& node = *disk_.find(descriptor->node);
  if (!node.directory) return -ENOTDIR;
  for (const auto& [name, id] : node.entries) names.push_back(name);
  return 0;
}

int MemoryFileSystem::map(int fd, std::size_t bytes, void** memory) {
  constexpr std::size_t kPageBytes = 4096;
  const std::lock_guard<std::mutex> lock(mutex_);
  const Descriptor* const descriptor = find(fd);
  if (descriptor == nullptr) return -EBADF;
  if (bytes == 0) return -EINVAL;
  const std::vector<std::byte>& content = disk_.find(descriptor->node)->bytes;
  const std::size_t size = (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  *memory = std::aligned_alloc(kPageBytes, size);
  std::memset(*memory, 0, size);
  std::memcpy(*memory, content.data(), std::min(bytes, content.size()));
  return 0;
}

int MemoryFileSystem::unmap(void* memory, std::size_t) {
  std::free(memory);
  return 0;
}

}  // namespace holdfast::testing
