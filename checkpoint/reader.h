// The front door for reading: a checkpoint as it lies on disk. No run, no optimizer, no lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <holdfast/checkpoint/options.h>
#include <holdfast/checkpoint/state/restore.h>

namespace holdfast {

class CheckpointFiles;
class Directory;
namespace format {
struct Entry;
}

// What a checkpoint says of itself.
Resumed describe(const CheckpointFiles& files);

// One checkpoint, open for reading. Writes nothing and takes no lock, so it works beside the run
// that writes, on a read-only file system, and on a copy. When a method returns, every byte it has
// handed on was verified; after an Error what it was to fill may hold anything. All methods may be
// called by several threads at once, and throw Error; kRetired: the run removed the checkpoint
// meanwhile.
class Reader {
 public:
  // A checkpoint directory, or a run directory: then its newest checkpoint. Error(kNotFound) if it
  // is neither. Empty file_system: the operating system's own.
  explicit Reader(const std::string& path, std::shared_ptr<FileSystem> file_system = {});
  explicit Reader(Directory checkpoint);  // of a directory that is open already
  Reader(Reader&&) noexcept;
  ~Reader();

  Resumed info() const;                    // step, path, metrics, configuration, environment
  std::vector<std::string> names() const;  // of all entries: "models/mlp/parameters/fc1.weight" …
  std::vector<std::string> models() const;
  bool contains(const std::string& name) const;
  at::Tensor tensor(const std::string& name) const;  // on the CPU, contiguous, the caller's own
  // The same, of rows [row, row + rows) along its first dimension, of which alone the blocks are
  // read. Error(kInvalidArgument) if it has not got them.
  at::Tensor rows(const std::string& name, std::int64_t row, std::int64_t rows) const;

  // Puts parameters and buffers of the model of that name into the module, whatever devices they
  // are on. Strict: as Checkpointer::restore_latest, for this model alone; what `options` let pass
  // is in the report. Train/eval modes, requires_grad and gradients stay as they are.
  LoadReport load_model(const std::string& name, torch::nn::Module& module,
                        RestoreOptions options = {}) const;

  // The same without a copy, for inference: every parameter and buffer gets its memory from the
  // files, where the kernel has it, shared with all processes that map the same checkpoint.
  // Verified first, so each byte is read once. A page that is written to is copied, and the file
  // stays as it is. What the checkpoint has in several pieces is copied to where it was. The memory
  // outlives this reader and the checkpoint's retirement; touching it raises SIGBUS if
  // somebody cuts the file short or the disk fails. For modules on the CPU: Error(kUnsupported).
  LoadReport map_model(const std::string& name, torch::nn::Module& module) const;
  // One tensor so; as tensor(), where it lies in several pieces.
  at::Tensor map(const std::string& name) const;

  const CheckpointFiles& files() const { return *files_; }

 private:
  RestoreOptions options_of_model(const std::string& name) const;
  const format::Entry& find(const std::string& name) const;
  using Load = std::pair<const format::Entry*, at::Tensor>;
  void load(const std::vector<Load>& loads) const;

  std::unique_ptr<const CheckpointFiles> files_;
};

// Reader(path).load_model(name, module): a model for inference from any run's checkpoint. Where the
// run retires that meanwhile, the model is of the one that `path` names by then.
LoadReport load_model(const std::string& path, const std::string& name, torch::nn::Module& module);
template <typename Contained>
LoadReport load_model(const std::string& path, const std::string& name,
                      const torch::nn::ModuleHolder<Contained>& holder) {
  return load_model(path, name, *holder.ptr());
}

}  // namespace holdfast
