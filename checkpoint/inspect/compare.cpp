#include <holdfast/checkpoint/inspect/compare.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/compare_bytes.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>

namespace holdfast {
namespace {

using format::Entry;

constexpr std::uint64_t kExcerptBytes = 100;  // how much of a text is shown
constexpr std::uint64_t kBytesBefore = 30;    // how much of that lies before the first difference
constexpr int kDigits = 3;

using MaybeDifference = std::optional<Difference>;

Difference structural(DifferenceKind kind, const std::string& name, std::string problem) {
  return {name, kind, std::move(problem), {}, {}, {}};
}

Difference in_one_only(DifferenceKind kind, const std::string& name) {
  return structural(kind, name, std::string(to_string(kind)));
}

Difference differ_in(DifferenceKind kind, const std::string& name, std::string_view a,
                     std::string_view b) {
  const std::string what = kind == DifferenceKind::kTie ? "tied to" : std::string(to_string(kind));
  return structural(kind, name, what + " " + std::string(a) + " and " + std::string(b));
}

std::string_view tie_of(const Entry& entry) {
  return entry.alias_of.empty() ? "nothing" : std::string_view(entry.alias_of);
}

// The difference in anything but values. `b` is null if the second checkpoint has no such entry.
MaybeDifference structural_difference(const Entry& a, const Entry* b) {
  using Is = DifferenceKind;
  if (b == nullptr) return in_one_only(Is::kOnlyInFirst, a.name);
  if (a.kind != b->kind) return differ_in(Is::kKind, a.name, to_string(a.kind), to_string(b->kind));
  if (a.dtype != b->dtype)
    return differ_in(Is::kDType, a.name, name_of(a.dtype), name_of(b->dtype));
  if (a.shape != b->shape && a.kind != Kind::kText)
    return differ_in(Is::kShape, a.name, to_string(a.shape), to_string(b->shape));
  if (a.alias_of != b->alias_of) return differ_in(Is::kTie, a.name, tie_of(a), tie_of(*b));
  return std::nullopt;
}

bool is_included(const std::string& name, const std::vector<std::string>& patterns) {
  const auto matches = [&](const std::string& pattern) { return format::matches(pattern, name); };
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), matches);
}

void require_matches(const CheckpointFiles& a, const CheckpointFiles& b,
                     const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    const auto has_match = [&](const CheckpointFiles& files) {
      const auto& entries = files.catalog().entries;
      return std::any_of(entries.begin(), entries.end(),
                         [&](const Entry& entry) { return format::matches(pattern, entry.name); });
    };
    if (has_match(a) || has_match(b)) continue;
    throw Error(ErrorKind::kNotFound, "the pattern matches no entry of either checkpoint")
        .at(a.path() + " and " + b.path())
        .found(in_quotes(pattern));
  }
}

bool differs(const EntryPair& pair) {
  return pair.change.differing > 0 || pair.a->shape != pair.b->shape;  // texts may differ in length
}

// Where an excerpt must begin to show the first difference.
std::uint64_t excerpt_begin(const EntryPair& pair) {
  const std::uint64_t common = std::min(format::bytes_of(*pair.a), format::bytes_of(*pair.b));
  const std::uint64_t first = pair.change.differing > 0 ? pair.change.first_differing : common;
  return first - std::min(first, kBytesBefore);
}

// The values of one side (&EntryPair::a or &EntryPair::b) of all pairs that differ and are not
// tensors, in the order of the pairs.
std::vector<SmallValue> excerpts(const CheckpointFiles& files, const std::vector<EntryPair>& pairs,
                                 const Entry* EntryPair::*side, int threads) {
  std::vector<SmallValueRequest> requests;
  for (const EntryPair& pair : pairs)
    if (differs(pair) && pair.a->kind != Kind::kTensor)
      requests.push_back({pair.*side, excerpt_begin(pair)});
  return read_small_values(files, requests, threads, kExcerptBytes);
}

std::string in_words(const Change& change, const Entry& entry) {
  const std::uint64_t elements = format::bytes_of(entry) / size_of(entry.dtype);
  std::string text =
      std::to_string(change.differing) + " of " + std::to_string(elements) + " elements differ";
  if (change.largest_absolute > 0)
    text += ", by " + number_text(change.largest_absolute, kDigits) + " at most";
  if (change.new_nans > 0) text += ", NaN in the second: " + std::to_string(change.new_nans);
  if (change.gone_nans > 0) text += ", NaN in the first: " + std::to_string(change.gone_nans);
  if (change.bits_only > 0)
    text += ", 0 and -0 or NaN in both: " + std::to_string(change.bits_only);
  return text;
}

std::string in_words(const SmallValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? to_string(value) : in_quotes(*text);
}

// Makes the Differences of the pairs, one after the other.
class Findings {
 public:
  Findings(const CheckpointFiles& a, const CheckpointFiles& b, const std::vector<EntryPair>& pairs,
           int threads)
      : pairs_(pairs),
        first_(excerpts(a, pairs, &EntryPair::a, threads)),
        second_(excerpts(b, pairs, &EntryPair::b, threads)) {}

  // The difference of the next pair; empty if it has none.
  MaybeDifference next() {
    const EntryPair& pair = pairs_[pair_++];
    if (!differs(pair)) return std::nullopt;
    Difference found{pair.a->name, DifferenceKind::kValues, "", pair.change, {}, {}};
    if (pair.a->kind == Kind::kTensor) {
      found.problem = in_words(pair.change, *pair.a);
    } else {
      found.first = first_[value_];
      found.second = second_[value_++];
      found.problem = in_words(found.first) + " and " + in_words(found.second);
    }
    return found;
  }

 private:
  const std::vector<EntryPair>& pairs_;
  const std::vector<SmallValue> first_, second_;
  std::size_t pair_ = 0, value_ = 0;
};

}  // namespace

std::string_view to_string(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kOnlyInFirst:
      return "only in the first";
    case DifferenceKind::kOnlyInSecond:
      return "only in the second";
    case DifferenceKind::kKind:
      return "kind";
    case DifferenceKind::kDType:
      return "dtype";
    case DifferenceKind::kShape:
      return "shape";
    case DifferenceKind::kTie:
      return "tie";
    case DifferenceKind::kValues:
      return "values";
  }
  return "unknown";
}

Comparison compare(const CheckpointFiles& a, const CheckpointFiles& b, int threads,
                   const CompareOptions& options) {
  for (const CheckpointFiles* files : {&a, &b})
    require_complete(files->directory(), files->manifest());
  require_matches(a, b, options.include);
  std::vector<const Entry*> entries;
  for (const Entry& entry : a.catalog().entries)
    if (is_included(entry.name, options.include)) entries.push_back(&entry);
  std::vector<EntryPair> pairs;
  for (const Entry* entry : entries) {
    const Entry* other = b.find(entry->name);
    if (!structural_difference(*entry, other)) pairs.push_back({entry, other, {}});
  }
  const ComparedBytes bytes = compare_bytes(a, b, pairs, threads, options);

  Comparison result;
  Findings findings(a, b, pairs, threads);
  for (const Entry* entry : entries) {
    MaybeDifference found = structural_difference(*entry, b.find(entry->name));
    if (!found) found = findings.next();
    if (found) {
      result.differences.push_back(std::move(*found));
    } else {
      result.identical.push_back(entry->name);
    }
  }
  for (const Entry& entry : b.catalog().entries)
    if (a.find(entry.name) == nullptr && is_included(entry.name, options.include))
      result.differences.push_back(in_one_only(DifferenceKind::kOnlyInSecond, entry.name));
  result.bytes_compared = bytes.compared;
  result.bytes_skipped = bytes.skipped;
  return result;
}

}  // namespace holdfast
