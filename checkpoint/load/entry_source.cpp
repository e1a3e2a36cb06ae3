#include <holdfast/checkpoint/load/entry_source.h>

#include <unordered_map>
#include <utility>

namespace holdfast {
namespace {

class EntrySource final : public Source {
 public:
  EntrySource(std::shared_ptr<const CheckpointFiles> files, const format::Entry& entry,
              Progress progress)
      : files_(std::move(files)), entry_(entry), progress_(std::move(progress)) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    SpanSink sink(to);
    files_->read_bytes({{&entry_, &sink, offset, to.size}}, 1);
    if (progress_) progress_(to.size);
  }
  void release() noexcept override { files_.reset(); }

 private:
  std::shared_ptr<const CheckpointFiles> files_;
  const format::Entry& entry_;  // of files_
  Progress progress_;
};

Item item_of(const format::Entry& entry) {
  Item item;
  item.name = entry.name;
  item.kind = entry.kind;
  item.dtype = entry.dtype;
  item.shape = entry.shape;
  return item;
}

bool has_bytes(const format::Entry& entry) {
  return entry.kind != format::Kind::kNone && entry.kind != format::Kind::kUndefined &&
         format::bytes_of(entry) > 0;
}

}  // namespace

std::vector<Item> items_of(std::shared_ptr<const CheckpointFiles> files,
                           const std::function<bool(const format::Entry&)>& selects,
                           const Progress& progress) {
  std::vector<Item> items;
  std::unordered_map<const format::Entry*, std::string> first;  // by original, who has its bytes
  for (const format::Entry& entry : files->catalog().entries) {
    if (!selects(entry)) continue;
    const format::Entry& original = files->original(entry);
    Item& item = items.emplace_back(item_of(entry));
    const auto [owner, is_first] = first.emplace(&original, entry.name);
    if (!is_first) {
      item.alias_of = owner->second;
    } else if (has_bytes(original)) {
      item.source = std::make_shared<EntrySource>(files, original, progress);
    }
  }
  return items;
}

}  // namespace holdfast
