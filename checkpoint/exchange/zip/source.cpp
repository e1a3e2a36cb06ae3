#include <utility>

#include <holdfast/checkpoint/base/once.h>
#include <holdfast/checkpoint/exchange/zip/archive.h>

namespace holdfast::exchange {
namespace {

class StoredRecord final : public Source {
 public:
  StoredRecord(std::shared_ptr<const ZipArchive> archive, ZipRecord record, std::uint64_t offset)
      : archive_(std::move(archive)), record_(std::move(record)), offset_(offset) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    verified_.run([this] { archive_->read_parts(record_, [](ByteView) {}); });
    archive_->read_stored(record_, offset_ + offset, to);
  }
  void release() noexcept override { archive_.reset(); }

 private:
  std::shared_ptr<const ZipArchive> archive_;
  ZipRecord record_;
  std::uint64_t offset_;
  mutable Once verified_;
};

class UnpackedRecord final : public Source {
 public:
  UnpackedRecord(std::shared_ptr<const ZipArchive> archive, ZipRecord record, std::uint64_t offset)
      : archive_(std::move(archive)), record_(std::move(record)), offset_(offset) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    unpacked_.run([this] { begin_ = unpack(); });
    archive_->spool().read_exactly(begin_ + offset_ + offset, to);
  }
  void release() noexcept override { archive_.reset(); }

 private:
  // Returns the entry's offset in the spool.
  std::uint64_t unpack() const {
    Spool& spool = archive_->spool();
    const std::uint64_t begin = spool.reserve(record_.bytes);
    archive_->read_parts(record_, [&, to = begin](ByteView part) mutable {
      spool.write_at(to, part);
      to += part.size;
    });
    return begin;
  }

  std::shared_ptr<const ZipArchive> archive_;
  ZipRecord record_;
  std::uint64_t offset_;
  mutable Once unpacked_;
  mutable std::uint64_t begin_ = 0;
};

}  // namespace

std::shared_ptr<Source> zip_source(std::shared_ptr<const ZipArchive> archive,
                                   const ZipRecord& record, std::uint64_t offset) {
  if (record.is_compressed)
    return std::make_shared<UnpackedRecord>(std::move(archive), record, offset);
  return std::make_shared<StoredRecord>(std::move(archive), record, offset);
}

}  // namespace holdfast::exchange
