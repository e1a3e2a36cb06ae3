#include <memory>
#include <string>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component_kinds.h>
#include <holdfast/checkpoint/state/restore.h>

namespace holdfast {
namespace {

class ValueComponent final : public Component {
 public:
  ValueComponent(std::string prefix, std::unique_ptr<StoredValue> value)
      : prefix_(std::move(prefix)), value_(std::move(value)) {}

  const std::string& prefix() const override { return prefix_; }

  void capture(Capture& capture) const override { value_->save(capture, prefix_); }

  void prepare(Restore& restore) override {
    stored_ = restore.fetch_columns(prefix_);
    if (stored_ == nullptr) return;
    try {
      value_->check(*stored_, prefix_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kMismatch) throw;
      return restore.problem(error.what());
    }
    for (const std::string& name : stored_->left())
      if (!restore.options().allow_unexpected)
        restore.problem(name + ": the type here has no such part");
  }

  void apply() override {
    // Held while the value reads from it.
    if (const auto stored = std::exchange(stored_, nullptr)) value_->load();
  }

 private:
  std::string prefix_;
  std::unique_ptr<StoredValue> value_;
  std::shared_ptr<const StoredColumns> stored_;
};

}  // namespace

std::unique_ptr<Component> value_component(std::string prefix, std::unique_ptr<StoredValue> value) {
  return std::make_unique<ValueComponent>(std::move(prefix), std::move(value));
}

}  // namespace holdfast
