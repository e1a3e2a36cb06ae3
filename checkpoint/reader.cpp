#include <holdfast/checkpoint/reader.h>

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/cores.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/state/dtypes.h>
#include <holdfast/checkpoint/state/library_mode.h>
#include <holdfast/checkpoint/state/state.h>
#include <holdfast/checkpoint/state/tensor_source.h>
#include <holdfast/checkpoint/state/visit_module.h>

namespace holdfast {
namespace {

at::TensorOptions options_of(const format::Entry& entry) {
  return at::TensorOptions().dtype(scalar_type_of(entry.dtype, entry.name));
}

// Makes a tensor over mapped memory. The tensor keeps the mapping alive.
at::Tensor tensor_over(const MappedEntry& mapped, const format::Entry& entry) {
  const auto let_go = [owner = mapped.owner](void*) {};
  return at::from_blob(mapped.bytes.data, entry.shape, let_go, options_of(entry));
}

// A parameter or buffer of a module, and the name of its entry.
struct NamedTensor {
  std::string entry;
  at::Tensor tensor;
};

std::vector<NamedTensor> tensors_of(const std::string& model, const torch::nn::Module& module) {
  std::vector<NamedTensor> tensors;
  const auto add = [&](const char* kind) {
    return [&tensors, prefix = format::join({"models", model, kind})](const std::string& dotted,
                                                                      const at::Tensor& tensor) {
      tensors.push_back({prefix + "/" + format::escape(dotted), tensor});
    };
  };
  for_each_parameter(module, add("parameters"));
  for_each_buffer(module, add("buffers"));
  return tensors;
}

}  // namespace

Reader::Reader(const std::string& path, std::shared_ptr<FileSystem> file_system)
    : files_(std::make_unique<CheckpointFiles>(
          open_checkpoint(file_system ? std::move(file_system) : posix_file_system(), path))) {}
Reader::Reader(Directory checkpoint)
    : files_(std::make_unique<CheckpointFiles>(std::move(checkpoint))) {}
Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() = default;

CheckpointInfo Reader::info() const {
  return info_of(*files_);
}

std::vector<std::string> Reader::names() const {
  std::vector<std::string> names;
  for (const format::Entry& entry : files_->catalog().entries) names.push_back(entry.name);
  return names;
}

std::vector<std::string> Reader::models() const {
  return names_in(files_->catalog(), "models");
}

bool Reader::contains(const std::string& name) const {
  return files_->find(name) != nullptr;
}

const format::Entry& Reader::find(const std::string& name) const {
  if (const format::Entry* entry = files_->find(name)) return *entry;
  throw Error(ErrorKind::kNotFound, "the checkpoint has no entry of this name")
      .at(files_->path())
      .expected("one of names()")
      .found(name);
}

at::Tensor Reader::tensor(const std::string& name) const {
  const format::Entry& entry = find(name);
  if (!has_bytes(entry.kind)) return {};
  const at::Tensor tensor = at::empty(entry.shape, options_of(entry));
  load({{&entry, tensor}});
  return tensor;
}

at::Tensor Reader::rows(const std::string& name, std::int64_t row, std::int64_t rows) const {
  const format::Entry& entry = find(name);
  if (entry.shape.empty() || rows < 0)
    throw Error(ErrorKind::kInvalidArgument, "cannot read these rows of the entry")
        .at(name)
        .expected("0 rows or more, of an entry with one dimension or more")
        .found(std::to_string(rows) + " rows of shape " + to_string(entry.shape));
  Shape shape = entry.shape;
  shape.front() = std::min(rows, shape.front());
  const at::Tensor tensor = at::empty(shape, options_of(entry));
  TensorSink sink(name, tensor);
  files_->read({{&entry, &sink, row, rows}}, core_count());
  return tensor;
}

void Reader::load(const std::vector<Load>& loads) const {
  std::deque<TensorSink> sinks;
  std::vector<ReadRequest> requests;
  for (const auto& [entry, to] : loads)
    requests.push_back({entry, &sinks.emplace_back(entry->name, to)});
  files_->read(requests, core_count());
  for (TensorSink& sink : sinks) sink.finish();
}

at::Tensor Reader::map(const std::string& name) const {
  const format::Entry& entry = find(name);
  const MappedEntry mapped = files_->map({&entry}, core_count()).front();
  return mapped.owner == nullptr ? tensor(name) : tensor_over(mapped, entry);
}

RestoreOptions Reader::options_of_model(const std::string& name) const {
  choose_models(files_->catalog(), files_->path(), {name});  // throws if it is not there
  RestoreOptions options;
  options.include = {format::literal(format::join({"models", name})) + "/*"};
  return options;
}

LoadReport Reader::load_model(const std::string& name, torch::nn::Module& module,
                              RestoreOptions options) const {
  const RestoreOptions of_model = options_of_model(name);
  if (options.include.empty()) options.include = of_model.include;
  options.modes = false;  // whoever loads a model decides how it trains
  State state;
  state.model(name, module);
  return restore(*files_, state, options);
}

LoadReport Reader::map_model(const std::string& name, torch::nn::Module& module) const {
  State state;
  state.model(name, module);
  LoadReport report =
      require_match(files_->catalog(), state, options_of_model(name), files_->path());

  std::vector<NamedTensor> members = tensors_of(name, module);
  std::vector<const format::Entry*> entries;
  for (const NamedTensor& member : members) {
    if (!member.tensor.device().is_cpu())
      throw Error(ErrorKind::kUnsupported, "cannot map files into the memory of another device")
          .at(member.entry)
          .expected("a tensor on the CPU")
          .found("a tensor on " + member.tensor.device().str())
          .remedy("call load_model(), which copies to any device, or move the module to the CPU");
    entries.push_back(&find(member.entry));
  }
  const std::vector<MappedEntry> mapped = files_->map(entries, core_count());
  std::unordered_map<const void*, at::Tensor> made;  // by address: tied tensors share one storage
  std::vector<Load> not_in_one_place;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (mapped[i].owner == nullptr) {
      not_in_one_place.emplace_back(entries[i], members[i].tensor);
    } else {
      const LibraryMode mode(members[i].tensor.is_inference());
      at::Tensor& tensor = made[mapped[i].bytes.data];
      if (!tensor.defined()) tensor = tensor_over(mapped[i], *entries[i]);
      members[i].tensor.set_data(tensor);
    }
  }
  load(not_in_one_place);
  return report;
}

LoadReport load_model(const std::string& path, const std::string& name, torch::nn::Module& module) {
  LoadReport report;
  with_checkpoint(posix_file_system(), path, [&](Directory checkpoint) {
    report = Reader(std::move(checkpoint)).load_model(name, module);
  });
  return report;
}

}  // namespace holdfast
