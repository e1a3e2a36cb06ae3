#include <holdfast/checkpoint/exchange/formats/torch_file.h>

#include <array>
#include <string_view>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/file_writer.h>
#include <holdfast/checkpoint/exchange/pickle/reader.h>
#include <holdfast/checkpoint/exchange/pickle/writer.h>
#include <holdfast/checkpoint/exchange/zip/archive.h>
#include <holdfast/checkpoint/exchange/zip/writer.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kSmallRecordBytes = 64;
constexpr const char* kFormatVersion = "3\n";  // of the archive; PyTorch 1.6 and later read it

// Says what a file is that is no zip archive.
void check_zip(const File& file) {
  const std::string start = bytes_at(file, 0, 512);
  if (is_zip(start)) return;
  const bool is_pickle = !start.empty() && start[0] == '\x80';
  const bool is_tar = start.size() == 512 && start.compare(257, 5, "ustar") == 0;
  if (is_pickle || is_tar)
    throw Error(ErrorKind::kUnsupported, "a file in the format that PyTorch had before 1.6")
        .at(file.path())
        .remedy("in Python, load it and torch.save it again");
  throw Error(ErrorKind::kCorrupt, "this is no file of torch.save")
      .at(file.path())
      .expected("a zip archive")
      .found(start.empty() ? "an empty file" : "something else");
}

class Reader {
 public:
  explicit Reader(File file) : archive_(std::make_shared<ZipArchive>(std::move(file))) {
    if (archive_->records().empty()) throw refused("an empty archive");
    const std::string& first = archive_->records().front().name;
    prefix_ = first.substr(0, first.find('/') + 1);  // all have the same
  }

  Value read() {
    if (archive_->find(prefix_ + "constants.pkl") != nullptr)
      throw refused("a TorchScript archive, whose pickle is a program")
          .remedy("in Python, torch.save(torch.jit.load(path).state_dict(), new_path)");
    check_byte_order();
    const ZipRecord& record = require("data.pkl");
    const std::vector<std::byte> pickle = archive_->read_all(record, kMaxPickleBytes);
    return read_pickle(
        pickle,
        [this](const std::string& name, std::uint64_t bytes) { return storage(name, bytes); },
        archive_->path());
  }

 private:
  Error refused(const std::string& problem) const {
    return Error(ErrorKind::kUnsupported, problem).at(archive_->path());
  }

  const ZipRecord& require(const std::string& name) const {
    const ZipRecord* record = archive_->find(prefix_ + name);
    if (record == nullptr)
      throw Error(ErrorKind::kCorrupt, "the entry " + format::in_quotes(prefix_ + name) +
                                           " is missing: this is no file of torch.save")
          .at(archive_->path());
    if (record->is_compressed)
      throw refused("the entry " + format::in_quotes(record->name) + " is compressed")
          .expected("entries stored as torch.save does it")
          .remedy("in Python, load it and torch.save it again");
    return *record;
  }

  void check_byte_order() const {
    if (archive_->find(prefix_ + "byteorder") == nullptr) return;
    const auto bytes = archive_->read_all(require("byteorder"), kSmallRecordBytes);
    const std::string_view order = ByteView(bytes).text();
    if (order == "little") return;
    throw refused("the tensors are in another byte order")
        .expected("little")
        .found(format::in_quotes(order))
        .remedy("load it and torch.save it again on a little-endian machine");
  }

  std::shared_ptr<Source> storage(const std::string& name, std::uint64_t bytes) const {
    const ZipRecord& record = require("data/" + name);
    if (record.bytes == bytes) return zip_source(archive_, record);
    throw Error(ErrorKind::kCorrupt,
                "the storage " + format::in_quotes(record.name) + " is not of its size")
        .at(archive_->path())
        .expected(std::to_string(bytes) + " bytes")
        .found(std::to_string(record.bytes));
  }

  std::shared_ptr<const ZipArchive> archive_;
  std::string prefix_;
};

ZipEntry entry_of(const std::string& name, std::string content) {
  return {"archive/" + name, std::move(content), {}};
}

ZipEntry entry_of(const std::string& name, const Pickle::Storage& storage) {
  ZipEntry entry = entry_of(name, "");
  entry.body.name = storage.name;
  entry.body.dtype = storage.tensor->dtype;
  entry.body.shape = storage.tensor->shape;
  entry.body.source = storage.tensor->source;
  return entry;
}

}  // namespace

Value read_torch_file(File file) {
  check_zip(file);
  return Reader(std::move(file)).read();
}

void write_torch_file(std::shared_ptr<FileSystem> fs, const std::string& path, const Value& value) {
  PendingFile file(std::move(fs), path);
  Pickle pickle = write_pickle(value);
  std::vector<ZipEntry> entries;
  entries.push_back(entry_of("data.pkl", std::move(pickle.bytes)));
  entries.push_back(entry_of("byteorder", "little"));
  for (std::size_t i = 0; i < pickle.storages.size(); ++i)
    entries.push_back(entry_of("data/" + std::to_string(i), pickle.storages[i]));
  entries.push_back(entry_of("version", kFormatVersion));
  write_zip(file, entries);
  file.commit();
}

}  // namespace holdfast::exchange
