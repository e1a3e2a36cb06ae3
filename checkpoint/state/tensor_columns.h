// Tensors within values of the program's own: fields of a struct, elements of a container.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/columns/columns.h>

namespace holdfast::columns {

// The root is the entry <name>. Of others, <name>/defined says which are defined, and <name>/0,
// <name>/1 … are these, one after another. Any dtype of docs/format.md, any device, shape and
// strides.
class TensorColumns : public AnyColumns {
 public:
  static constexpr bool kIsFlat = false;

  void sample(const at::Tensor*) {}
  void put(const at::Tensor& value) { tensors_.push_back(value); }
  // Copies into the tensor if it has the shape and dtype of the stored one. Else puts a new tensor
  // in its place, on the device of the old one; on the CPU if that is undefined.
  void get(at::Tensor& value);
  void clear() override;
  void write(ColumnWriter& to, const std::string& name, const Shape& leading) override;
  void open(const ColumnReader& from, const std::string& name, std::size_t leading) override;
  std::optional<Shape> leading() const override { return leading_; }
  void begin() override;

 private:
  struct Stored {
    std::string name;
    const StoredColumn* column;
  };

  std::vector<at::Tensor> tensors_;    // that were put in
  std::vector<std::uint8_t> defined_;  // of each of them
  std::string name_;
  const StoredColumn* marks_ = nullptr;  // <name>/defined; null for the root
  std::vector<Stored> stored_;           // in order
  std::size_t next_ = 0, next_stored_ = 0;
  Shape leading_;
};

template <typename Outer>
class Columns<at::Tensor, Outer> final : public TensorColumns {};

}  // namespace holdfast::columns
