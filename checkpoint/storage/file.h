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

// The bytes of a file where the kernel has them, writable in private: a page that is written to is
// copied, and the file stays as it is. Outlives the File and the file's name. Touching it raises
// SIGBUS where the file was cut short since, or the disk fails.
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

// An open regular file. Movable; closes in the destructor. Positioned reads and writes may be made
// by several threads at once, the rest by one. Every method absorbs EINTR (sync does not) and short
// transfers, and throws the Error of the failed system call with the file's path.
//
// A file that is open to be written, and so every lock, is the process's that has opened it: in a
// child made by fork(2) it is closed, and every call an Error(kInvalidArgument). A file that is
// open to be read can be read there too.
class File {
 public:
  // Takes over the descriptor.
  File(std::shared_ptr<FileSystem> fs, int fd, std::string path);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  std::uint64_t size() const;

  // Fills `to` from offset; returns the number of bytes read, less than to.size only at the end of
  // the file.
  std::size_t read_at(std::uint64_t offset, ByteSpan to) const;
  // The same, but an end of file inside the range is an Error(kCorrupt).
  void read_exactly(std::uint64_t offset, ByteSpan to) const;
  std::vector<std::byte> read_all(
      std::uint64_t limit) const;  // Error(kCorrupt) if larger than limit

  // They are about to be read: the disk may begin. Does not wait, and is no promise.
  void prefetch(std::uint64_t offset, std::uint64_t bytes) const noexcept;  // of more than 0

  // The first `bytes` bytes, which the file has; more than none.
  std::shared_ptr<const Mapping> map(std::uint64_t bytes) const;

  // A direct file (Directory::create_direct) takes offsets, addresses and counts that are multiples
  // of 4096; where the file system refuses a direct write with EINVAL the file turns to buffered,
  // once.
  void write_at(std::uint64_t offset, ByteView from);
  // One system call, whose failure nobody hears of.
  void write_from_signal_handler(std::uint64_t offset, ByteView from) const noexcept;
  void truncate(std::uint64_t size);
  // Makes data and size durable. After a failure the file must be abandoned: the kernel may have
  // dropped the pages, and a second fsync may report success. So there is none: a sync() after one
  // that failed fails the same way.
  void sync();
  // Closes; a failure is an Error, and the descriptor is gone either way. Again: does nothing.
  void close();
  // Takes the whole-file lock without waiting; false if it is taken by another open of the file. It
  // is given back when the file is closed, also where a child has the file from a moment before.
  bool try_lock();

  const std::string& path() const { return path_; }
  const std::shared_ptr<FileSystem>& file_system() const { return fs_; }

 private:
  friend class Directory;
  struct Descriptor;
  void keep_from_children();
  int fd() const;      // an Error in a child that has not got it; -1: closed
  int let_go();        // what close(2) says
  void turn_direct();  // stays buffered where the file system has no direct writes
  void turn_buffered();
  std::size_t write_some(std::uint64_t offset, ByteView from);  // 0: turned to buffered, try again

  std::shared_ptr<FileSystem> fs_;
  std::unique_ptr<Descriptor> descriptor_;  // null: closed
  std::string path_;
  // Null: buffered from the start. Turned to false by whichever thread meets EINVAL first.
  std::unique_ptr<std::atomic<bool>> direct_;
  int sync_error_ = 0;
};

// What a directory entry is.
enum class FileType { kRegular, kDirectory, kOther };  // kOther: link, FIFO, device, socket

// An open directory. Movable; closes in the destructor. `name` is a single path component; a "/" in
// it, "." and ".." are an Error(kInvalidArgument). Links are never followed, but for those in the
// path given to open and create. What is no directory where one is needed is an Error(kExists).
// Const methods may be called by several threads at once. Other errors as with File.
//
// In a child made by fork(2) it can be read, and opened again; whatever would change or sync
// something is an Error(kInvalidArgument): that is for the process that has opened it.
class Directory {
 public:
  // Opens an existing directory; Error(kNotFound) if there is none.
  static Directory open(std::shared_ptr<FileSystem> fs, const std::string& path);
  // Opens the directory, first making it and its parents where they are missing; each one made is
  // fsynced into its parent, and so is, if its parent can be opened, the first that existed:
  // whoever made that one may not have lived to do it.
  static Directory create(std::shared_ptr<FileSystem> fs, const std::string& path);

  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;
  ~Directory();

  Directory open_directory(const std::string& name) const;
  Directory make_directory(const std::string& name) const;  // Error(kExists) if the name is taken
  Directory ensure_directory(
      const std::string& name) const;  // made if missing; its entry is durable

  File open_file(const std::string& name) const;  // to read; anything but a regular file: kCorrupt
  File create_file(const std::string& name) const;  // to write; Error(kExists) if the name is taken
  File create_direct(
      const std::string& name) const;  // the same, past the page cache where possible
  // Creates a file with this content, makes it durable and closes it. Its entry is durable after
  // sync().
  void write_new_file(const std::string& name, ByteView content) const;
  // To read and write; anything but a regular file there: kExists.
  File open_or_create(const std::string& name) const;

  std::optional<FileType> type_of(const std::string& name) const;  // empty: no such entry
  std::vector<std::string> list() const;                           // sorted
  bool is_same_as(const Directory& other) const;  // whatever the paths that they were opened by

  void sync() const;  // makes the entries durable
  // Renames within the file system; Error(kExists) if the target is there (where the file system
  // cannot promise that: if it was there a moment before). Durable after sync() of both
  // directories.
  void rename(const std::string& from, const Directory& to, const std::string& to_name) const;
  // Replaces (or makes) a small file as one: after a crash it has the old or the new content.
  // Durable when it returns. Writes to ".new-<name>" first. Not for one name by several writers at
  // once.
  void replace_file(const std::string& name, ByteView content) const;
  // The same by as many writers as there are: the last counts. Writes to ".new-<name>-<random>"
  // first, which a writer that is killed leaves behind.
  void replace_shared_file(const std::string& name, ByteView content) const;
  void remove_file(const std::string& name) const;
  void remove_tree(const std::string& name) const;  // what is already gone is no error

  const std::string& path() const { return path_; }
  const std::shared_ptr<FileSystem>& file_system() const { return fs_; }

 private:
  Directory(std::shared_ptr<FileSystem> fs, int fd, std::string path);
  std::string child(const std::string& name) const;      // its path, if it is a valid name
  std::string own_child(const std::string& name) const;  // the same, to be made or changed
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
