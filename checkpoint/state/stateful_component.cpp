#include <map>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/component_kinds.h>
#include <holdfast/checkpoint/state/own_values.h>

namespace holdfast {
namespace {

// Passes the values of one group on to a capture.
class GroupWriter final : public StateWriter {
 public:
  GroupWriter(Capture& capture, std::string path) : capture_(capture), path_(std::move(path)) {}

  void tensor(std::string_view name, const at::Tensor& value) override {
    capture_.volatile_tensor(new_value(name), value);
  }
  void integer(std::string_view name, std::int64_t value) override {
    capture_.integer(new_value(name), value);
  }
  void real(std::string_view name, double value) override { capture_.real(new_value(name), value); }
  void boolean(std::string_view name, bool value) override {
    capture_.boolean(new_value(name), value);
  }
  void text(std::string_view name, std::string_view value) override {
    capture_.text(new_value(name), value);
  }
  void none(std::string_view name) override { capture_.none(new_value(name)); }

  StateWriter& group(std::string_view name) override {
    if (values_.count(name) != 0) refuse(name);
    std::unique_ptr<GroupWriter>& group = groups_[std::string(name)];
    if (group == nullptr) group = std::make_unique<GroupWriter>(capture_, path_of(name));
    return *group;
  }

  // Writes a "none" for each group without values, so that a load finds the group.
  void finish() {
    if (values_.empty() && groups_.empty()) capture_.none(path_);
    for (const auto& [name, group] : groups_) group->finish();
  }

 private:
  std::string new_value(std::string_view name) {
    if (groups_.count(name) != 0 || !values_.insert(std::string(name)).second) refuse(name);
    return path_of(name);
  }

  [[noreturn]] void refuse(std::string_view name) const {
    throw Error(ErrorKind::kInvalidArgument, "two values, or a value and a group, have this name")
        .at(path_of(name))
        .remedy("give each a name of its own in save()");
  }

  std::string path_of(std::string_view name) const { return path_ + "/" + format::escape(name); }

  Capture& capture_;
  std::string path_;
  std::set<std::string, std::less<>> values_;
  std::map<std::string, std::unique_ptr<GroupWriter>, std::less<>> groups_;
};

class StatefulComponent final : public Component {
 public:
  StatefulComponent(std::string prefix, Stateful& object)
      : prefix_(std::move(prefix)), object_(object) {}

  const std::string& prefix() const override { return prefix_; }

  void capture(Capture& capture) const override { save_values(object_, capture, prefix_); }

  void prepare(Restore& restore) override { stored_ = restore.fetch(prefix_); }

  void apply() override {
    if (const auto stored = std::exchange(stored_, nullptr)) object_.load(*stored);
  }

 private:
  std::string prefix_;
  Stateful& object_;
  std::shared_ptr<const StoredState> stored_;
};

}  // namespace

void save_values(const Stateful& object, Capture& capture, const std::string& path) {
  GroupWriter writer(capture, path);
  object.save(writer);
  writer.finish();
}

void load_own_values(Stateful& object, const StoredState& stored) {
  const StoredState nothing(stored.path() + "/" + kOwnValues);
  const StoredState* own = stored.find_group(kOwnValues);
  object.load(own == nullptr ? nothing : *own);
}

std::unique_ptr<Component> stateful_component(std::string prefix, Stateful& object) {
  return std::make_unique<StatefulComponent>(std::move(prefix), object);
}

}  // namespace holdfast
