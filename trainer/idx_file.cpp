#include <holdfast/trainer/idx_file.h>

#include <ATen/Functions.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

constexpr unsigned kUnsignedByteType = 0x08;
constexpr std::uint64_t kDeflateMaxRatio = 1032;  // the most that deflate can compress
constexpr unsigned kReadBufferBytes = 256 << 10;
constexpr std::size_t kReadBytes = 64 << 20;  // for one call of gzread, which counts in int

constexpr const char* kReplaceRemedy =
    "replace the file by an undamaged copy (Debian's Fashion-MNIST: apt-get install --reinstall "
    "dataset-fashion-mnist)";

Error damaged(const std::string& path, std::string problem) {
  return Error(ErrorKind::kCorrupt, std::move(problem)).at(path).remedy(kReplaceRemedy);
}

// Opens a regular file, and refuses any other. Does not block on a FIFO without a writer.
int open_regular_file(const std::string& path, std::uint64_t& size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw system_error(errno, "the data file cannot be opened", path);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw damaged(path, "not a data file").expected("a regular file").found("something else");
  }
  size = static_cast<std::uint64_t>(info.st_size);
  return fd;
}

// Reads a file from front to back, and decompresses it on the way if it is gzip.
class Content {
 public:
  explicit Content(const std::string& path) : path_(path) {
    const int fd = open_regular_file(path, file_bytes_);
    file_.reset(gzdopen(fd, "rb"));
    if (!file_) {
      ::close(fd);
      throw system_error(ENOMEM, "the data file cannot be opened", path);
    }
    gzbuffer(file_.get(), kReadBufferBytes);
  }

  // Fills `to`, or as much of it as there is content left. Returns the number of bytes.
  std::size_t read(ByteSpan to) {
    std::size_t done = 0;
    while (done < to.size) {
      const std::size_t got = read_some(to.slice(done, std::min(to.size - done, kReadBytes)));
      if (got == 0) break;
      done += got;
    }
    return done;
  }

  // The most bytes of content that a file of this size can have.
  std::uint64_t most_bytes() {
    return gzdirect(file_.get()) != 0 ? file_bytes_ : file_bytes_ * kDeflateMaxRatio;
  }

  std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };

  // If a gzip stream is cut short, gzread reports an end of file, and the error must be asked for.
  // This is done after each read, since from zlib 1.3.2 on the next read clears the error.
  std::size_t read_some(ByteSpan to) {
    const int got = gzread(file_.get(), to.data, static_cast<unsigned>(to.size));
    int code = Z_OK;
    gzerror(file_.get(), &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) throw_error();
    return static_cast<std::size_t>(got);
  }

  [[noreturn]] void throw_error() {
    const int errnum = errno;
    int code = Z_OK;
    const std::string text = gzerror(file_.get(), &code);
    if (code == Z_ERRNO) throw system_error(errnum, "the data file cannot be read", path_);
    if (code == Z_MEM_ERROR) throw system_error(ENOMEM, "the data file cannot be read", path_);
    if (code == Z_BUF_ERROR) throw damaged(path_, "the gzip stream ends before its end");
    throw damaged(path_, "the gzip stream is damaged").found(text);
  }

  std::string path_;
  std::uint64_t file_bytes_ = 0;
  std::unique_ptr<gzFile_s, Close> file_;
};

std::string hex_byte(unsigned value) {
  constexpr const char* digits = "0123456789abcdef";
  return {'0', 'x', digits[value >> 4 & 15], digits[value & 15]};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

void read_header_bytes(Content& content, ByteSpan to, const std::string& path) {
  if (content.read(to) == to.size) return;
  throw damaged(path, "the file ends within its IDX header")
      .found(std::to_string(content.file_bytes()) + " bytes on disk");
}

void read_magic(Content& content, int dimensions, const std::string& path) {
  std::array<unsigned char, 4> magic{};
  read_header_bytes(content, {magic.data(), magic.size()}, path);
  const std::array<unsigned char, 4> wanted{0, 0, kUnsignedByteType,
                                            static_cast<unsigned char>(dimensions)};
  if (magic == wanted) return;
  const auto text = [](const std::array<unsigned char, 4>& bytes) {
    std::string joined;
    for (const unsigned char byte : bytes) joined += (joined.empty() ? "" : " ") + hex_byte(byte);
    return joined;
  };
  throw damaged(path, "not an IDX file of unsigned bytes in " + std::to_string(dimensions) +
                          (dimensions == 1 ? " dimension" : " dimensions"))
      .expected("the magic bytes " + text(wanted))
      .found(text(magic));
}

std::vector<std::int64_t> read_shape(Content& content, int dimensions, const std::string& path) {
  std::vector<std::int64_t> shape;
  for (int i = 0; i < dimensions; ++i) {
    std::array<unsigned char, 4> bytes{};
    read_header_bytes(content, {bytes.data(), bytes.size()}, path);
    shape.push_back(
        std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0},
                        [](std::int64_t value, unsigned char byte) { return value << 8 | byte; }));
  }
  return shape;
}

// Returns how many elements the shape has. Refuses a shape that is too large for the file, also if
// the product would overflow.
std::uint64_t checked_elements(const std::vector<std::int64_t>& shape, std::uint64_t most,
                               const std::string& path) {
  std::uint64_t elements = 1;
  for (const std::int64_t size : shape) {
    if (size == 0) {
      throw damaged(path, "the array is empty")
          .expected("dimensions of 1 or more")
          .found(shape_text(shape));
    }
    if (static_cast<std::uint64_t>(size) > most / elements) {
      throw damaged(path, "the header promises more than the file can hold")
          .expected("at most " + std::to_string(most) + " bytes")
          .found(shape_text(shape) + " bytes promised");
    }
    elements *= static_cast<std::uint64_t>(size);
  }
  return elements;
}

void read_elements(Content& content, ByteSpan to, const std::string& path) {
  const std::size_t read = content.read(to);
  if (read < to.size) {
    throw damaged(path, "the file is cut short")
        .expected(std::to_string(to.size) + " elements")
        .found(std::to_string(read));
  }
  std::byte extra{};
  if (content.read({&extra, 1}) != 0) {
    throw damaged(path, "bytes follow the last element")
        .expected("the end of the file after " + std::to_string(to.size) + " elements")
        .found("more");
  }
}

}  // namespace

at::Tensor read_idx(const std::string& path, int dimensions) {
  Content content(path);
  read_magic(content, dimensions, path);
  const std::vector<std::int64_t> shape = read_shape(content, dimensions, path);
  const std::uint64_t elements = checked_elements(shape, content.most_bytes(), path);
  at::Tensor array = at::empty(shape, at::kByte);
  read_elements(content, {array.data_ptr(), static_cast<std::size_t>(elements)}, path);
  return array;
}

}  // namespace holdfast::trainer
