// Compares what a state wants with what a checkpoint has, and reads it. Internal to restore().
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/restore.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <holdfast/checkpoint/state/tied_tensors.h>

namespace holdfast {

class StateRestore final : public Restore {
 public:
  // Keeps references to all of them.
  StateRestore(const format::Catalog& catalog, const ReadEntries& read,
               const ParameterNames& parameters, const RestoreOptions& options);

  void into(const std::string& name, const at::Tensor& to, Kind kind) override;
  std::shared_ptr<const StoredState> fetch(const std::string& prefix) override;
  std::shared_ptr<const StoredState> fetch_if_there(const std::string& prefix) override;
  void problem(std::string text) override { different_.push_back(std::move(text)); }
  const ParameterNames& parameters() const override { return parameters_; }
  const RestoreOptions& options() const override { return options_; }

  // After every component has been asked: throws Error(kMismatch) with all that does not fit, or
  // returns what is to be loaded. Once.
  LoadReport require_match(const std::string& path);
  // Then: reads everything into place.
  void read();

 private:
  using Entry = format::Entry;

  bool includes(const std::string& name) const;
  const Entry& original(const Entry& entry) const;  // the entry that an alias stands for
  std::vector<std::size_t> below(const std::string& prefix) const;  // indices, in catalog order
  bool is_asked_for(const std::string& prefix, const std::vector<std::size_t>& entries);
  bool claim(const std::string& prefix, const std::vector<std::size_t>& entries);
  std::size_t count_included(const std::vector<std::size_t>& entries) const;
  std::shared_ptr<const StoredState> fetch(const std::string& prefix,
                                           const std::vector<std::size_t>& entries, bool all_now);
  bool fits(const Entry& entry, const at::Tensor& to, Kind kind);
  bool is_first_of_tie(const Entry& entry, const at::Tensor& to);
  at::Tensor allocate(const Entry& entry, std::unordered_map<std::string, at::Tensor>& shared);
  void request(const Entry& entry, const at::Tensor& to, std::vector<ReadRequest>& requests);
  void list_unexpected();
  void list_idle_patterns();

  const format::Catalog& catalog_;
  const ReadEntries& read_;
  const ParameterNames& parameters_;
  const RestoreOptions& options_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<std::size_t> sorted_;  // indices of the catalog, by name
  std::vector<bool> claimed_;        // by index
  TiedTensors<std::string> live_;    // by the entry that it is restored from first
  std::unordered_map<std::string, std::string>
      stored_;  // original entry -> the name it went to first
  std::deque<TensorSink> sinks_;
  std::vector<ReadRequest> later_;
  LoadReport report_;
  std::vector<std::string> missing_, unexpected_, different_;  // lines for the message
};

}  // namespace holdfast
