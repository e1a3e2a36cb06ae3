// Reads a checkpoint on disk, without the run and without the objects that it was saved from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <holdfast/checkpoint/checkpoint_info.h>
#include <holdfast/checkpoint/state/restore.h>
#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast {

class CheckpointFiles;
class Directory;
namespace format {
struct Entry;
}

// One checkpoint, open for reading. Writes nothing and takes no lock: it can be used while a run
// writes, on a read-only file system, and on a copy. Every byte that a method hands on was verified
// before the method returns. If a method throws, what it was to fill may hold anything. All methods
// may be called by several threads at once. They throw Error; kRetired means that the run has
// removed the checkpoint meanwhile.
class Reader {
 public:
  // Opens a checkpoint directory, or the newest checkpoint of a run directory. Error(kNotFound) if
  // `path` is neither. An empty file_system stands for that of the operating system.
  explicit Reader(const std::string& path, std::shared_ptr<FileSystem> file_system = {});
  explicit Reader(Directory checkpoint);  // a checkpoint directory that is already open
  Reader(Reader&&) noexcept;
  ~Reader();

  CheckpointInfo info() const;             // step, path, metrics, configuration, environment
  std::vector<std::string> names() const;  // of all entries: "models/mlp/parameters/fc1.weight" …
  std::vector<std::string> models() const;  // names of the models, in the order of the entries
  bool contains(const std::string& name) const;
  // The values of an entry, in contiguous CPU memory that belongs to the caller. Undefined if the
  // entry's kind has no values. Error(kNotFound) if there is no entry of this name.
  at::Tensor tensor(const std::string& name) const;
  // As tensor(), but only rows [row, row + rows) along the first dimension. Reads only the blocks
  // that hold these rows. Error(kInvalidArgument) if the entry does not have them.
  at::Tensor rows(const std::string& name, std::int64_t row, std::int64_t rows) const;

  // Puts the parameters and buffers of the model of that name into the module, whose tensors may be
  // on any device. As strict as Checkpointer::restore_latest(), but for this model alone; the
  // report lists what `options` let pass. Training mode, requires_grad and gradients stay as they
  // are. Error(kNotFound) if the checkpoint has no such model.
  LoadReport load_model(const std::string& name, torch::nn::Module& module,
                        RestoreOptions options = {}) const;

  // As load_model(), but maps the files instead of copying them: for inference. The memory of every
  // parameter and buffer becomes the kernel's page cache of the files, shared by all processes that
  // map the same checkpoint. All of it is verified first, so each byte is read once. Writing to a
  // mapped page makes a private copy of it; the file does not change. A tensor that the checkpoint
  // has in several pieces cannot be mapped: its values are copied into the module's own tensor.
  //
  // The memory stays valid when this reader is gone and when the checkpoint is retired. Touching it
  // raises SIGBUS if somebody cuts the file short or the disk fails. Error(kUnsupported) if the
  // module is not on the CPU.
  LoadReport map_model(const std::string& name, torch::nn::Module& module) const;
  // Maps one tensor in this way. If it is in several pieces, copies it, as tensor() does.
  at::Tensor map(const std::string& name) const;

  const CheckpointFiles& files() const { return *files_; }

 private:
  RestoreOptions options_of_model(const std::string& name) const;
  const format::Entry& find(const std::string& name) const;
  using Load = std::pair<const format::Entry*, at::Tensor>;
  void load(const std::vector<Load>& loads) const;

  std::unique_ptr<const CheckpointFiles> files_;
};

// As Reader(path).load_model(name, module). If `path` is a run, and the run retires the checkpoint
// while it is read, starts again with the checkpoint that is then the newest.
LoadReport load_model(const std::string& path, const std::string& name, torch::nn::Module& module);
template <typename Contained>
LoadReport load_model(const std::string& path, const std::string& name,
                      const torch::nn::ModuleHolder<Contained>& holder) {
  return load_model(path, name, *holder.ptr());
}

}  // namespace holdfast
