#include <holdfast/checkpoint/exchange/files/spool.h>

#include <cstdlib>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>

namespace holdfast::exchange {
namespace {

std::string temporary_directory() {
  const char* const named = std::getenv("TMPDIR");
  return named == nullptr || *named == '\0' ? "/var/tmp" : named;
}

File file_without_name(const std::shared_ptr<FileSystem>& fs) {
  const Directory directory = Directory::open(fs, temporary_directory());
  const std::string name = "holdfast-" + random_id();
  File file = directory.open_or_create(name);
  directory.remove_file(name);
  return file;
}

template <typename Action>
auto with_remedy(const Action& action) {
  try {
    return action();
  } catch (Error& error) {
    error.remedy("let TMPDIR name a directory that has room for what the archive unpacks to");
    throw;
  }
}

}  // namespace

std::uint64_t Spool::reserve(std::uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!file_) file_ = with_remedy([&] { return file_without_name(fs_); });
  const std::uint64_t begin = end_;
  end_ += bytes;
  return begin;
}

void Spool::write_at(std::uint64_t offset, ByteView bytes) {
  with_remedy([&] { file_->write_at(offset, bytes); });
}

}  // namespace holdfast::exchange
