#include <holdfast/checkpoint/state/module_modes.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <c10/util/flat_hash_map.h>

#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/gradient.h>
#include <holdfast/checkpoint/state/restore.h>
#include <holdfast/checkpoint/state/visit_module.h>

namespace holdfast {
namespace {

using Mode = ModeChange::Mode;
using Lines = std::unordered_map<std::string, std::size_t>;

// Only whether a gradient is defined is saved, not its values. Sparse gradients count as undefined.
// A restore puts dense zeros in place of a defined gradient,
// and an optimizer treats dense gradients differently from sparse ones. If the gradient is left
// undefined instead, the next backward pass makes a sparse one.
bool has_dense_gradient(const at::Tensor& parameter) {
  const at::Tensor& gradient = gradient_of(parameter);
  return gradient.defined() && gradient.layout() == at::kStrided;
}

std::byte flag(bool value) {
  return static_cast<std::byte>(value ? 1 : 0);
}

Lines lines_of(const std::string& text) {
  Lines lines;
  for (std::size_t start = 0, line = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace(text.substr(start, end - start), line);
    start = end + 1;
  }
  return lines;
}

// The flag of the member of that name; empty if the checkpoint has none.
std::optional<bool> find(const at::Tensor& flags, const Lines& lines, const std::string& dotted) {
  if (!flags.defined()) return std::nullopt;
  const auto line = lines.find(format::escape(dotted));
  if (line == lines.end()) return std::nullopt;
  return static_cast<const std::byte*>(flags.data_ptr())[line->second] != std::byte{0};
}

// Says why requires_grad of the parameter cannot be set to this value; null if it can.
const char* why_fixed(const at::Tensor& parameter, bool requires_grad) {
  if (parameter.requires_grad() == requires_grad) return nullptr;
  if (!parameter.is_leaf())
    return "it is the result of a computation, which decides whether it requires a gradient";
  if (!requires_grad) return nullptr;
  if (parameter.is_inference()) return "an inference tensor has no gradient";
  const bool has_derivative =
      at::isFloatingType(parameter.scalar_type()) || at::isComplexType(parameter.scalar_type());
  return has_derivative ? nullptr : "an integer has no gradient";
}

}  // namespace

void NameLines::add(std::string_view name) {
  if (end_ > 0) append("\n");
  append(name);
}

void NameLines::append(std::string_view part) {
  if (text_.compare(end_, part.size(), part) != 0) {
    text_.resize(end_);
    text_ += part;
  }
  end_ += part.size();
}

ModuleModes::ModuleModes(const std::string& model, torch::nn::Module& module)
    : model_(*format::unescape(model)),
      prefix_("modes/" + model),
      parameters_path_(prefix_ + "/parameters"),
      requires_grad_path_(prefix_ + "/requires_grad"),
      has_gradient_path_(prefix_ + "/has_gradient"),
      modules_path_(prefix_ + "/modules"),
      training_path_(prefix_ + "/training"),
      module_(module),
      module_names_(model, modules_path_) {}

void ModuleModes::begin() {
  parameter_lines_.clear();
  requires_grad_.clear();
  has_gradient_.clear();
}

void ModuleModes::add(const std::string& escaped, const at::Tensor& parameter) {
  parameter_lines_.add(escaped);
  requires_grad_.push_back(flag(parameter.requires_grad()));
  has_gradient_.push_back(flag(has_dense_gradient(parameter)));
}

void ModuleModes::capture(Capture& capture) {
  module_lines_.clear();
  training_.clear();
  for_each_module(module_, [&](const std::string& dotted, torch::nn::Module& module) {
    module_lines_.add(module_names_.of(training_.size(), dotted).escaped);
    training_.push_back(flag(training_flag(module)));
  });
  capture.text(parameters_path_, parameter_lines_.text());
  capture.flags(requires_grad_path_, requires_grad_);
  capture.flags(has_gradient_path_, has_gradient_);
  capture.text(modules_path_, module_lines_.text());
  capture.flags(training_path_, training_);
}

void ModuleModes::prepare(Restore& restore, bool with_gradients) {
  stored_.reset();
  const auto found = restore.fetch_if_there(prefix_);
  if (found == nullptr || !restore.options().modes) return;
  auto stored = std::make_unique<Stored>();
  if (found->contains("parameters")) {
    stored->parameters = lines_of(found->text("parameters"));
    const std::size_t count = stored->parameters.size();
    stored->requires_grad = flags(restore, *found, "requires_grad", count);
    if (with_gradients) stored->has_gradient = flags(restore, *found, "has_gradient", count);
  }
  if (found->contains("modules")) {
    stored->modules = lines_of(found->text("modules"));
    stored->training = flags(restore, *found, "training", stored->modules.size());
  }
  stored_ = std::move(stored);
  check_flags(restore);
}

// The flags of that name, one for each of `count` listed names. Undefined if the checkpoint has no
// such entry, or if the entry has another form, which is reported as a problem.
at::Tensor ModuleModes::flags(Restore& restore, const StoredState& stored, const std::string& name,
                              std::size_t count) const {
  const StoredState::Value* const value = stored.find(name);
  if (value == nullptr) return {};
  if (value->kind == Kind::kTensor && value->tensor.scalar_type() == at::kBool &&
      value->tensor.dim() == 1 && value->tensor.size(0) == static_cast<std::int64_t>(count)) {
    return value->tensor;
  }
  restore.problem(prefix_ + "/" + name + ": should be one flag for each of the " +
                  std::to_string(count) + " names that are listed beside it, and is not");
  return {};
}

void ModuleModes::check_flags(Restore& restore) const {
  for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& parameter) {
    const auto refuse_if = [&](const char* reason, const std::string& path, bool value) {
      if (reason == nullptr) return;
      restore.problem(path + ": " + (value ? "true" : "false") + " for " + format::escape(dotted) +
                      " in the checkpoint, but it cannot be set here: " + reason);
    };
    const auto trains = find(stored_->requires_grad, stored_->parameters, dotted);
    if (trains) refuse_if(why_fixed(parameter, *trains), requires_grad_path_, *trains);
    const auto has_gradient = find(stored_->has_gradient, stored_->parameters, dotted);
    if (has_gradient.value_or(false))
      refuse_if(why_no_gradient(parameter), has_gradient_path_, true);
  });
}

// Each change is noted as soon as it is made, so that changes() is true if a later one throws.
void ModuleModes::apply() {
  const auto stored = std::exchange(stored_, nullptr);
  if (stored == nullptr) return;
  // A member with several names gets the flag of its first name that has one.
  ska::flat_hash_set<const void*> seen;
  for_each_module(module_, [&](const std::string& dotted, torch::nn::Module& module) {
    const auto trains = find(stored->training, stored->modules, dotted);
    if (!trains || !seen.insert(&module).second) return;
    if (std::exchange(training_flag(module), *trains) != *trains)
      note_change(Mode::kTraining, *trains, dotted);
  });
  for_each_parameter(module_, [&](const std::string& dotted, const at::Tensor& parameter) {
    const auto trains = find(stored->requires_grad, stored->parameters, dotted);
    const auto has_gradient = find(stored->has_gradient, stored->parameters, dotted);
    if (!trains && !has_gradient) return;
    if (!seen.insert(parameter.unsafeGetTensorImpl()).second) return;
    if (trains && parameter.requires_grad() != *trains) {
      parameter.set_requires_grad(*trains);
      note_change(Mode::kRequiresGrad, *trains, dotted);
    }
    if (!has_gradient) return;
    const bool has_none = !gradient_of(parameter).defined();
    const bool is_sparse = !has_none && !has_dense_gradient(parameter);
    if (is_sparse || (!*has_gradient && has_none)) return;
    *has_gradient ? zero_gradient(parameter) : clear_gradient(parameter);
    note_change(Mode::kGradient, *has_gradient, dotted);
  });
}

void ModuleModes::note_change(Mode mode, bool now, const std::string& dotted) {
  const auto is_before = [](const ModeChange& change, const std::pair<Mode, bool>& wanted) {
    return std::tie(change.mode, change.now) < std::tie(wanted.first, wanted.second);
  };
  auto change = std::lower_bound(changes_.begin(), changes_.end(), std::pair(mode, now), is_before);
  if (change == changes_.end() || change->mode != mode || change->now != now)
    change = changes_.insert(change, ModeChange{model_, mode, now, 0, {}});
  ++change->count;
  if (change->names.size() < ModeChange::kMostNames) change->names.push_back(dotted);
}

}  // namespace holdfast
