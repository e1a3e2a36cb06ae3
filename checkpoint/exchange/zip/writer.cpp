#include <holdfast/checkpoint/exchange/zip/writer.h>

#include <zip.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <exception>
#include <utility>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kBufferBytes = 4 << 20;
constexpr std::uint16_t kDate = 1 << 5 | 1;  // 1980-01-01, the first that a zip archive can have
constexpr std::uint64_t kAlignment = 64;
constexpr std::uint16_t kPaddingField = 'F' | 'B' << 8;  // as PyTorch names its own

// What libzip's sources share: the error that libzip asks for, and the exception behind it.
struct Failure {
  zip_error_t error{};
  std::exception_ptr thrown;

  Failure() { zip_error_init(&error); }
  ~Failure() { zip_error_fini(&error); }
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
};

// Runs the work of a callback. libzip calls it from C, so that no exception may leave it.
template <typename Work>
zip_int64_t guarded(Failure& failure, int code, const Work& work) {
  try {
    return work();
  } catch (...) {
    failure.thrown = std::current_exception();
    zip_error_set(&failure.error, code, EIO);
    return -1;
  }
}

// The archive that libzip writes. Joins its small pieces into large writes.
class Output {
 public:
  explicit Output(PendingFile& file) : file_(file) { buffer_.reserve(kBufferBytes); }

  static zip_int64_t callback(void* state, void* data, zip_uint64_t count, zip_source_cmd_t what) {
    Output& output = *static_cast<Output*>(state);
    return guarded(output.failure_, ZIP_ER_WRITE, [&] { return output.obey(data, count, what); });
  }

  Failure& failure() { return failure_; }

 private:
  zip_int64_t obey(void* data, zip_uint64_t count, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
      case ZIP_SOURCE_STAT:
        return write_stat(data);
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&failure_.error, data, count);
      case ZIP_SOURCE_WRITE:
        return write(data, count);
      case ZIP_SOURCE_SEEK_WRITE:
        return seek(data, count);
      case ZIP_SOURCE_TELL_WRITE:
        return static_cast<zip_int64_t>(position());
      case ZIP_SOURCE_COMMIT_WRITE:
        flush();
        return 0;
      case ZIP_SOURCE_READ:  // the archive is new: nothing to read
      case ZIP_SOURCE_TELL:
      case ZIP_SOURCE_OPEN:
      case ZIP_SOURCE_CLOSE:
      case ZIP_SOURCE_SEEK:
      case ZIP_SOURCE_BEGIN_WRITE:
      case ZIP_SOURCE_ROLLBACK_WRITE:  // PendingFile removes the file
      case ZIP_SOURCE_REMOVE:
      case ZIP_SOURCE_FREE:
        return 0;
      default:
        zip_error_set(&failure_.error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }

  static zip_int64_t write_stat(void* data) {
    auto* stat = static_cast<zip_stat_t*>(data);
    zip_stat_init(stat);
    stat->size = 0;
    stat->valid |= ZIP_STAT_SIZE;
    return sizeof *stat;
  }

  zip_int64_t write(const void* data, zip_uint64_t count) {
    const auto* bytes = static_cast<const std::byte*>(data);
    if (buffer_.size() + count > kBufferBytes) flush();
    buffer_.insert(buffer_.end(), bytes, bytes + count);
    end_ = std::max(end_, position());
    return static_cast<zip_int64_t>(count);
  }

  zip_int64_t seek(void* data, zip_uint64_t count) {
    const auto to = zip_source_seek_compute_offset(position(), end_, data, count, &failure_.error);
    if (to < 0) return -1;
    flush();
    start_ = static_cast<std::uint64_t>(to);
    return 0;
  }

  void flush() {
    if (!buffer_.empty()) file_.write_at(start_, buffer_);
    start_ = position();
    buffer_.clear();
  }

  std::uint64_t position() const { return start_ + buffer_.size(); }

  PendingFile& file_;
  std::vector<std::byte> buffer_;  // what goes to the file at start_
  std::uint64_t start_ = 0, end_ = 0;
  Failure failure_;
};

std::uint64_t body_bytes(const ZipEntry& entry) {
  return entry.body.source == nullptr ? 0 : bytes_of(entry.body.dtype, entry.body.shape);
}

// An entry that libzip reads. Asks the item's source for large parts, and gives libzip small
// pieces.
class Content {
 public:
  Content(const ZipEntry& entry, Failure& failure)
      : entry_(entry), bytes_(entry.head.size() + body_bytes(entry)), failure_(failure) {}

  static zip_int64_t callback(void* state, void* data, zip_uint64_t count, zip_source_cmd_t what) {
    Content& content = *static_cast<Content*>(state);
    return guarded(content.failure_, ZIP_ER_READ, [&] { return content.obey(data, count, what); });
  }

  std::uint64_t bytes() const { return bytes_; }

 private:
  zip_int64_t obey(void* data, zip_uint64_t count, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
      case ZIP_SOURCE_STAT:
        return write_stat(data);
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&failure_.error, data, count);
      case ZIP_SOURCE_OPEN:
        position_ = 0;
        return 0;
      case ZIP_SOURCE_READ:
        return read(ByteSpan(data, count));
      case ZIP_SOURCE_CLOSE:
        std::vector<std::byte>().swap(buffer_);
        return 0;
      case ZIP_SOURCE_FREE:
        return 0;
      default:
        zip_error_set(&failure_.error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
  }

  zip_int64_t write_stat(void* data) const {
    auto* stat = static_cast<zip_stat_t*>(data);
    zip_stat_init(stat);
    stat->size = bytes_;
    stat->valid |= ZIP_STAT_SIZE;
    return sizeof *stat;
  }

  zip_int64_t read(ByteSpan to) {
    if (position_ == bytes_) return 0;
    if (position_ == 0 || position_ == buffered_end_) refill();
    const std::size_t from = position_ - (buffered_end_ - buffer_.size());
    const std::size_t count = std::min<std::size_t>(to.size, buffered_end_ - position_);
    std::memcpy(to.data, buffer_.data() + from, count);
    position_ += count;
    return static_cast<zip_int64_t>(count);
  }

  // The head, or the next part of the body.
  void refill() {
    const std::uint64_t head = entry_.head.size();
    if (position_ < head) {
      buffer_.resize(head);
      std::memcpy(buffer_.data(), entry_.head.data(), head);
      buffered_end_ = head;
      return;
    }
    buffer_.resize(std::min(kBufferBytes, bytes_ - position_));
    copy_bytes(entry_.body, position_ - head, buffer_);
    buffered_end_ = position_ + buffer_.size();
  }

  const ZipEntry& entry_;
  std::uint64_t bytes_;
  Failure& failure_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
  std::uint64_t buffered_end_ = 0;  // where the buffered part ends in the entry
};

// The local header of an entry: 30 bytes, its name, and a field of 20 for sizes beyond 32 bits.
std::uint64_t header_bytes(const ZipEntry& entry, std::uint64_t bytes) {
  return 30 + entry.name.size() + (bytes >= 0xFFFFFFFF ? 20 : 0);
}

class Writer {
 public:
  explicit Writer(PendingFile& file) : path_(file.path()), output_(file) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_function_create(Output::callback, &output_, &error);
    if (source != nullptr)
      archive_ = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (archive_ == nullptr) zip_source_free(source);
    zip_error_fini(&error);
    if (archive_ == nullptr) fail();
  }
  ~Writer() {
    if (archive_ != nullptr) zip_discard(archive_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(const ZipEntry& entry) {
    Content& content = contents_.emplace_back(entry, output_.failure());
    zip_source_t* source = zip_source_function(archive_, Content::callback, &content);
    if (source == nullptr) fail();
    const zip_int64_t index = zip_file_add(archive_, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) zip_source_free(source);
    if (index < 0) fail();
    const auto i = static_cast<zip_uint64_t>(index);
    require(zip_set_file_compression(archive_, i, ZIP_CM_STORE, 0));
    require(zip_file_set_dostime(archive_, i, 0, kDate, 0));
    align(i, entry, content.bytes());
  }

  void finish() {
    require(zip_close(archive_));
    archive_ = nullptr;
  }

 private:
  // Adds a field of zeros to the local header, so that the content is aligned.
  void align(zip_uint64_t index, const ZipEntry& entry, std::uint64_t bytes) {
    offset_ += header_bytes(entry, bytes) + 4;
    const std::vector<std::uint8_t> padding((kAlignment - offset_ % kAlignment) % kAlignment);
    require(zip_file_extra_field_set(archive_, index, kPaddingField, ZIP_EXTRA_FIELD_NEW,
                                     padding.data(), static_cast<zip_uint16_t>(padding.size()),
                                     ZIP_FL_LOCAL));
    offset_ += padding.size() + bytes;
  }

  void require(int result) {
    if (result < 0) fail();
  }

  [[noreturn]] void fail() {
    if (output_.failure().thrown != nullptr) std::rethrow_exception(output_.failure().thrown);
    throw Error(ErrorKind::kIo, "the zip archive cannot be written")
        .at(path_)
        .found(archive_ == nullptr ? "no memory" : zip_strerror(archive_));
  }

  std::string path_;
  Output output_;
  std::deque<Content> contents_;  // libzip holds pointers to them
  zip_t* archive_ = nullptr;
  std::uint64_t offset_ = 0;  // of the next entry's header
};

}  // namespace

void write_zip(PendingFile& file, const std::vector<ZipEntry>& entries) {
  Writer writer(file);
  for (const ZipEntry& entry : entries) writer.add(entry);
  writer.finish();
}

}  // namespace holdfast::exchange
