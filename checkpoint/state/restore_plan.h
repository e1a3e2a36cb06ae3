// Compares what a state asks for with what a checkpoint has, and reads it. Internal to restore().
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

class RestorePlan final : public Restore {
 public:
  // Keeps references to all of them.
  RestorePlan(const format::Catalog& catalog, const ReadEntries& read,
              const ParameterNames& parameters, const RestoreOptions& options);

  void into(const std::string& name, const at::Tensor& to, Kind kind) override;
  std::shared_ptr<const StoredState> fetch(const std::string& prefix) override;
  std::shared_ptr<const StoredState> fetch_if_there(const std::string& prefix) override;
  std::shared_ptr<const StoredColumns> fetch_columns(const std::string& prefix) override;
  void problem(std::string text) override { different_.push_back(std::move(text)); }
  const ParameterNames& parameters() const override { return parameters_; }
  const RestoreOptions& options() const override { return options_; }

  // Call it once, after every component has been prepared. Throws an Error(kMismatch) that lists
  // all that does not fit, or returns what will be loaded. `path` names the checkpoint in the
  // message.
  LoadReport require_match(const std::string& path);
  // Call it after that: reads everything that was asked for to its place.
  void read();

 private:
  using Entry = format::Entry;

  bool includes(const std::string& name) const;
  const Entry& original(const Entry& entry) const;  // resolves an alias; else the entry itself
  // Indices of the entry `prefix` and of all below it, in catalog order.
  std::vector<std::size_t> below(const std::string& prefix) const;
  // The entries at and below `prefix`, claimed. Empty if they are missing or left out; this has
  // been reported then.
  std::vector<std::size_t> claim_group(const std::string& prefix);
  bool claim(const std::string& prefix, const std::vector<std::size_t>& entries);
  std::size_t count_included(const std::vector<std::size_t>& entries) const;
  std::shared_ptr<const StoredState> fetch(const std::string& prefix,
                                           const std::vector<std::size_t>& entries, bool all_now);
  bool fits(const Entry& entry, const at::Tensor& to, Kind kind);
  bool is_first_of_tie(const Entry& entry, const at::Tensor& to);
  at::Tensor allocate(const Entry& entry, std::unordered_map<std::string, at::Tensor>& shared);
  void request(const Entry& entry, const at::Tensor& to, std::vector<ReadRequest>& requests);
  void list_idle_patterns();

  const format::Catalog& catalog_;
  const ReadEntries& read_;
  const ParameterNames& parameters_;
  const RestoreOptions& options_;
  std::unordered_map<std::string, std::size_t> index_;  // entry's name -> index in the catalog
  std::vector<std::size_t> sorted_;                     // indices in the order of the names
  std::vector<bool> claimed_;                           // by index: some component asked for it
  // These two find ties: the name of the first entry that went into a live tensor, and the name of
  // the first entry that took the bytes of a stored original.
  TiedTensors<std::string> live_;
  std::unordered_map<std::string, std::string> stored_;
  std::deque<TensorSink> sinks_;  // a deque: the requests point to them
  std::deque<SpanSink> column_sinks_;
  std::vector<ReadRequest> later_;  // for read()
  LoadReport report_;
  std::vector<std::string> missing_, unexpected_, different_;  // lines for the message
};

}  // namespace holdfast
