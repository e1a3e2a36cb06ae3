#include <holdfast/checkpoint/state/restore_plan.h>

#include <algorithm>
#include <numeric>

#include <torch/types.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/library_mode.h>

namespace holdfast {
namespace {

std::string describe(const format::Entry& entry) {
  const std::string kind(to_string(entry.kind));
  if (entry.kind == Kind::kTensor) return describe(entry.dtype, entry.shape);
  return entry.kind == Kind::kScalar ? kind + " " + std::string(name_of(entry.dtype)) : kind;
}

// The entry that a save of `to` would make now.
format::Entry wanted_entry(const std::string& name, const at::Tensor& to, Kind kind) {
  format::Entry entry;
  entry.name = name;
  entry.kind = to.defined() ? kind : Kind::kUndefined;
  if (!to.defined()) return entry;
  require_storable(name, to);
  entry.dtype = dtype_of(to.scalar_type(), name);
  entry.shape = to.sizes().vec();
  return entry;
}

constexpr const char* kRemedy =
    "register the objects it was saved from, or restore a part of it (RestoreOptions: include, "
    "allow_missing, allow_unexpected)";

bool is_value_kind(Kind kind) {
  return kind == Kind::kScalar || kind == Kind::kText;
}

// Splits a name, and leaves out the first `skip` components.
std::vector<std::string> components_from(std::size_t skip, const std::string& name) {
  const auto all = format::split(name).value_or(std::vector<std::string>());
  return {all.begin() + static_cast<std::ptrdiff_t>(std::min(skip, all.size())), all.end()};
}

}  // namespace

RestorePlan::RestorePlan(const format::Catalog& catalog, const ReadEntries& read,
                         const ParameterNames& parameters, const RestoreOptions& options)
    : catalog_(catalog),
      read_(read),
      parameters_(parameters),
      options_(options),
      sorted_(catalog.entries.size()),
      claimed_(catalog.entries.size()) {
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) index_[catalog.entries[i].name] = i;
  std::iota(sorted_.begin(), sorted_.end(), std::size_t{0});
  std::sort(sorted_.begin(), sorted_.end(), [&](std::size_t a, std::size_t b) {
    return catalog.entries[a].name < catalog.entries[b].name;
  });
}

void RestorePlan::into(const std::string& name, const at::Tensor& to, Kind kind) {
  if (!includes(name)) return report_.left.push_back(name);
  const auto found = index_.find(name);
  if (found == index_.end()) {
    report_.missing.push_back(name);
    missing_.push_back(options_.allow_missing
                           ? name  // wanted_entry() might throw: a tensor no checkpoint can hold
                           : name + "  " + describe(wanted_entry(name, to, kind)));
    return;
  }
  report_.loaded.push_back(name);
  claimed_[found->second] = true;
  const Entry& entry = catalog_.entries[found->second];
  if (fits(entry, to, kind) && to.defined() && is_first_of_tie(entry, to)) {
    request(entry, to, later_);
  }
}

bool RestorePlan::fits(const Entry& entry, const at::Tensor& to, Kind kind) {
  const Entry wanted = wanted_entry(entry.name, to, kind);
  const bool same =
      wanted.kind == entry.kind && wanted.dtype == entry.dtype && wanted.shape == entry.shape;
  if (!same) {
    problem(entry.name + ": " + describe(entry) + " in the checkpoint, " + describe(wanted) +
            " here");
  }
  return same;
}

// Returns true if the bytes of `entry` are to be read into `to`, false if an earlier tie partner
// gets them. Two tensors that are tied here must be tied in the checkpoint as well, and the other
// way round. Otherwise two stored values would go into one tensor, and one of them would be lost
// without a word; or two tensors that were one would train on apart.
bool RestorePlan::is_first_of_tie(const Entry& entry, const at::Tensor& to) {
  if (to.numel() == 0) return true;
  const std::string live = live_.emplace(to, entry.name).first->second;
  const std::string stored = stored_.try_emplace(original(entry).name, entry.name).first->second;
  if (live == stored) return live == entry.name;
  if (live != entry.name) {
    problem(entry.name + ": the same tensor as " + live + " here, another in the checkpoint");
  }
  if (stored != entry.name) {
    problem(entry.name + ": the same tensor as " + stored + " in the checkpoint, another here");
  }
  return false;
}

std::vector<std::size_t> RestorePlan::claim_group(const std::string& prefix) {
  const std::vector<std::size_t> entries = below(prefix);
  if (entries.empty()) {
    // There is no entry that the patterns could be matched against: the prefix itself is.
    const bool is_wanted = includes(prefix) || includes(prefix + "/");
    (is_wanted ? report_.missing : report_.left).push_back(prefix);
    if (is_wanted) missing_.push_back(prefix + "  with all its values");
    return {};
  }
  if (count_included(entries) == 0) {
    report_.left.push_back(prefix);
    return {};
  }
  report_.loaded.push_back(prefix);
  return claim(prefix, entries) ? entries : std::vector<std::size_t>();
}

std::shared_ptr<const StoredState> RestorePlan::fetch(const std::string& prefix) {
  const std::vector<std::size_t> entries = claim_group(prefix);
  return entries.empty() ? nullptr : fetch(prefix, entries, /*all_now=*/false);
}

std::shared_ptr<const StoredColumns> RestorePlan::fetch_columns(const std::string& prefix) {
  const std::vector<std::size_t> entries = claim_group(prefix);
  if (entries.empty()) return nullptr;
  auto columns = std::make_shared<StoredColumns>();
  for (const std::size_t i : entries) {
    const Entry& entry = catalog_.entries[i];
    const ByteSpan to = columns->add(entry.name, entry.kind, entry.dtype, entry.shape);
    if (has_bytes(entry.kind)) later_.push_back({&entry, &column_sinks_.emplace_back(to)});
  }
  return columns;
}

std::shared_ptr<const StoredState> RestorePlan::fetch_if_there(const std::string& prefix) {
  const std::vector<std::size_t> entries = below(prefix);
  if (count_included(entries) == 0 || !claim(prefix, entries)) return nullptr;
  return fetch(prefix, entries, /*all_now=*/true);
}

std::shared_ptr<const StoredState> RestorePlan::fetch(const std::string& prefix,
                                                      const std::vector<std::size_t>& entries,
                                                      bool all_now) {
  auto state = std::make_shared<StoredState>(prefix);
  const std::size_t depth = components_from(0, prefix).size();
  std::unordered_map<std::string, at::Tensor> shared;
  std::vector<ReadRequest> now;
  for (const std::size_t i : entries) {
    const Entry& entry = catalog_.entries[i];
    const std::vector<std::string> path = components_from(depth, entry.name);
    const bool is_new = shared.count(original(entry).name) == 0;
    const at::Tensor value = allocate(entry, shared);
    if (value.defined() && is_new)
      request(entry, value, all_now || is_value_kind(entry.kind) ? now : later_);
    if (path.empty() && entry.kind != Kind::kNone) {
      problem(prefix + ": " + describe(entry) + " in the checkpoint, a group of values here");
    }
    state->insert(path, {entry.kind, value});
  }
  if (!now.empty()) read_(now);
  return state;
}

// Makes the memory for an entry. Entries of one fetch that are tied get the same tensor (`shared`,
// by the name of the original).
at::Tensor RestorePlan::allocate(const Entry& entry,
                                 std::unordered_map<std::string, at::Tensor>& shared) {
  if (!has_bytes(entry.kind)) return {};
  at::Tensor& tensor = shared[original(entry).name];
  if (!tensor.defined()) {
    const LibraryMode mode;  // no inference tensor: this may become the state of an optimizer
    tensor = at::empty(entry.shape, at::TensorOptions(scalar_type_of(entry.dtype, entry.name)));
  }
  return tensor;
}

std::size_t RestorePlan::count_included(const std::vector<std::size_t>& entries) const {
  const auto count = std::count_if(entries.begin(), entries.end(), [&](std::size_t i) {
    return includes(catalog_.entries[i].name);
  });
  return static_cast<std::size_t>(count);
}

// Marks the entries as asked for. If the patterns include only some of them, reports a problem and
// returns false: a group is restored as a whole or not at all.
bool RestorePlan::claim(const std::string& prefix, const std::vector<std::size_t>& entries) {
  for (const std::size_t i : entries) claimed_[i] = true;
  if (count_included(entries) == entries.size()) return true;
  problem(prefix + ": the patterns include a part of it; include all of it (" +
          format::literal(prefix) + "/*) or nothing");
  return false;
}

void RestorePlan::request(const Entry& entry, const at::Tensor& to,
                          std::vector<ReadRequest>& requests) {
  requests.push_back({&entry, &sinks_.emplace_back(entry.name, to)});
}

bool RestorePlan::includes(const std::string& name) const {
  const auto matches_name = [&](const std::string& pattern) {
    return format::matches(pattern, name);
  };
  return options_.include.empty() ||
         std::any_of(options_.include.begin(), options_.include.end(), matches_name);
}

const format::Entry& RestorePlan::original(const Entry& entry) const {
  return entry.alias_of.empty() ? entry : catalog_.entries[index_.at(entry.alias_of)];
}

std::vector<std::size_t> RestorePlan::below(const std::string& prefix) const {
  std::vector<std::size_t> entries;
  if (const auto exact = index_.find(prefix); exact != index_.end())
    entries.push_back(exact->second);
  const std::string start = prefix + "/";
  auto next = std::lower_bound(
      sorted_.begin(), sorted_.end(), start,
      [&](std::size_t i, const std::string& name) { return catalog_.entries[i].name < name; });
  for (; next != sorted_.end() && catalog_.entries[*next].name.compare(0, start.size(), start) == 0;
       ++next) {
    entries.push_back(*next);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// A pattern by which nothing is loaded is a problem: whoever wrote it expects it to load something.
void RestorePlan::list_idle_patterns() {
  for (const std::string& pattern : options_.include) {
    bool matches_some = false, loads_some = false;
    for (std::size_t i = 0; i < claimed_.size() && !loads_some; ++i) {
      if (!format::matches(pattern, catalog_.entries[i].name)) continue;
      matches_some = true;
      loads_some = claimed_[i];
    }
    if (loads_some) continue;
    problem("the pattern " + in_quotes(pattern) +
            (matches_some ? " matches no entry that a registered object asks for"
                          : " matches no entry of the checkpoint"));
  }
}

LoadReport RestorePlan::require_match(const std::string& path) {
  for (std::size_t i = 0; i < claimed_.size(); ++i) {
    const Entry& entry = catalog_.entries[i];
    if (claimed_[i] || !includes(entry.name)) continue;
    report_.unexpected.push_back(entry.name);
    if (!options_.allow_unexpected) unexpected_.push_back(entry.name + "  " + describe(entry));
  }
  list_idle_patterns();
  // If nothing at all would be loaded, the names are wrong, and going on is not what the user
  // wants: then allow_missing does not help.
  if (options_.allow_missing && !report_.loaded.empty()) missing_.clear();
  if (missing_.empty() && unexpected_.empty() && different_.empty()) return std::move(report_);
  throw Error(ErrorKind::kMismatch, "the checkpoint does not fit the registered state")
      .at(path)
      .list("missing from the checkpoint", missing_)
      .list("unexpected in the checkpoint", unexpected_)
      .list("different", different_)
      .remedy(kRemedy);
}

void RestorePlan::read() {
  read_(later_);
  for (TensorSink& sink : sinks_) sink.finish();
}

}  // namespace holdfast
