// What a checkpoint holds below one prefix, as a tree of values.
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
  // One value: scalars and texts are held as tensors of their dtype and shape; undefined for the
  // kinds without bytes.
  struct Value {
    Kind kind = Kind::kNone;
    at::Tensor tensor;
  };

  explicit StoredState(std::string path) : path_(std::move(path)) {}

  // Adds a value at `path`, components below this state; groups are made on the way. An empty path
  // and a value "none" add nothing: that is how a state of no values is stored.
  void insert(const std::vector<std::string>& path, Value value);

  const std::string& path() const { return path_; }  // of the entry, for messages
  const Value* find(std::string_view name) const;    // nullptr: no value of that name
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
