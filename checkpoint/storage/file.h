// Files and directories, held open. Every operation is relative to an open directory, so a rename
// of a parent does not disturb it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

// The bytes of a file, mapped. A write to them copies the page and does not change the file. The
// mapping stays valid when the File is closed and when the file is removed. Touching a byte raises
// SIGBUS if the file has become too short to have it, or if the disk fails.
class Mapping {
 public:
  // Takes over the memory.
  Mapping(std::shared_ptr<FileSystem> fs, ByteSpan bytes) : fs_(std::move(fs)), bytes_(bytes) {}
  ~Mapping() { fs_->unmap(bytes_.data, bytes_.size); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  ByteSpan bytes() const { return bytes_; }

 private:
  std::shared_ptr<FileSystem> fs_;
  ByteSpan bytes_;
};

// An open regular file. Movable; closes in the destructor. Several threads may read and write at
// once (read_at, read_exactly, prefetch, write_at); the rest is for one thread. All methods retry
// interrupted calls, except sync(), and short ones. A failed system call throws its Error, with the
// file's path.
//
// A file opened for writing, and its lock, belong to the process that opened it. In a child made by
// fork(2) it is closed, and all calls throw Error(kInvalidArgument). A file opened for reading can
// be read there too.
class File {
 public:
  // Takes over the descriptor.
  File(std::shared_ptr<FileSystem> fs, int fd, std::string path);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  std::uint64_t size() const;

  // Fills `to` from offset. Returns the number of bytes read: less than to.size only at the end of
  // the file.
  std::size_t read_at(std::uint64_t offset, ByteSpan to) const;
  // The same, but an end of file inside the range is an Error(kCorrupt).
  void read_exactly(std::uint64_t offset, ByteSpan to) const;
  std::vector<std::byte> read_all(
      std::uint64_t limit) const;  // Error(kCorrupt) if larger than limit

  // Hints that these bytes will be read soon. Does not wait.
  void prefetch(std::uint64_t offset, std::uint64_t bytes) const noexcept;  // of more than 0

  // The first `bytes` bytes, which the file has; more than none.
  std::shared_ptr<const Mapping> map(std::uint64_t bytes) const;

  // Writes all bytes. A direct file (Directory::create_direct) needs offsets, addresses and counts
  // that are multiples of 4096. If the file system refuses a direct write (EINVAL), the file turns
  // buffered for good, and the write is made again.
  void write_at(std::uint64_t offset, ByteView from);
  // Makes one system call and ignores its failure.
  void write_from_signal_handler(std::uint64_t offset, ByteView from) const noexcept;
  void truncate(std::uint64_t size);
  // Makes data and size durable. After a failure the file must be abandoned: the kernel may have
  // dropped the pages, and a second fsync(2) could report success. So every later sync() throws the
  // same error, without a system call.
  void sync();
  // Closes the file. The descriptor is gone even if this throws. A second call does nothing.
  void close();
  // Takes the lock of the whole file (flock(2)). Does not wait: returns false if another open of
  // the file holds it. Closing the file gives it back, even if a child still has the descriptor.
  bool try_lock();

  const std::string& path() const { return path_; }
  const std::shared_ptr<FileSystem>& file_system() const { return fs_; }

 private:
  friend class Directory;
  struct Descriptor;
  void keep_from_children();
  int fd() const;      // -1: closed; throws in a child that may not use it
  int let_go();        // closes; returns the result of close(2)
  void turn_direct();  // the file stays buffered if the file system has no direct writes
  void turn_buffered();
  std::size_t write_some(std::uint64_t offset, ByteView from);  // 0: it turned buffered, try again

  std::shared_ptr<FileSystem> fs_;
  std::unique_ptr<Descriptor> descriptor_;  // null: closed
  std::string path_;
  // Null: buffered from the start. The first thread that gets EINVAL sets it to false.
  std::unique_ptr<std::atomic<bool>> direct_;
  int sync_error_ = 0;
};

// What a directory entry is.
enum class FileType { kRegular, kDirectory, kOther };  // kOther: link, FIFO, device, socket

// An open directory. Movable; closes in the destructor. Const methods may be called by several
// threads at once. A `name` is one path component: Error(kInvalidArgument) if it has a "/" or is
// "." or "..". Links are not followed, except in the path given to open() and create().
// Error(kExists) if there is something else where a directory is needed. Other errors as with File.
//
// In a child made by fork(2) a directory can be read and opened again. What changes or syncs
// something throws Error(kInvalidArgument) there.
class Directory {
 public:
  // Opens an existing directory; Error(kNotFound) if there is none.
  static Directory open(std::shared_ptr<FileSystem> fs, const std::string& path);
  // Opens the directory, and makes it and its parents if they are missing. The entry of each that
  // it makes is durable. So is that of the first one that was there, if its parent can be opened:
  // whoever made it may have been killed before the fsync.
  static Directory create(std::shared_ptr<FileSystem> fs, const std::string& path);

  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  ~Directory();

  Directory open_directory(const std::string& name) const;
  Directory make_directory(const std::string& name) const;  // Error(kExists) if the name is taken
  // Makes it if it is missing. Its entry is durable.
  Directory ensure_directory(const std::string& name) const;

  // For reading. Error(kCorrupt) if it is not a regular file.
  File open_file(const std::string& name) const;
  // For writing. Error(kExists) if the name is taken.
  File create_file(const std::string& name) const;
  // The same, with writes that pass the page cache by where the file system can.
  File create_direct(const std::string& name) const;
  // Creates a file with this content, makes it durable and closes it. Its entry is durable after
  // sync().
  void write_new_file(const std::string& name, ByteView content) const;
  // For reading and writing. Error(kExists) if there is something else than a regular file.
  File open_or_create(const std::string& name) const;

  std::optional<FileType> type_of(const std::string& name) const;  // empty: no such entry
  std::vector<std::string> list() const;                           // sorted
  bool is_same_as(const Directory& other) const;  // whatever paths they were opened by

  void sync() const;  // makes the entries durable
  // Renames within the file system. Never replaces anything: Error(kExists). (A file system without
  // RENAME_NOREPLACE leaves a moment between the check and the rename.) Durable after sync() of
  // both directories.
  void rename(const std::string& from, const Directory& to, const std::string& to_name) const;
  // Replaces or makes a small file in one step: after a crash it has the old or the new content.
  // Durable when it returns. Writes to ".new-<name>" first, so one name must not have two writers
  // at once.
  void replace_file(const std::string& name, ByteView content) const;
  // The same for any number of writers: the last one counts. Writes to ".new-<name>-<random>"
  // first, which a killed writer leaves behind.
  void replace_shared_file(const std::string& name, ByteView content) const;
  void remove_file(const std::string& name) const;
  void remove_tree(const std::string& name) const;  // a file, or a directory with all in it, if any

  const std::string& path() const { return path_; }
  const std::shared_ptr<FileSystem>& file_system() const { return fs_; }

 private:
  Directory(std::shared_ptr<FileSystem> fs, int fd, std::string path);
  std::string child(const std::string& name) const;      // the path of an entry; checks the name
  std::string own_child(const std::string& name) const;  // and that this process may change it
  void require_owner() const;
  int open_entry(const std::string& name, int flags) const;
  void replace_through(const std::string& next, const std::string& name, ByteView content) const;
  void remove_content(const std::string& name) const;

  std::shared_ptr<FileSystem> fs_;
  int fd_ = -1;
  std::string path_;
  OwnerProcess owner_;
};

}  // namespace holdfast
