#include <cstring>
#include <mutex>
#include <utility>

#include <holdfast/checkpoint/exchange/zip_archive.h>

namespace holdfast::exchange {
namespace {

class StoredRecord final : public Source {
 public:
  StoredRecord(std::shared_ptr<const ZipArchive> archive, ZipRecord record, std::uint64_t offset)
      : archive_(std::move(archive)), record_(std::move(record)), offset_(offset) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    std::call_once(verified_, [this] { archive_->verify(record_); });
    archive_->read_stored(record_, offset_ + offset, to);
  }
  void release() noexcept override { archive_.reset(); }

 private:
  std::shared_ptr<const ZipArchive> archive_;
  ZipRecord record_;
  std::uint64_t offset_;
  mutable std::once_flag verified_;
};

class InflatedRecord final : public Source {
 public:
  InflatedRecord(std::shared_ptr<const ZipArchive> archive, ZipRecord record, std::uint64_t offset)
      : archive_(std::move(archive)), record_(std::move(record)), offset_(offset) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    std::call_once(inflated_, [this] { bytes_ = archive_->read_all(record_, record_.bytes); });
    std::memcpy(to.data, bytes_.data() + offset_ + offset, to.size);
  }
  void release() noexcept override {
    archive_.reset();
    std::vector<std::byte>().swap(bytes_);
  }

 private:
  std::shared_ptr<const ZipArchive> archive_;
  ZipRecord record_;
  std::uint64_t offset_;
  mutable std::once_flag inflated_;
  mutable std::vector<std::byte> bytes_;
};

}  // namespace

std::shared_ptr<Source> zip_source(std::shared_ptr<const ZipArchive> archive,
                                   const ZipRecord& record, std::uint64_t offset) {
  if (record.is_compressed)
    return std::make_shared<InflatedRecord>(std::move(archive), record, offset);
  return std::make_shared<StoredRecord>(std::move(archive), record, offset);
}

}  // namespace holdfast::exchange
