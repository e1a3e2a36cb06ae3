#include <holdfast/checkpoint/state/stored_state.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast {
namespace {

std::string describe(const StoredState::Value& value) {
  if (value.kind != Kind::kScalar) return std::string(to_string(value.kind));
  return std::string(to_string(value.kind)) + " of " + c10::toString(value.tensor.scalar_type());
}

}  // namespace

void StoredState::insert(const std::vector<std::string>& path, Value value) {
  if (path.empty()) return;
  StoredState* parent = this;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) parent = &parent->make_group(path[i]);
  // An empty group is stored as "none" under its name. So a "none" may be a value or a group.
  if (value.kind == Kind::kNone) parent->make_group(path.back());
  if (!parent->contains(path.back())) parent->names_.push_back(path.back());
  parent->values_[path.back()] = std::move(value);
}

StoredState& StoredState::make_group(const std::string& name) {
  std::unique_ptr<StoredState>& group = groups_[name];
  if (group == nullptr) {
    names_.push_back(name);
    group = std::make_unique<StoredState>(path_of(name));
  }
  return *group;
}

const StoredState::Value* StoredState::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

const StoredState* StoredState::find_group(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second.get();
}

bool StoredState::contains(std::string_view name) const {
  return find(name) != nullptr || find_group(name) != nullptr;
}

bool StoredState::is_none(std::string_view name) const {
  const Value* value = find(name);
  return value != nullptr && value->kind == Kind::kNone;
}

at::Tensor StoredState::tensor(std::string_view name) const {
  const Value& value = require(name, "a tensor");
  if (value.kind == Kind::kTensor || value.kind == Kind::kUndefined) return value.tensor;
  throw Error(ErrorKind::kMismatch, "the value is of another kind")
      .at(path_of(name))
      .expected("a tensor")
      .found(describe(value));
}

std::int64_t StoredState::integer(std::string_view name) const {
  return *scalar(name, "an integer", at::kLong).data_ptr<std::int64_t>();
}

double StoredState::real(std::string_view name) const {
  return *scalar(name, "a real number", at::kDouble).data_ptr<double>();
}

bool StoredState::boolean(std::string_view name) const {
  return *scalar(name, "true or false", at::kBool).data_ptr<bool>();
}

std::string StoredState::text(std::string_view name) const {
  const Value& value = require(name, "a text");
  if (value.kind != Kind::kText) {
    throw Error(ErrorKind::kMismatch, "the value is of another kind")
        .at(path_of(name))
        .expected("a text")
        .found(describe(value));
  }
  return {static_cast<const char*>(value.tensor.data_ptr()), value.tensor.nbytes()};
}

const StoredState& StoredState::group(std::string_view name) const {
  if (const StoredState* found = find_group(name)) return *found;
  throw Error(ErrorKind::kMismatch, "the checkpoint has no such group").at(path_of(name));
}

const StoredState::Value& StoredState::require(std::string_view name,
                                               std::string_view wanted) const {
  if (const Value* value = find(name)) return *value;
  throw Error(ErrorKind::kMismatch, "the checkpoint has no such value")
      .at(path_of(name))
      .expected(std::string(wanted));
}

const at::Tensor& StoredState::scalar(std::string_view name, std::string_view wanted,
                                      at::ScalarType type) const {
  const Value& value = require(name, wanted);
  if (value.kind == Kind::kScalar && value.tensor.scalar_type() == type) return value.tensor;
  throw Error(ErrorKind::kMismatch, "the value is of another kind")
      .at(path_of(name))
      .expected(std::string(wanted))
      .found(describe(value));
}

std::string StoredState::path_of(std::string_view name) const {
  return path_ + "/" + format::escape(name);
}

}  // namespace holdfast
