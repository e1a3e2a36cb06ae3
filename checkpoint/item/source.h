// What a save takes: named things that can copy their bytes. The seam towards LibTorch and user
// code.
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

  // Copies bytes [offset, offset + to.size) of the value. Called by several threads at once, until
  // Saver::save or, with overlap and for what is not restless, Saver::finish_staging returns. What
  // it throws fails the save; an Error about nothing in particular gets the name of the item.
  virtual void copy(std::uint64_t offset, ByteSpan to) const = 0;

  // Lets go of what is somebody else's; it is not copied any more.
  virtual void release() noexcept {}
};

// One entry of a state to be saved.
struct Item {
  std::string name;  // format::join
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string alias_of;            // not empty: tied to that earlier item, and source is null
  bool restless = false;           // it may change once Saver::save has returned, with overlap too
  std::shared_ptr<Source> source;  // null where there are no bytes
};

// The item's bytes from `offset` on, of which it has so many. An Error of its source about nothing
// in particular gets the name of the item.
void copy_bytes(const Item& item, std::uint64_t offset, ByteSpan to);

// Of all items that have bytes: what is tied counts once.
std::uint64_t bytes_of(const std::vector<Item>& items);

// The source, if it is of exactly this kind and nobody else has it; else null.
template <typename Kind>
Kind* reusable(const std::shared_ptr<Source>& source) {
  if (source.use_count() != 1) return nullptr;
  const Source& found = *source;
  return typeid(found) == typeid(Kind) ? static_cast<Kind*>(source.get()) : nullptr;
}

// A source of bytes of its own: for scalars, text, and whatever was copied at capture.
class OwnedBytes final : public Source {
 public:
  explicit OwnedBytes(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  void assign(ByteView bytes) { bytes_.assign(bytes.data, bytes.data + bytes.size); }
  void release() noexcept override;  // a large one lets its memory go
  void copy(std::uint64_t offset, ByteSpan to) const override;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace holdfast
