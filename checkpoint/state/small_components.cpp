// The components of generators, LibTorch's schedulers and scalars.
#include <limits>
#include <mutex>
#include <typeinfo>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/util/Type.h>
#include <torch/optim/schedulers/step_lr.h>
#include <torch/types.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/component_kinds.h>
#include <holdfast/checkpoint/state/own_values.h>

namespace holdfast {
namespace {

// Saves the whole state of a generator as bytes. That includes the normal number which a CPU
// generator has drawn ahead.
class GeneratorComponent final : public Component {
 public:
  GeneratorComponent(std::string prefix, at::Generator generator)
      : prefix_(std::move(prefix)), generator_(std::move(generator)) {
    if (!generator_.defined())
      throw Error(ErrorKind::kInvalidArgument, "this generator is undefined").at(prefix_);
    // Only a class derived from CPUGeneratorImpl can lose members: it inherits a get_state() that
    // does not know them. A generator of another device must implement get_state() itself.
    const c10::GeneratorImpl& implementation = *generator_.unsafeGetGeneratorImpl();
    if (dynamic_cast<const at::CPUGeneratorImpl*>(&implementation) == nullptr ||
        typeid(implementation) == typeid(at::CPUGeneratorImpl))
      return;
    throw Error(ErrorKind::kUnsupported,
                "a generator of a class derived from LibTorch's, whose own members would be lost")
        .at(prefix_)
        .expected("LibTorch's own, or one that implements c10::GeneratorImpl itself")
        .found(c10::demangle(typeid(implementation).name()))
        .remedy("keep its state in a holdfast::Stateful, and register that with State::add");
  }

  const std::string& prefix() const override { return prefix_; }
  void capture(Capture& capture) const override { capture.tensor(prefix_, state()); }

  void prepare(Restore& restore) override {
    pending_ = state();  // if nothing is read into it, apply() sets the state that is there
    restore.into(prefix_, pending_);
  }

  void apply() override {
    const std::lock_guard<std::mutex> lock(generator_.mutex());
    generator_.set_state(std::exchange(pending_, at::Tensor()));
  }

  bool applies_last() const override { return true; }

 private:
  at::Tensor state() const {
    at::Generator generator = generator_;
    const std::lock_guard<std::mutex> lock(generator.mutex());
    return generator.get_state();
  }

  std::string prefix_;
  at::Generator generator_;
  at::Tensor pending_;
};

// Gives access to the protected step count of LibTorch's schedulers. Never instantiated.
class StepCount final : public torch::optim::LRScheduler {
 public:
  static unsigned& of(torch::optim::LRScheduler& scheduler) {
    return scheduler.*(&StepCount::step_count_);
  }
};

// Entries: schedulers/<name>/type, schedulers/<name>/step_count, and own/… (own_values.h) for a
// class of the program's own. The learning rates themselves are saved as options of the optimizer.
class SchedulerComponent final : public Component {
 public:
  SchedulerComponent(const std::string& name, torch::optim::LRScheduler& scheduler)
      : prefix_(format::join({"schedulers", name})),
        scheduler_(scheduler),
        own_(dynamic_cast<Stateful*>(&scheduler)) {
    // A class other than StepLR may keep more than the count, and LibTorch's schedulers have no
    // save() in which it could write that.
    if (own_ != nullptr || typeid(scheduler_) == typeid(torch::optim::StepLR)) return;
    throw Error(ErrorKind::kUnsupported,
                "a scheduler of a class of the program's own, whose members would be lost")
        .at(prefix_)
        .expected("torch::optim::StepLR, or a class that is a holdfast::Stateful too")
        .found(type())
        .remedy(
            "derive it from holdfast::Stateful as well, with a save() and a load() for its own "
            "members (empty ones if nothing in it changes); the step count is kept for it");
  }

  const std::string& prefix() const override { return prefix_; }

  void capture(Capture& capture) const override {
    capture.text(prefix_ + "/type", type());
    capture.integer(prefix_ + "/step_count", StepCount::of(scheduler_));
    if (own_ != nullptr) save_values(*own_, capture, prefix_ + "/" + kOwnValues);
  }

  void prepare(Restore& restore) override {
    stored_ = restore.fetch(prefix_);
    if (stored_ == nullptr) return;
    step_count_ = stored_->integer("step_count");
    if (stored_->text("type") != type()) {
      restore.problem(prefix_ + ": " + stored_->text("type") + " in the checkpoint, " + type() +
                      " here");
    }
    if (step_count_ < 0 || step_count_ > std::numeric_limits<unsigned>::max()) {
      restore.problem(prefix_ + "/step_count: " + std::to_string(step_count_) +
                      " is not a step count");
    }
  }

  void apply() override {
    const auto stored = std::exchange(stored_, nullptr);
    if (stored == nullptr) return;
    StepCount::of(scheduler_) = static_cast<unsigned>(step_count_);
    if (own_ != nullptr) load_own_values(*own_, *stored);
  }

 private:
  std::string type() const { return c10::demangle(typeid(scheduler_).name()); }

  std::string prefix_;
  torch::optim::LRScheduler& scheduler_;
  Stateful* own_;  // the scheduler as a Stateful; null if it is none
  std::shared_ptr<const StoredState> stored_;
  std::int64_t step_count_ = 0;
};

void add_scalar(Capture& capture, const std::string& name, std::int64_t value) {
  capture.integer(name, value);
}
void add_scalar(Capture& capture, const std::string& name, double value) {
  capture.real(name, value);
}
void add_scalar(Capture& capture, const std::string& name, bool value) {
  capture.boolean(name, value);
}

// Entry: progress/<name>.
template <typename T>
class ScalarComponent final : public Component {
 public:
  ScalarComponent(const std::string& name, T& value)
      : prefix_(format::join({"progress", name})), value_(value) {}

  const std::string& prefix() const override { return prefix_; }
  void capture(Capture& capture) const override { add_scalar(capture, prefix_, value_); }

  void prepare(Restore& restore) override {
    const auto live = at::from_blob(&value_, {}, c10::CppTypeToScalarType<T>::value);
    restore.into(prefix_, live, Kind::kScalar);
  }

 private:
  std::string prefix_;
  T& value_;
};

}  // namespace

std::unique_ptr<Component> generator_component(std::string prefix, at::Generator generator) {
  return std::make_unique<GeneratorComponent>(std::move(prefix), std::move(generator));
}

std::unique_ptr<Component> scheduler_component(const std::string& name,
                                               torch::optim::LRScheduler& scheduler) {
  return std::make_unique<SchedulerComponent>(name, scheduler);
}

std::unique_ptr<Component> scalar_component(const std::string& name, std::int64_t& value) {
  return std::make_unique<ScalarComponent<std::int64_t>>(name, value);
}

std::unique_ptr<Component> scalar_component(const std::string& name, double& value) {
  return std::make_unique<ScalarComponent<double>>(name, value);
}

std::unique_ptr<Component> scalar_component(const std::string& name, bool& value) {
  return std::make_unique<ScalarComponent<bool>>(name, value);
}

}  // namespace holdfast
