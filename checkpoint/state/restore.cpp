#include <holdfast/checkpoint/state/restore.h>

#include <algorithm>
#include <thread>

#include <c10/util/Exception.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/state_restore.h>

namespace holdfast {
namespace {

// What one component finds wrong is listed with what the others do.
void prepare(Component& component, StateRestore& restore) {
  try {
    component.prepare(restore);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kMismatch) throw;
    restore.problem(error.what());
  }
}

void apply(Component& component) {
  try {
    component.apply();
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::kMismatch, "the object does not take what the checkpoint has for it")
        .at(component.prefix())
        .found(error.what_without_backtrace())
        .remedy("the state is unspecified now: restore it as a whole, or make it anew");
  }
}

ParameterNames parameters_of(const State& state) {
  ParameterNames parameters;
  for (const auto& component : state.components()) component->name_parameters(parameters);
  return parameters;
}

// Throws what is wrong with any of them.
void prepare_all(State& state, StateRestore& restore, const std::string& path) {
  for (const auto& component : state.components()) prepare(*component, restore);
  restore.require_match(path);
}

}  // namespace

void require_match(const format::Catalog& catalog, State& state, const RestoreOptions& options,
                   const std::string& path) {
  const ParameterNames parameters = parameters_of(state);
  const ReadEntries nothing = [](const std::vector<ReadRequest>&) {};
  StateRestore restore(catalog, nothing, parameters, options);
  prepare_all(state, restore, path);
}

void restore(const format::Catalog& catalog, const ReadEntries& read, State& state,
             const RestoreOptions& options, const std::string& path) {
  const ParameterNames parameters = parameters_of(state);
  StateRestore restore(catalog, read, parameters, options);
  prepare_all(state, restore, path);
  restore.read();
  for (const bool last : {false, true}) {
    for (const auto& component : state.components()) {
      if (component->applies_last() == last) apply(*component);
    }
  }
}

void restore(const CheckpointFiles& checkpoint, State& state, const RestoreOptions& options) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int threads = options.threads > 0 ? options.threads : cores;
  const auto read = [&](const std::vector<ReadRequest>& requests) {
    checkpoint.read(requests, threads);
  };
  restore(checkpoint.catalog(), read, state, options, checkpoint.path());
}

}  // namespace holdfast
