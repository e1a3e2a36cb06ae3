// Writing a file that appears whole or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// A file on its way: written under a name of its own (".tmp-…") beside the place it is for. What is
// not committed is removed by the destructor: a process that is killed, or ended by a signal that
// does not unwind, leaves the file of that name behind, and nothing at the place it is for. Errors
// name that place.
class PendingFile {
 public:
  // The directory must be there. Error(kExists) if something has the name already.
  PendingFile(std::shared_ptr<FileSystem> fs, const std::string& path);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void write_at(std::uint64_t offset, ByteView bytes);
  const std::string& path() const { return path_; }  // that it will have

  // Makes the file durable and gives it its name. Error(kExists) if something has got that name
  // meanwhile: it stays. After an error nothing is left.
  void commit();

 private:
  void rename() const;
  void sync_directory() const;

  std::string path_;
  Directory directory_;
  std::string name_, temporary_name_;
  File file_;
  bool is_committed_ = false;
};

// So many bytes in order, in parts of some MiB: `fill_and_use` gets where each begins, and room for
// it that is there until it returns.
void for_each_part(std::uint64_t bytes,
                   const std::function<void(std::uint64_t offset, ByteSpan part)>& fill_and_use);

// The bytes of an item in order, in such parts.
void for_each_part(const Item& item, const std::function<void(ByteView)>& use);

// A regular file to read, at any path; links are followed. Error(kNotFound) if there is none,
// kUnsupported if it is a directory, a FIFO or the like.
File open_file(std::shared_ptr<FileSystem> fs, const std::string& path);

// So many bytes from there on, or fewer where the file ends.
std::string bytes_at(const File& file, std::uint64_t offset, std::size_t count);

bool is_zip(std::string_view start);  // of a file

}  // namespace holdfast::exchange
