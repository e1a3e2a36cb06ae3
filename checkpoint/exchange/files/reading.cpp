#include <holdfast/checkpoint/exchange/files/reading.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <holdfast/checkpoint/storage/system_call.h>

namespace holdfast::exchange {

File open_file(std::shared_ptr<FileSystem> fs, const std::string& path) {
  // O_NONBLOCK: the open of a FIFO would wait for a writer.
  const int fd =
      retry([&] { return fs->open(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0); });
  File file(fs, check(fd, "cannot open the file", path), path);
  struct stat info {};
  check(retry([&] { return fs->fstat(fd, &info); }), "cannot read the file's type", path);
  if (S_ISREG(info.st_mode)) return file;
  throw Error(ErrorKind::kUnsupported, "this is not a regular file").at(path);
}

std::string bytes_at(const File& file, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  bytes.resize(file.read_at(offset, ByteSpan(bytes.data(), bytes.size())));
  return bytes;
}

}  // namespace holdfast::exchange
