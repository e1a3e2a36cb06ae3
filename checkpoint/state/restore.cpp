#include <holdfast/checkpoint/state/restore.h>

#include <holdfast/checkpoint/base/cores.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/object_failure.h>
#include <holdfast/checkpoint/state/restore_plan.h>

namespace holdfast {
namespace {

void apply(Component& component) {
  try {
    component.apply();
  } catch (...) {
    rethrow_for(component.prefix(), "the object does not take what the checkpoint has for it",
                "the state is unspecified now: restore all of it, or make its objects anew",
                ErrorKind::kMismatch);
  }
}

ParameterNames parameters_of(const State& state) {
  ParameterNames parameters;
  for (const auto& component : state.components()) component->name_parameters(parameters);
  return parameters;
}

// Throws one Error(kMismatch) with the problems of all components. So a mismatch that one component
// throws is noted like the others, and the next component is asked.
LoadReport prepare_all(State& state, RestorePlan& restore, const std::string& path) {
  for (const auto& component : state.components()) {
    try {
      component->prepare(restore);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kMismatch) throw;
      restore.problem(error.what());
    }
  }
  return restore.require_match(path);
}

}  // namespace

LoadReport require_match(const format::Catalog& catalog, State& state,
                         const RestoreOptions& options, const std::string& path) {
  const ParameterNames parameters = parameters_of(state);
  const ReadEntries nothing = [](const std::vector<ReadRequest>&) {};
  RestorePlan restore(catalog, nothing, parameters, options);
  return prepare_all(state, restore, path);
}

LoadReport restore(const format::Catalog& catalog, const ReadEntries& read, State& state,
                   const RestoreOptions& options, const std::string& path) {
  for (const auto& component : state.components()) component->forget_mode_changes();
  const ParameterNames parameters = parameters_of(state);
  RestorePlan restore(catalog, read, parameters, options);
  LoadReport report = prepare_all(state, restore, path);
  restore.read();
  for (const bool last : {false, true}) {
    for (const auto& component : state.components()) {
      if (component->applies_last() == last) apply(*component);
    }
  }
  return report;
}

LoadReport restore(const CheckpointFiles& checkpoint, State& state, const RestoreOptions& options) {
  if (options.threads < 0)
    throw Error(ErrorKind::kInvalidArgument, "RestoreOptions::threads is out of range")
        .expected("0 threads (one a core) or more")
        .found(std::to_string(options.threads));
  const int threads = options.threads > 0 ? options.threads : core_count();
  const auto read = [&](const std::vector<ReadRequest>& requests) {
    checkpoint.read(requests, threads);
  };
  return restore(checkpoint.catalog(), read, state, options, checkpoint.path());
}

std::vector<ModeChange> mode_changes(const State& state) {
  std::vector<ModeChange> all;
  for (const auto& component : state.components()) {
    const std::vector<ModeChange> changes = component->mode_changes();
    all.insert(all.end(), changes.begin(), changes.end());
  }
  return all;
}

}  // namespace holdfast
