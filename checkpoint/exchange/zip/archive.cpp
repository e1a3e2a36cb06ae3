#include <holdfast/checkpoint/exchange/zip/archive.h>

#include <zip.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/files/file_ranges.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kStepBytes = 1 << 20;

// By deflate, which makes 258 bytes of 2 bits at most.
constexpr std::uint64_t kMostFromAByte = 1032;

// What libzip reads the archive from.
struct Input {
  explicit Input(const File& archive) : file(&archive), size(archive.size()) {}

  const File* file;
  std::uint64_t size;
  std::uint64_t position = 0;
  std::optional<std::uint64_t> first_read;  // where libzip read first since this was reset
  zip_error_t error{};
  std::exception_ptr failure;  // of the file

  std::int64_t read(void* to, std::uint64_t count) {
    if (!first_read) first_read = position;
    const std::size_t got = file->read_at(position, ByteSpan(to, count));
    position += got;
    return static_cast<std::int64_t>(got);
  }
};

zip_int64_t write_stat(const Input& input, void* data) {
  auto* stat = static_cast<zip_stat_t*>(data);
  zip_stat_init(stat);
  stat->size = input.size;
  stat->valid |= ZIP_STAT_SIZE;
  return sizeof *stat;
}

zip_int64_t seek(Input& input, void* data, zip_uint64_t count) {
  const auto to =
      zip_source_seek_compute_offset(input.position, input.size, data, count, &input.error);
  if (to < 0) return -1;
  input.position = static_cast<std::uint64_t>(to);
  return 0;
}

zip_int64_t obey(Input& input, void* data, zip_uint64_t count, zip_source_cmd_t command) {
  switch (command) {
    case ZIP_SOURCE_OPEN:
      input.position = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return input.read(data, count);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
      return 0;
    case ZIP_SOURCE_STAT:
      return write_stat(input, data);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&input.error, data, count);
    case ZIP_SOURCE_SEEK:
      return seek(input, data, count);
    case ZIP_SOURCE_TELL:
      return static_cast<zip_int64_t>(input.position);
    case ZIP_SOURCE_SUPPORTS:
      return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    default:
      zip_error_set(&input.error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

// Called from C: no exception may leave it.
zip_int64_t input_callback(void* state, void* data, zip_uint64_t count, zip_source_cmd_t command) {
  Input& input = *static_cast<Input*>(state);
  try {
    return obey(input, data, count, command);
  } catch (...) {
    input.failure = std::current_exception();
    zip_error_set(&input.error, ZIP_ER_READ, EIO);
    return -1;
  }
}

class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;

  zip_error_t* get() { return &error_; }

 private:
  zip_error_t error_;
};

}  // namespace

// For use by one thread at a time.
struct ZipHandle {
  Input input;
  zip_t* archive = nullptr;
  std::mutex mutex;

  explicit ZipHandle(const File& file) : input(file) {
    zip_error_init(&input.error);
    if (input.size == 0) fail("it is empty");  // libzip takes that for an archive
    ZipError error;
    zip_source_t* source = zip_source_function_create(input_callback, &input, error.get());
    if (source == nullptr) fail(zip_error_strerror(error.get()));
    archive = zip_open_from_source(source, ZIP_RDONLY, error.get());
    if (archive != nullptr) return;
    zip_source_free(source);
    fail(zip_error_strerror(error.get()));
  }
  ~ZipHandle() {
    zip_discard(archive);
    zip_error_fini(&input.error);
  }

  // If the file threw, that exception is thrown instead.
  [[noreturn]] void fail(const std::string& reason, const std::string& record = "") {
    throw failure(reason, record);
  }
  [[noreturn]] void fail_checksum(const std::string& reason, const std::string& record) {
    throw failure(reason, record)
        .remedy(
            "get it again; or, if PyTorch saved it without checksums "
            "(torch.serialization.set_crc32_options(False)), save it again with them");
  }

 private:
  Error failure(const std::string& reason, const std::string& record) {
    if (input.failure != nullptr) std::rethrow_exception(std::exchange(input.failure, nullptr));
    const std::string what = record.empty() ? "the zip archive" : "the entry " + record;
    return Error(ErrorKind::kCorrupt, what + " cannot be read")
        .at(input.file->path())
        .found(reason);
  }
};

namespace {

// An entry that is being read. The archive's mutex is held around each call.
class OpenRecord {
 public:
  OpenRecord(ZipHandle& handle, const ZipRecord& record, zip_flags_t flags)
      : handle_(handle), name_(in_quotes(record.name)) {
    const std::lock_guard<std::mutex> lock(handle_.mutex);
    file_ = zip_fopen_index(handle_.archive, record.index, flags);
    if (file_ == nullptr) handle_.fail(zip_strerror(handle_.archive), name_);
  }
  ~OpenRecord() {
    const std::lock_guard<std::mutex> lock(handle_.mutex);
    zip_fclose(file_);
  }
  OpenRecord(const OpenRecord&) = delete;
  OpenRecord& operator=(const OpenRecord&) = delete;

  void seek(std::uint64_t offset) {
    const std::lock_guard<std::mutex> lock(handle_.mutex);
    if (zip_fseek(file_, static_cast<zip_int64_t>(offset), SEEK_SET) < 0) fail();
  }

  // The offset in the file of the first byte that libzip reads for the entry. The two headers of an
  // entry may each say something else. Precondition: opened with ZIP_FL_COMPRESSED, not empty.
  std::uint64_t begin() {
    handle_.input.first_read.reset();
    std::byte first;
    if (read(ByteSpan(&first, 1)) != 1) handle_.fail("it has no byte", name_);
    return handle_.input.first_read.value_or(0);
  }

  // Returns how many bytes of `to` it filled: fewer than all only at the entry's end. libzip
  // compares the checksum in the read that reaches the end.
  std::size_t read(ByteSpan to) {
    std::size_t filled = 0;
    while (filled < to.size) {
      const std::size_t step = std::min<std::size_t>(to.size - filled, kStepBytes);
      const std::lock_guard<std::mutex> lock(handle_.mutex);
      const zip_int64_t got = zip_fread(file_, to.data + filled, step);
      if (got < 0) fail();
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

 private:
  [[noreturn]] void fail() {
    const bool is_checksum = zip_error_code_zip(zip_file_get_error(file_)) == ZIP_ER_CRC;
    const char* const reason = zip_file_strerror(file_);
    if (is_checksum) handle_.fail_checksum(reason, name_);
    handle_.fail(reason, name_);
  }

  ZipHandle& handle_;
  std::string name_;
  zip_file_t* file_;
};

ZipRecord record_of(const zip_stat_t& stat, const std::string& path) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((stat.valid & kNeeded) != kNeeded)
    throw Error(ErrorKind::kCorrupt, "the zip archive's directory is incomplete").at(path);
  ZipRecord record;
  record.name = stat.name;
  record.index = stat.index;
  record.bytes = stat.size;
  record.stored_bytes = stat.comp_size;
  record.is_compressed = stat.comp_method != ZIP_CM_STORE;
  const bool known = stat.comp_method == ZIP_CM_STORE || stat.comp_method == ZIP_CM_DEFLATE;
  if (known && stat.encryption_method == ZIP_EM_NONE) return record;
  throw Error(ErrorKind::kUnsupported,
              "the entry " + in_quotes(record.name) + (known ? " is encrypted" : " is compressed"))
      .at(path)
      .expected(known ? "one that is not" : "an entry stored as it is, or deflated")
      .found(known ? "" : "method " + std::to_string(stat.comp_method));
}

void check_size(const ZipRecord& record, std::uint64_t file_bytes, const std::string& path) {
  const std::uint64_t stored = record.stored_bytes;
  const std::uint64_t most = record.is_compressed ? kMostFromAByte : 1;
  const std::uint64_t needed = record.bytes / most + (record.bytes % most != 0 ? 1 : 0);
  const bool fits =
      stored <= file_bytes && (record.is_compressed ? needed <= stored : needed == stored);
  if (fits) return;
  throw Error(ErrorKind::kCorrupt,
              "the entry " + in_quotes(record.name) + " has an impossible size")
      .at(path)
      .found(std::to_string(stored) + " bytes for " + std::to_string(record.bytes) +
             " in a file of " + std::to_string(file_bytes));
}

}  // namespace

bool is_zip(std::string_view start) {
  constexpr std::string_view kFirstEntry("PK\x03\x04", 4);
  return start.substr(0, kFirstEntry.size()) == kFirstEntry;
}

ZipArchive::ZipArchive(File file)
    : file_(std::move(file)),
      handle_(std::make_unique<ZipHandle>(file_)),
      spool_(file_.file_system()) {
  const zip_int64_t count = zip_get_num_entries(handle_->archive, ZIP_FL_UNCHANGED);
  records_.reserve(static_cast<std::size_t>(std::max<zip_int64_t>(count, 0)));
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat_index(handle_->archive, static_cast<zip_uint64_t>(i),
                       ZIP_FL_UNCHANGED | ZIP_FL_ENC_RAW, &stat) < 0)
      handle_->fail(zip_strerror(handle_->archive));
    records_.push_back(record_of(stat, path()));
    check_size(records_.back(), handle_->input.size, path());
  }
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (by_name_.emplace(records_[i].name, i).second) continue;
    throw Error(ErrorKind::kCorrupt, "two entries have the name " + in_quotes(records_[i].name))
        .at(path());
  }
  require_entries_apart();
}

ZipArchive::~ZipArchive() = default;

void ZipArchive::require_entries_apart() const {
  std::vector<FileRange> ranges;
  for (const ZipRecord& record : records_) {
    if (record.stored_bytes == 0) continue;
    OpenRecord open(*handle_, record, ZIP_FL_UNCHANGED | ZIP_FL_COMPRESSED);
    const std::uint64_t begin = open.begin();
    ranges.push_back({begin, begin + record.stored_bytes, "the entry " + in_quotes(record.name)});
  }
  require_apart(std::move(ranges), path());
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &records_[found->second];
}

void ZipArchive::read_stored(const ZipRecord& record, std::uint64_t offset, ByteSpan to) const {
  OpenRecord open(*handle_, record, ZIP_FL_UNCHANGED | ZIP_FL_COMPRESSED);
  open.seek(offset);
  if (open.read(to) == to.size) return;
  handle_->fail("it ends before its " + std::to_string(record.bytes) + " bytes",
                in_quotes(record.name));
}

std::vector<std::byte> ZipArchive::read_start(const ZipRecord& record, std::uint64_t bytes) const {
  OpenRecord open(*handle_, record, ZIP_FL_UNCHANGED);
  std::vector<std::byte> start(std::min(record.bytes, bytes));
  start.resize(open.read(start));
  return start;
}

std::vector<std::byte> ZipArchive::read_all(const ZipRecord& record, std::uint64_t limit) const {
  if (record.bytes > limit)
    throw Error(ErrorKind::kCorrupt,
                "the entry " + in_quotes(record.name) + " is too large for what it is")
        .at(path())
        .expected(std::to_string(limit) + " bytes at most")
        .found(std::to_string(record.bytes));
  OpenRecord open(*handle_, record, ZIP_FL_UNCHANGED);
  std::vector<std::byte> bytes(record.bytes);
  std::byte beyond;
  const bool is_whole = open.read(bytes) == bytes.size() && open.read(ByteSpan(&beyond, 1)) == 0;
  if (is_whole) return bytes;
  handle_->fail(
      "it does not have the " + std::to_string(record.bytes) + " bytes that it should have",
      in_quotes(record.name));
}

void ZipArchive::read_parts(const ZipRecord& record,
                            const std::function<void(ByteView)>& use) const {
  OpenRecord open(*handle_, record, ZIP_FL_UNCHANGED);
  std::vector<std::byte> buffer(std::min(record.bytes + 1, kStepBytes));
  std::uint64_t total = 0;
  while (const std::size_t got = open.read(buffer)) {
    total += got;
    if (total > record.bytes) break;
    use(ByteView(buffer).slice(0, got));
  }
  if (total == record.bytes) return;
  handle_->fail(
      "it does not have the " + std::to_string(record.bytes) + " bytes that it should have",
      in_quotes(record.name));
}

}  // namespace holdfast::exchange
