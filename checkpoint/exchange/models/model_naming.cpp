#include <holdfast/checkpoint/exchange/models/model_naming.h>

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/models/state_dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/parts.h>

namespace holdfast::exchange {
namespace {

constexpr std::size_t kMostListed = 10;  // names in a message

// What is compared of a tensor.
struct Form {
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string tied_to;  // the alphabetically first of the other names that are tied; empty: none
};
using Forms = std::map<std::string, Form>;

// The forms of items, or of entries of a catalog, by their part.
template <typename Described>
std::map<std::string, Forms> forms_by_part(const std::vector<Described>& all) {
  using PartAndOwner = std::pair<std::string, std::string>;
  const auto key_of = [](const Described& one) {
    return PartAndOwner(part_of(one.name), one.alias_of.empty() ? one.name : one.alias_of);
  };
  std::map<PartAndOwner, std::string> first;  // alphabetically, of the names tied to the owner
  for (const Described& one : all) {
    const auto [found, is_new] = first.emplace(key_of(one), one.name);
    if (!is_new && one.name < found->second) found->second = one.name;
  }
  std::map<std::string, Forms> forms;
  for (const Described& one : all) {
    const PartAndOwner key = key_of(one);
    const std::string& tied_to = first.at(key);
    forms[key.first][one.name] = {one.kind, one.dtype, one.shape,
                                  tied_to == one.name ? "" : tied_to};
  }
  return forms;
}

// "fc.weight" of "models/net/parameters/fc.weight".
std::string short_name(const std::string& entry) {
  const auto components = format::split(entry);
  return components ? components->back() : entry;
}

std::string described(const Form& form) {
  if (form.kind != Kind::kTensor) return "a value of the kind " + std::string(to_string(form.kind));
  return std::string(name_of(form.dtype)) + " " + to_string(form.shape);
}

std::string tie(const Form& form) {
  return form.tied_to.empty() ? "tied to nothing" : "tied to " + short_name(form.tied_to);
}

// Tells how two models differ, for a message.
class Differences {
 public:
  void compare(const Forms& in_file, const Forms& in_like) {
    add("only in the file ", only_in(in_file, in_like));
    add("only there ", only_in(in_like, in_file));
    std::vector<std::string> others;
    for (const auto& [name, form] : in_file) {
      const auto found = in_like.find(name);
      if (found != in_like.end()) compare(name, form, found->second, others);
    }
    add("", others);
  }

  const std::string& text() const { return text_; }

 private:
  static void compare(const std::string& name, const Form& in_file, const Form& in_like,
                      std::vector<std::string>& others) {
    const std::string quoted = in_quotes(short_name(name)) + " ";
    const std::string here = described(in_file), there = described(in_like);
    if (here != there) others.push_back(quoted + here + " instead of " + there);
    if (tie(in_file) != tie(in_like))
      others.push_back(quoted + tie(in_file) + " instead of " + tie(in_like));
  }

  static std::vector<std::string> only_in(const Forms& a, const Forms& b) {
    std::vector<std::string> names;
    for (const auto& [name, form] : a)
      if (b.count(name) == 0) names.push_back(in_quotes(short_name(name)));
    return names;
  }

  void add(const std::string& what, const std::vector<std::string>& list) {
    if (list.empty()) return;
    text_ += (text_.empty() ? "" : ", ") + what;
    for (std::size_t i = 0; i < std::min(list.size(), kMostListed); ++i)
      text_ += (i == 0 ? "" : ", ") + list[i];
    if (list.size() > kMostListed)
      text_ += " and " + std::to_string(list.size() - kMostListed) + " more";
  }

  std::string text_;
};

// The tensors under names of entries, parameters first.
std::vector<Item> named(std::vector<Item> tensors, const std::string& model,
                        const std::function<bool(const Item&)>& is_buffer) {
  std::unordered_map<std::string, std::string> names;
  std::vector<std::string> parameters;
  for (const Item& tensor : tensors) {
    const char* kind = is_buffer(tensor) ? "buffers" : "parameters";
    const std::string& name = names[tensor.name] =
        format::join({"models", model, kind, tensor.name});
    if (is_parameter(name)) parameters.push_back(name);
  }
  tensors = renamed(std::move(tensors), [&](const std::string& name) { return names.at(name); });
  return in_order(std::move(tensors), parameters);
}

}  // namespace

bool is_parameter(const std::string& entry) {
  return format::matches("models/*/parameters/*", entry);
}

bool is_buffer(const std::string& entry) {
  return format::matches("models/*/buffers/*", entry);
}

std::vector<Item> named_by_convention(std::vector<Item> tensors, const std::string& model,
                                      const std::vector<std::string>& buffers) {
  return named(std::move(tensors), model, [&](const Item& tensor) {
    return is_buffer_by_convention(tensor) ||
           std::any_of(buffers.begin(), buffers.end(), [&](const std::string& pattern) {
             return format::matches(pattern, tensor.name);
           });
  });
}

std::vector<Item> named_like(std::vector<Item> tensors, const std::string& model,
                             const CheckpointFiles& like, const std::string& file) {
  const auto is_buffer_there = [&](const Item& tensor) {
    return like.find(format::join({"models", model, "buffers", tensor.name})) != nullptr;
  };
  std::vector<Item> entries = named(std::move(tensors), model, is_buffer_there);
  check_same_models(entries, {model}, like, file);
  std::vector<std::string> order;
  for (const format::Entry& entry : like.catalog().entries) order.push_back(entry.name);
  return in_order(std::move(entries), order);
}

void check_same_models(const std::vector<Item>& entries, const std::vector<std::string>& models,
                       const CheckpointFiles& like, const std::string& file) {
  if (models.empty()) return;
  choose_models(like.catalog(), like.path(), models);
  std::map<std::string, Forms> in_file = forms_by_part(entries);
  std::map<std::string, Forms> in_like = forms_by_part(like.catalog().entries);
  for (const std::string& model : models) {
    const std::string part = format::join({"models", model});
    Differences differences;
    differences.compare(in_file[part], in_like[part]);
    if (differences.text().empty()) continue;
    throw Error(ErrorKind::kMismatch, "the file has other tensors than " + like.path())
        .at(file)
        .found(differences.text());
  }
}

void tie_models(std::vector<Item>& entries) {
  std::unordered_map<const Source*, const Item*> owners;
  std::unordered_map<std::string, std::string> owner_of;  // by the names that became aliases
  for (Item& entry : entries) {
    const auto moved = owner_of.find(entry.alias_of);
    if (moved != owner_of.end()) entry.alias_of = moved->second;
    if (entry.source == nullptr) continue;
    const auto [owner, is_new] = owners.emplace(entry.source.get(), &entry);
    const Item& first = *owner->second;
    if (is_new || first.dtype != entry.dtype || first.shape != entry.shape) continue;
    owner_of.emplace(entry.name, first.name);
    entry.alias_of = first.name;
    entry.source.reset();
  }
}

}  // namespace holdfast::exchange
