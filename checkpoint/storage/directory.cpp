#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/storage/file.h>
#include <holdfast/checkpoint/storage/system_call.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace holdfast {
namespace {

constexpr int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// Follows no link, and does not wait for a writer of a FIFO. Regular files ignore O_NONBLOCK.
constexpr int kOpenSafely = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr mode_t kFileMode = 0666;  // less the process's umask
constexpr mode_t kDirectoryMode = 0777;

bool means_no_directory(int result) {
  return result == -ENOTDIR || result == -ELOOP;
}

// What open(2) returns for links, sockets, devices without a driver, and directories opened for
// writing.
bool means_no_regular_file(int result) {
  return result == -ELOOP || result == -ENXIO || result == -ENODEV || result == -EISDIR;
}

int check_opened_directory(int fd, const std::string& path) {
  if (means_no_directory(fd)) {
    throw Error(ErrorKind::kExists, "cannot open the directory")
        .at(path)
        .expected("a directory")
        .found("something else")
        .remedy("move it away, or give another path");
  }
  return check(fd, "cannot open the directory", path);
}

Error not_regular(ErrorKind kind, const std::string& path) {
  return Error(kind, "cannot open the file")
      .at(path)
      .expected("a regular file")
      .found("a directory, a link, a FIFO, a socket or a device");
}

File check_regular(File file, FileSystem& fs, int fd, ErrorKind kind) {
  struct stat info {};
  check(retry([&] { return fs.fstat(fd, &info); }), "cannot read the file's type", file.path());
  if (!S_ISREG(info.st_mode)) throw not_regular(kind, file.path());
  return file;
}

struct SplitPath {
  std::string parent, name;
};

SplitPath split_path(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, std::max<std::size_t>(slash, 1)), path.substr(slash + 1)};
}

bool is_dots(const std::string& name) {
  return name == "." || name == "..";
}

void sync_parent_if_possible(FileSystem& fs, int fd) {
  const int parent = fs.open(fd, "..", kOpenDirectory, 0);
  if (parent < 0) return;
  fs.fsync(parent);
  fs.close(parent);
}

FileType type_from(mode_t mode) {
  if (S_ISREG(mode)) return FileType::kRegular;
  return S_ISDIR(mode) ? FileType::kDirectory : FileType::kOther;
}

}  // namespace

Directory::Directory(std::shared_ptr<FileSystem> fs, int fd, std::string path)
    : fs_(std::move(fs)), fd_(fd), path_(std::move(path)) {}

Directory::Directory(Directory&& other) noexcept
    : fs_(other.fs_),
      fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      owner_(other.owner_) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(fs_, other.fs_);
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(owner_, other.owner_);
  return *this;
}

Directory::~Directory() {
  if (fd_ >= 0) fs_->close(fd_);
}

Directory Directory::open(std::shared_ptr<FileSystem> fs, const std::string& path) {
  const int fd = retry([&] { return fs->open(AT_FDCWD, path.c_str(), kOpenDirectory, 0); });
  return Directory(std::move(fs), check_opened_directory(fd, path), path);
}

Directory Directory::create(std::shared_ptr<FileSystem> fs, const std::string& path) {
  const int fd = retry([&] { return fs->open(AT_FDCWD, path.c_str(), kOpenDirectory, 0); });
  const SplitPath split = split_path(path);
  if (fd != -ENOENT || path.empty() || split.parent == path) {
    Directory existing(fs, check_opened_directory(fd, path), path);
    sync_parent_if_possible(*fs, existing.fd_);
    return existing;
  }
  const Directory parent = create(fs, split.parent);
  if (is_dots(split.name)) return open(std::move(fs), path);
  Directory made = parent.ensure_directory(split.name);
  made.path_ = path;
  return made;
}

std::string Directory::child(const std::string& name) const {
  const bool separators =
      name.find('/') != std::string::npos || name.find('\0') != std::string::npos;
  if (name.empty() || is_dots(name) || separators) {
    throw Error(ErrorKind::kInvalidArgument, "not the name of a directory entry")
        .at(path_)
        .expected("one path component")
        .found("\"" + name + "\"");
  }
  return path_.back() == '/' ? path_ + name : path_ + "/" + name;
}

void Directory::require_owner() const {
  if (owner_.is_this()) return;
  throw Error(ErrorKind::kInvalidArgument, "cannot change the directory in a forked process")
      .at(path_)
      .expected("the process that opened it")
      .found("a child of it")
      .remedy("open it in the child, or leave the change to the parent");
}

std::string Directory::own_child(const std::string& name) const {
  require_owner();
  return child(name);
}

int Directory::open_entry(const std::string& name, int flags) const {
  return retry([&] { return fs_->open(fd_, name.c_str(), flags, kFileMode); });
}

Directory Directory::open_directory(const std::string& name) const {
  std::string path = child(name);
  const int fd = check_opened_directory(open_entry(name, kOpenDirectory | O_NOFOLLOW), path);
  return Directory(fs_, fd, std::move(path));
}

Directory Directory::make_directory(const std::string& name) const {
  const std::string path = own_child(name);
  check(retry([&] { return fs_->mkdir(fd_, name.c_str(), kDirectoryMode); }),
        "cannot make the directory", path);
  return open_directory(name);
}

Directory Directory::ensure_directory(const std::string& name) const {
  const std::string path = own_child(name);
  const int result = retry([&] { return fs_->mkdir(fd_, name.c_str(), kDirectoryMode); });
  if (result != -EEXIST) check(result, "cannot make the directory", path);
  Directory directory = open_directory(name);
  sync();
  return directory;
}

File Directory::open_file(const std::string& name) const {
  const std::string path = child(name);
  const int fd = open_entry(name, O_RDONLY | kOpenSafely);
  if (means_no_regular_file(fd)) throw not_regular(ErrorKind::kCorrupt, path);
  File file(fs_, check(fd, "cannot open the file", path), path);
  return check_regular(std::move(file), *fs_, fd, ErrorKind::kCorrupt);
}

File Directory::create_file(const std::string& name) const {
  const std::string path = own_child(name);
  const int fd = open_entry(name, O_WRONLY | O_CREAT | O_EXCL | kOpenSafely);
  File file(fs_, check(fd, "cannot create the file", path), path);
  file.keep_from_children();
  return file;
}

// Sets the flag afterwards: open(2) with O_DIRECT may fail with EINVAL and still make the file.
File Directory::create_direct(const std::string& name) const {
  File file = create_file(name);
  file.turn_direct();
  return file;
}

void Directory::write_new_file(const std::string& name, ByteView content) const {
  File file = create_file(name);
  file.write_at(0, content);
  file.sync();
  file.close();
}

File Directory::open_or_create(const std::string& name) const {
  const std::string path = own_child(name);
  const int fd = open_entry(name, O_RDWR | O_CREAT | kOpenSafely);
  if (means_no_regular_file(fd)) throw not_regular(ErrorKind::kExists, path);
  File file(fs_, check(fd, "cannot open or create the file", path), path);
  file.keep_from_children();
  return check_regular(std::move(file), *fs_, fd, ErrorKind::kExists);
}

std::optional<FileType> Directory::type_of(const std::string& name) const {
  const std::string path = child(name);
  struct stat info {};
  const int result = retry([&] { return fs_->fstatat(fd_, name.c_str(), &info); });
  if (result == -ENOENT) return std::nullopt;
  check(result, "cannot read the type of the entry", path);
  return type_from(info.st_mode);
}

std::vector<std::string> Directory::list() const {
  std::vector<std::string> names;
  const int result = retry([&] {
    names.clear();
    return fs_->list(fd_, names);
  });
  check(result, "cannot list the directory", path_);
  std::sort(names.begin(), names.end());
  return names;
}

bool Directory::is_same_as(const Directory& other) const {
  struct stat a {};
  struct stat b {};
  const auto read = [&](int fd, struct stat* info, const std::string& path) {
    check(retry([&] { return fs_->fstat(fd, info); }), "cannot identify the directory", path);
  };
  read(fd_, &a, path_);
  read(other.fd_, &b, other.path_);
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void Directory::sync() const {
  require_owner();
  check(fs_->fsync(fd_), "cannot make the directory durable", path_);
}

void Directory::rename(const std::string& from, const Directory& to,
                       const std::string& to_name) const {
  const std::string path = own_child(from);
  const std::string target = to.child(to_name);
  const auto rename_with = [&](unsigned flags) {
    return retry([&] { return fs_->rename(fd_, from.c_str(), to.fd_, to_name.c_str(), flags); });
  };
  int result = rename_with(RENAME_NOREPLACE);
  // Not every file system has the flag. A plain rename refuses a directory that is not empty, and
  // replaces anything else.
  if (result == -EINVAL || result == -ENOSYS) {
    result = to.type_of(to_name) ? -EEXIST : rename_with(0);
  }
  check(result, ("cannot rename it to " + target).c_str(), path);
}

void Directory::replace_file(const std::string& name, ByteView content) const {
  require_owner();
  const std::string next = ".new-" + name;
  fs_->unlink(fd_, next.c_str(), 0);  // a killed writer may have left it; usually there is none
  replace_through(next, name, content);
}

void Directory::replace_shared_file(const std::string& name, ByteView content) const {
  replace_through(".new-" + name + "-" + random_id(), name, content);
}

void Directory::replace_through(const std::string& next, const std::string& name,
                                ByteView content) const {
  const std::string path = own_child(name);
  try {
    write_new_file(next, content);
    check(retry([&] { return fs_->rename(fd_, next.c_str(), fd_, name.c_str(), 0); }),
          "cannot replace the file", path);
  } catch (const Error&) {
    fs_->unlink(fd_, next.c_str(), 0);
    throw;
  }
  sync();
}

void Directory::remove_file(const std::string& name) const {
  const std::string path = own_child(name);
  check(retry([&] { return fs_->unlink(fd_, name.c_str(), 0); }), "cannot remove the file", path);
}

void Directory::remove_tree(const std::string& name) const {
  const std::string path = own_child(name);
  const auto type = type_of(name);
  if (!type) return;
  if (type == FileType::kDirectory) remove_content(name);
  const int flags = type == FileType::kDirectory ? AT_REMOVEDIR : 0;
  const int result = retry([&] { return fs_->unlink(fd_, name.c_str(), flags); });
  if (result != -ENOENT) check(result, "cannot remove it", path);
}

void Directory::remove_content(const std::string& name) const {
  try {
    const Directory directory = open_directory(name);
    for (const std::string& entry : directory.list()) directory.remove_tree(entry);
  } catch (const Error& error) {
    const bool is_out_of_descriptors = error.os_error() == EMFILE || error.os_error() == ENFILE;
    if (is_out_of_descriptors && fs_->unlink(fd_, name.c_str(), AT_REMOVEDIR) == 0)
      return;  // empty
    if (error.kind() != ErrorKind::kNotFound) throw;
  }
}

}  // namespace holdfast
