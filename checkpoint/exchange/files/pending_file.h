// Writing a file that appears whole or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// A file that is being written, under a temporary name (".tmp-…") beside its final one. Unless it
// is committed, the destructor removes it. A process that is killed, or ended by a signal that does
// not unwind the stack, leaves the temporary file, and nothing under the final name. Errors name
// the final path.
class PendingFile {
 public:
  // The directory must exist. Error(kExists) if something has the final name already.
  PendingFile(std::shared_ptr<FileSystem> fs, const std::string& path);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void write_at(std::uint64_t offset, ByteView bytes);
  const std::string& path() const { return path_; }  // the final one

  // Makes the file durable and gives it its final name. Error(kExists) if something has taken that
  // name meanwhile; it is not replaced. After an error nothing is left.
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

// Calls `fill_and_use` for each part of `bytes` bytes, in order: with the offset of the part, and a
// buffer of its size (some MiB) that stays valid until the call returns.
void for_each_part(std::uint64_t bytes,
                   const std::function<void(std::uint64_t offset, ByteSpan part)>& fill_and_use);

// Calls `use` for each part of the item's bytes, in order.
void for_each_part(const Item& item, const std::function<void(ByteView)>& use);

}  // namespace holdfast::exchange
