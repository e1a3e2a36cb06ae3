#include <holdfast/checkpoint/inspect/parts.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::uint64_t kLongestOption = 1000;  // longer texts are cut to this many bytes

std::string joined(Words::const_iterator from, Words::const_iterator to) {
  std::string text;
  for (; from != to; ++from) text += (text.empty() ? "" : "/") + std::string(*from);
  return text;
}

// True if the second component of a name in this group is the name of an object.
bool holds_objects(std::string_view group) {
  for (const char* known :
       {"models", "modes", "gradients", "optimizers", "schedulers", "data", "user"})
    if (group == known) return true;
  return false;
}

std::uint64_t elements_of(const format::Entry& entry) {
  return format::bytes_of(entry) / size_of(entry.dtype);
}

void count(const format::Entry& entry, Part& part) {
  ++part.entries;
  if (!entry.alias_of.empty()) return;
  part.bytes += format::bytes_of(entry);
  const Words components = format::components_of(entry.name);
  if (components.size() < 4 || components[0] != "models") return;
  if (components[2] == "parameters") part.parameters += elements_of(entry);
  if (components[2] == "buffers") part.buffers += elements_of(entry);
}

bool is_index(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Counts the lines of a text. The bytes may be written in any order.
class LineCounter final : public Sink {
 public:
  void write(std::uint64_t, ByteView bytes) override {
    const std::string_view text = bytes.text();
    feeds_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    is_empty_ = false;
  }
  std::uint64_t lines() const { return is_empty_ ? 0 : feeds_ + 1; }

 private:
  std::atomic<std::uint64_t> feeds_{0};
  std::atomic<bool> is_empty_{true};
};

// Orders texts of digits without leading zeros by their numbers.
struct ByNumber {
  bool operator()(std::string_view a, std::string_view b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

// Builds the description of an optimizer from its entries, which may come in any order:
// optimizers/<name>/type, optimizers/<name>/groups/<i>/<option>. The names must outlive this
// object.
class OptimizerParts {
 public:
  // Marks an option as a list; `name` is the one of the option's entry "type". Call before
  // add_option() for any element of the list.
  void set_list(const Words& name) { lists_.insert(parent_of(name)); }

  void set_type(const SmallValue& type) { type_ = to_string(type); }

  void add_option(const Words& name, SmallValue value) {
    const std::string parent = parent_of(name);
    const bool is_in_list = lists_.count(parent) != 0;
    if (is_in_list && is_type_of_option(name)) {
      option(name, parent).is_list = true;
    } else if (is_in_list && is_index(name.back())) {
      option(name, parent).values.emplace(name.back(), std::move(value));
    } else if (!is_type_of_option(name)) {
      option(name, joined(name.begin(), name.end())).values.emplace("", std::move(value));
    }
  }

  void set_parameters(const Words& name, std::uint64_t count) {
    groups_[name[3]].parameters = count;
  }

  void move_to(OptimizerInfo& optimizer) {
    optimizer.type = std::move(type_);
    for (auto& [number, group] : groups_) optimizer.groups.push_back(taken(group));
  }

  static bool is_type_of_option(const Words& name) {
    return name.size() > 5 && name.back() == "type";
  }

 private:
  struct OptionParts {
    std::string name;
    bool is_list = false;
    std::map<std::string_view, SmallValue, ByNumber> values;
  };
  struct GroupParts {
    std::uint64_t parameters = 0;
    std::vector<OptionParts> options;
  };

  static std::string parent_of(const Words& name) { return joined(name.begin(), name.end() - 1); }

  static OptimizerGroup taken(GroupParts& parts) {
    OptimizerGroup group{parts.parameters, {}};
    for (OptionParts& option : parts.options) {
      group.options.push_back({std::move(option.name), option.is_list, {}});
      for (auto& [number, value] : option.values)
        group.options.back().values.push_back(std::move(value));
    }
    return group;
  }

  // The option with the full name `whole`, in the group that `name` belongs to; made if it is new.
  OptionParts& option(const Words& name, const std::string& whole) {
    std::vector<OptionParts>& options = groups_[name[3]].options;
    const auto [place, is_new] = places_.emplace(whole, options.size());
    if (is_new) {
      const std::size_t prefix = joined(name.begin(), name.begin() + 4).size() + 1;
      options.push_back({whole.substr(prefix), false, {}});
    }
    return options[place->second];
  }

  std::string type_;
  std::map<std::string_view, GroupParts, ByNumber> groups_;
  std::unordered_map<std::string, std::size_t> places_;  // index in its group, by full name
  std::set<std::string> lists_;                          // full names of the options that are lists
};

bool is_type(const Words& name) {
  return name.size() == 3 && name[2] == "type";
}

bool is_params(const Words& name) {
  return name.size() == 5 && name[4] == "params";
}

using Entries = std::vector<const format::Entry*>;

// For each optimizer, the entries that tell its type and its options, without its state.
std::vector<Entries> entries_of_optimizers(const format::Catalog& catalog) {
  std::vector<Entries> all;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const format::Entry& entry : catalog.entries) {
    const Words name = format::components_of(entry.name);
    if (name[0] != "optimizers") continue;
    if (!is_type(name) && (name.size() < 5 || name[2] != "groups")) continue;
    const auto [place, is_new] = places.emplace(name[1], all.size());
    if (is_new) all.emplace_back();
    all[place->second].push_back(&entry);
  }
  return all;
}

SmallValue described(const format::Entry& entry, SmallValue value) {
  if (entry.kind != Kind::kTensor) return value;
  return "tensor " + std::string(name_of(entry.dtype)) + " " + to_string(entry.shape);
}

void read_into(OptimizerInfo& optimizer, const CheckpointFiles& files, const Entries& entries,
               int threads) {
  std::deque<LineCounter> counters(entries.size());
  std::vector<ReadRequest> params;
  std::vector<SmallValueRequest> others;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    others.push_back({entries[i]});
    if (is_params(format::components_of(entries[i]->name)))
      params.push_back({entries[i], &counters[i]});
  }
  files.read(params, threads);
  const std::vector<SmallValue> values = read_small_values(files, others, threads, kLongestOption);

  OptimizerParts parts;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Words name = format::components_of(entries[i]->name);
    if (OptimizerParts::is_type_of_option(name) && to_string(values[i]) != "archive")
      parts.set_list(name);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Words name = format::components_of(entries[i]->name);
    if (is_type(name)) {
      parts.set_type(values[i]);
    } else if (is_params(name)) {
      parts.set_parameters(name, counters[i].lines());
    } else {
      parts.add_option(name, described(*entries[i], values[i]));
    }
  }
  parts.move_to(optimizer);
}

}  // namespace

std::string part_of(const std::string& entry) {
  const std::size_t first = entry.find('/');
  if (first == std::string::npos || !holds_objects(entry.substr(0, first)))
    return entry.substr(0, first);
  return entry.substr(0, entry.find('/', first + 1));
}

std::vector<std::string> names_in(const format::Catalog& catalog, std::string_view group) {
  std::vector<std::string> names;
  for (const Part& part : parts_of(catalog)) {
    const auto components = format::split(part.name);
    if (components && components->size() == 2 && components->front() == group)
      names.push_back(components->back());
  }
  return names;
}

std::vector<std::string> choose_models(const format::Catalog& catalog, const std::string& path,
                                       const std::vector<std::string>& wanted) {
  std::vector<std::string> models = names_in(catalog, "models");
  if (wanted.empty() && models.empty())
    throw Error(ErrorKind::kMismatch, "there is no model in the checkpoint").at(path);
  if (wanted.empty()) return models;
  const std::set<std::string> there(models.begin(), models.end());
  for (const std::string& name : wanted)
    if (there.count(name) == 0)
      throw Error(ErrorKind::kNotFound, "there is no model of that name in the checkpoint")
          .at(path)
          .expected(models.empty() ? "a checkpoint with models" : list_in_quotes(models))
          .found(in_quotes(name));
  return wanted;
}

std::vector<Part> parts_of(const format::Catalog& catalog) {
  std::vector<Part> parts;
  std::unordered_map<std::string, std::size_t> places;
  for (const format::Entry& entry : catalog.entries) {
    const std::string name = part_of(entry.name);
    const auto [place, is_new] = places.emplace(name, parts.size());
    if (is_new) parts.push_back({name});
    count(entry, parts[place->second]);
  }
  return parts;
}

std::vector<OptimizerInfo> read_optimizers(const CheckpointFiles& files, int threads) {
  std::vector<OptimizerInfo> optimizers;
  for (const Entries& entries : entries_of_optimizers(files.catalog())) {
    OptimizerInfo& optimizer = optimizers.emplace_back();
    optimizer.name = format::components_of(entries.front()->name)[1];
    try {
      read_into(optimizer, files, entries, threads);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      optimizer.damage = error.what();
    }
  }
  return optimizers;
}

}  // namespace holdfast
