// Files of torch.save (.pt, .pth): a zip archive of a pickle and the bytes of the tensors.
//
// The pickle is read by pickle/reader.h, which runs nothing. The formats of PyTorch before 1.6 and
// of TorchScript, big-endian files and compressed ones are refused. A storage is compared with its
// checksum before its first byte is given out.
//
// What is written torch.load() reads, also with weights_only=True and mmap=True: tensors are
// aligned to 64 bytes and on the CPU, without gradients; tied ones are in one storage.
#include <string_view>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/pickle/reader.h>
#include <holdfast/checkpoint/exchange/pickle/writer.h>
#include <holdfast/checkpoint/exchange/zip/archive.h>
#include <holdfast/checkpoint/exchange/zip/writer.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kSmallRecordBytes = 64;
constexpr const char* kFormatVersion = "3\n";  // of the archive; PyTorch 1.6 and later read it

// A pickle, or a tar archive of pickles.
bool is_before_1_6(const File& file) {
  const std::string start = bytes_at(file, 0, 512);
  const bool is_pickle = !start.empty() && start[0] == '\x80';
  const bool is_tar = start.size() == 512 && start.compare(257, 5, "ustar") == 0;
  return is_pickle || is_tar;
}

class Reader {
 public:
  explicit Reader(File file) : archive_(std::make_shared<ZipArchive>(std::move(file))) {
    if (archive_->records().empty()) throw refused("the archive is empty");
    const std::string& first = archive_->records().front().name;
    prefix_ = first.substr(0, first.find('/') + 1);  // the same for all entries
  }

  Value read() {
    if (archive_->find(prefix_ + "constants.pkl") != nullptr)
      throw refused("this is a TorchScript archive, whose pickle is a program")
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
      throw Error(ErrorKind::kCorrupt, "the entry " + in_quotes(prefix_ + name) +
                                           " is missing: torch.save did not write this file")
          .at(archive_->path());
    if (record->is_compressed)
      throw refused("the entry " + in_quotes(record->name) + " is compressed")
          .expected("entries stored as torch.save does it")
          .remedy("in Python, load it and torch.save it again");
    return *record;
  }

  void check_byte_order() const {
    if (archive_->find(prefix_ + "byteorder") == nullptr) return;
    const auto bytes = archive_->read_all(require("byteorder"), kSmallRecordBytes);
    const std::string_view order = ByteView(bytes).text();
    if (order == "little") return;
    throw refused("the tensors are not little-endian")
        .expected("little")
        .found(in_quotes(order))
        .remedy("load it and torch.save it again on a little-endian machine");
  }

  std::shared_ptr<Source> storage(const std::string& name, std::uint64_t bytes) const {
    const ZipRecord& record = require("data/" + name);
    if (record.bytes == bytes) return zip_source(archive_, record);
    throw Error(ErrorKind::kCorrupt,
                "the storage " + in_quotes(record.name) + " has the wrong size")
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

class TorchFile final : public FileFormat {
 public:
  TorchFile() : FileFormat(what_it_is()) {}

  bool carries(DType) const override { return true; }

  std::string_view needed_version(Kind kind, DType dtype) const override {
    // With weights_only=True, PyTorch reads a plain float from 2.1 on; without it, 1.13 does too.
    if (kind == Kind::kScalar && dtype == DType::kFloat64) return "PyTorch 2.1";
    switch (dtype) {
      case DType::kFloat8E4M3FN:
      case DType::kFloat8E5M2:
        return "PyTorch 2.1";
      case DType::kFloat8E4M3FNUZ:
      case DType::kFloat8E5M2FNUZ:
        return "PyTorch 2.2";
      case DType::kUInt16:
      case DType::kUInt32:
      case DType::kUInt64:
        return "PyTorch 2.3";
      case DType::kFloat8E8M0FNU:
        return "PyTorch 2.7";
      default:
        return {};
    }
  }

  bool recognizes(const File& file) const override {
    return is_zip(bytes_at(file, 0, 4)) || is_before_1_6(file);
  }

  FileContents read(File file) const override {
    if (is_before_1_6(file))
      throw Error(ErrorKind::kUnsupported, "the file has the format of PyTorch before 1.6")
          .at(file.path())
          .remedy("in Python, load it and torch.save it again");
    FileContents contents;
    contents.value = Reader(std::move(file)).read();
    return contents;
  }

  void write(PendingFile& file, const std::vector<Item>& items, const Metadata&) const override {
    write_value(file, value_of(items));
  }

  void write_value(PendingFile& file, const Value& value) const override {
    Pickle pickle = write_pickle(value);
    std::vector<ZipEntry> entries;
    entries.push_back(entry_of("data.pkl", std::move(pickle.bytes)));
    entries.push_back(entry_of("byteorder", "little"));
    for (std::size_t i = 0; i < pickle.storages.size(); ++i)
      entries.push_back(entry_of("data/" + std::to_string(i), pickle.storages[i]));
    entries.push_back(entry_of("version", kFormatVersion));
    write_zip(file, entries);
  }

 private:
  static Traits what_it_is() {
    Traits traits;
    traits.name = "PyTorch";
    traits.endings = {"pt", "pth"};
    traits.kinds = {Kind::kTensor, Kind::kScalar, Kind::kText, Kind::kNone};
    traits.ties = true;
    traits.nests = true;
    traits.keeps_order = true;
    return traits;
  }
};

}  // namespace

const FileFormat& torch_format() {
  static const TorchFile format;
  return format;
}

}  // namespace holdfast::exchange
