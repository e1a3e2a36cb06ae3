#include <holdfast/checkpoint/exchange/files/pending_file.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/storage/already_there.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kPartBytes = 8 << 20;

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Runs `action`; an Error of it is told of the path.
template <typename Action>
auto named(const std::string& path, const Action& action) {
  try {
    return action();
  } catch (Error& error) {
    error.at(path);
    throw;
  }
}

File create_beside(const Directory& directory, const std::string& path, const std::string& name,
                   const std::string& temporary_name) {
  if (directory.type_of(name)) throw already_there(path);
  return named(path, [&] { return directory.create_file(temporary_name); });
}

void remove_quietly(const Directory& directory, const std::string& name) noexcept {
  try {
    directory.remove_file(name);
  } catch (const std::exception&) {  // whatever made the write fail is what is told
  }
}

}  // namespace

PendingFile::PendingFile(std::shared_ptr<FileSystem> fs, const std::string& path)
    : path_(path),
      directory_(Directory::open(std::move(fs), parent_of(path))),
      name_(std::filesystem::path(path).filename().string()),
      temporary_name_(".tmp-" + random_id()),
      file_(create_beside(directory_, path_, name_, temporary_name_)) {}

PendingFile::~PendingFile() {
  if (!is_committed_) remove_quietly(directory_, temporary_name_);
}

void PendingFile::write_at(std::uint64_t offset, ByteView bytes) {
  named(path_, [&] { file_.write_at(offset, bytes); });
}

void PendingFile::commit() {
  named(path_, [&] {
    file_.sync();
    file_.close();
    rename();
    is_committed_ = true;
    sync_directory();
  });
}

void PendingFile::rename() const {
  try {
    directory_.rename(temporary_name_, directory_, name_);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kExists) throw already_there(path_);
    throw;
  }
}

void PendingFile::sync_directory() const {
  try {
    directory_.sync();
  } catch (const Error&) {
    remove_quietly(directory_, name_);
    throw;
  }
}

void for_each_part(std::uint64_t bytes,
                   const std::function<void(std::uint64_t offset, ByteSpan part)>& fill_and_use) {
  std::vector<std::byte> buffer(std::min(bytes, kPartBytes));
  for (std::uint64_t offset = 0; offset < bytes; offset += kPartBytes)
    fill_and_use(offset, ByteSpan(buffer).slice(0, std::min(kPartBytes, bytes - offset)));
}

void for_each_part(const Item& item, const std::function<void(ByteView)>& use) {
  if (item.source == nullptr) return;
  for_each_part(bytes_of(item.dtype, item.shape), [&](std::uint64_t offset, ByteSpan part) {
    copy_bytes(item, offset, part);
    use(part);
  });
}

}  // namespace holdfast::exchange
