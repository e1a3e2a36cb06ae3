#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/trainer/config_visitor.h>

namespace holdfast::trainer {
namespace {

template <typename T, typename ToText>
std::string list_text(const std::vector<T>& values, ToText to_text) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ", ") + to_text(value);
  return "[" + text + "]";
}

class Flattener final : public ConfigVisitor {
 public:
  std::map<std::string, std::string> take() { return std::move(texts_); }

  bool fills() const override { return false; }

  void boolean(const std::string& key, bool& value) override { put(key, value ? "true" : "false"); }
  void integer(const std::string& key, std::int64_t& value, const IntegerRange&) override {
    put(key, std::to_string(value));
  }
  void real(const std::string& key, double& value, const RealRange&) override {
    put(key, number_text(value));
  }
  void text(const std::string& key, std::string& value, Presence) override { put(key, value); }
  void texts(const std::string& key, std::vector<std::string>& values, Presence) override {
    put(key, list_text(values, [](const std::string& value) { return value; }));
  }
  void integers(const std::string& key, std::vector<std::int64_t>& values, const IntegerRange&,
                Presence) override {
    put(key, list_text(values, [](std::int64_t value) { return std::to_string(value); }));
  }
  void choice(const std::string& key, std::size_t& index,
              const std::vector<std::string_view>& names, Presence) override {
    put(key, std::string(names.at(index)));
  }

  void enter(const std::string& key, Section) override { above_.push_back(path_of(key)); }
  void leave() override { above_.pop_back(); }
  std::vector<std::string> keys(const std::vector<std::string>& present) override {
    return present;
  }

 private:
  std::string path_of(const std::string& key) const {
    return above_.empty() ? key : above_.back() + "." + key;
  }
  void put(const std::string& key, std::string text) { texts_[path_of(key)] = std::move(text); }

  std::vector<std::string> above_;
  std::map<std::string, std::string> texts_;
};

}  // namespace

std::map<std::string, std::string> flatten(const Config& config) {
  Config copy = config;  // visit() takes a mutable Config, although this visitor only reads
  Flattener flattener;
  visit(flattener, copy);
  return flattener.take();
}

}  // namespace holdfast::trainer
