// What a save takes: named things that can copy their bytes. LibTorch's tensors and a user's
// objects stand behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/kind.h>
#include <holdfast/checkpoint/item/shape.h>

namespace holdfast {

// Somebody's bytes, row-major and little-endian.
class Source {
 public:
  virtual ~Source() = default;

  // Copies bytes [offset, offset + to.size) of the value. Several threads may call it at once,
  // until Saver::save() returns or, with overlap, for an item that is not volatile, until
  // Saver::finish_staging() does. What it throws fails the save; an Error without a path gets the
  // item's name as its path.
  virtual void copy(std::uint64_t offset, ByteSpan to) const = 0;

  // Lets go of what it refers to. Called when it will not be copied any more.
  virtual void release() noexcept {}
};

// One entry of a state to be saved.
struct Item {
  std::string name;  // format::join
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string alias_of;            // not empty: tied to that earlier item, and source is null
  bool is_volatile = false;        // may change when Saver::save() returns: copied before that
  std::shared_ptr<Source> source;  // null where there are no bytes
};

// Copies bytes [offset, offset + to.size) of the item, which has them. An Error of its source
// without a path gets the item's name as its path.
void copy_bytes(const Item& item, std::uint64_t offset, ByteSpan to);

// The bytes of all items. Tied tensors count once.
std::uint64_t bytes_of(const std::vector<Item>& items);

// The source of an item of the save before, to be filled anew. Null if it is not exactly a
// SourceType, or somebody else holds it too.
template <typename SourceType>
SourceType* reusable(const std::shared_ptr<Source>& source) {
  if (source.use_count() != 1) return nullptr;
  const Source& found = *source;
  return typeid(found) == typeid(SourceType) ? static_cast<SourceType*>(source.get()) : nullptr;
}

// A source with bytes of its own: scalars, texts, and what is copied when a state is captured.
class OwnedBytes final : public Source {
 public:
  explicit OwnedBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  void assign(ByteView bytes) { bytes_.assign(bytes.data, bytes.data + bytes.size); }
  void release() noexcept override;  // frees its memory if it is large
  void copy(std::uint64_t offset, ByteSpan to) const override;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace holdfast
