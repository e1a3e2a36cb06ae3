// The values that a checkpoint has below one prefix, as a tree.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

class StoredState final : public StateReader {
 public:
  // Scalars and texts are kept as tensors, too, of the entry's dtype and shape. The tensor is
  // undefined for kinds that have no bytes.
  struct Value {
    Kind kind = Kind::kNone;
    at::Tensor tensor;
  };

  explicit StoredState(std::string path) : path_(std::move(path)) {}

  // Adds a value. `path` has the components of its name below this state; groups on the way are
  // made. An empty path adds nothing: it comes from the "none" entry of a state without values. A
  // value "none" is added as a value and as an empty group, since its entry may mean either.
  void insert(const std::vector<std::string>& path, Value value);

  const std::string& path() const { return path_; }  // the prefix, for messages
  const Value* find(std::string_view name) const;    // nullptr if there is no such value
  const StoredState* find_group(std::string_view name) const;

  bool contains(std::string_view name) const override;
  bool is_none(std::string_view name) const override;
  at::Tensor tensor(std::string_view name) const override;
  std::int64_t integer(std::string_view name) const override;
  double real(std::string_view name) const override;
  bool boolean(std::string_view name) const override;
  std::string text(std::string_view name) const override;
  const StoredState& group(std::string_view name) const override;
  std::vector<std::string> names() const override { return names_; }

 private:
  StoredState& make_group(const std::string& name);
  const Value& require(std::string_view name, std::string_view wanted) const;
  const at::Tensor& scalar(std::string_view name, std::string_view wanted,
                           at::ScalarType type) const;
  std::string path_of(std::string_view name) const;

  std::string path_;
  std::vector<std::string> names_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, std::unique_ptr<StoredState>, std::less<>> groups_;
};

}  // namespace holdfast
