#include "export_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/exchange/export_checkpoint.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/load/parts.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "convert/converted.h"
#include "help.h"
#include "progress_bar.h"

namespace holdfast::tool {
namespace {

using exchange::FileFormat;

constexpr const char* kContract =
    "The file's ending says its format: .pt (PyTorch), .safetensors, .npz (numpy) or .h5 (HDF5). "
    "It\n"
    "gets a model's parameters and buffers under their dotted names, bit for bit; an .h5 file\n"
    "without --model the whole checkpoint under the names of its entries. What a format cannot "
    "hold\n"
    "is refused by name: safetensors and numpy have no tied tensors (--copy-ties), numpy has no\n"
    "bfloat16. With --optimizer it gets Python's optimizer.state_dict() of SGD, Adam or AdamW.\n"
    "Exit status: 0; 1 it could not be done, and nothing is left; 2 bad usage.";

struct Options {
  std::string where, to, model, optimizer, format;
  bool copy_ties = false;
};

std::uint64_t bytes_to_read(const CheckpointFiles& files) {
  std::uint64_t bytes = 0;
  for (const Part& part : parts_of(files.catalog())) bytes += part.bytes;
  return bytes;
}

std::string only_model(const CheckpointFiles& files) {
  const std::vector<std::string> models = choose_models(files.catalog(), files.path(), {});
  if (models.size() == 1) return models.front();
  throw Error(ErrorKind::kInvalidArgument, "the checkpoint has several models")
      .at(files.path())
      .found(format::list_in_quotes(models))
      .remedy("choose one with --model, or write all of it to an .h5 file");
}

std::string wrote(const Options& options) {
  return "wrote " + options.to + " (" + size_text(std::filesystem::file_size(options.to)) + "): ";
}

std::set<std::string_view> needed_versions(FileFormat format, const std::vector<Item>& items) {
  std::set<std::string_view> versions;
  for (const Item& item : items) {
    const std::string_view version = exchange::needed_version(format, item.dtype);
    if (!version.empty()) versions.insert(version);
  }
  return versions;
}

using Files = std::shared_ptr<const CheckpointFiles>;

void export_model(const Files& files, FileFormat format, const Options& options,
                  const Progress& progress) {
  const std::string model = options.model.empty() ? only_model(*files) : options.model;
  const std::vector<Item> items = exchange::state_dict_of(files, model, progress);
  exchange::write_state_dict(posix_file_system(), options.to, format, items, options.copy_ties);
  std::cout << wrote(options) << "model " << model << ", " << items.size() << " tensors\n";
  for (const std::string_view version : needed_versions(format, items))
    std::cout << "to be read with " << version << " or later\n";
}

void export_optimizer(const Files& files, FileFormat format, const Options& options,
                      const Progress& progress) {
  if (format != FileFormat::kTorch)
    throw Error(ErrorKind::kInvalidArgument, "the state of an optimizer needs a PyTorch file")
        .at(options.to)
        .expected(".pt")
        .found(std::string(exchange::name_of(format)));
  const auto parameters =
      exchange::export_optimizer(files, options.optimizer, options.to, progress);
  std::cout << wrote(options) << "optimizer " << options.optimizer
            << "\nPython's optimizer must be given these parameters, in this order:\n";
  for (const std::string& name : parameters) std::cout << name << "\n";
}

int execute(const Options& options) {
  const FileFormat format = format_for(options.to, options.format);
  const Files files = open_checkpoint(options.where);
  ProgressBar bar("reading", bytes_to_read(*files));
  const Progress progress = [&](std::uint64_t more) { bar.add(more); };
  if (!options.optimizer.empty()) {
    export_optimizer(files, format, options, progress);
  } else if (format == FileFormat::kHdf5 && options.model.empty()) {
    const std::size_t entries = exchange::export_checkpoint(files, options.to, progress);
    std::cout << wrote(options) << "all " << entries << " entries\n";
  } else {
    export_model(files, format, options, progress);
  }
  return kDone;
}

}  // namespace

Subcommand add_export(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* const command =
      app.add_subcommand("export", "Writes a model or an optimizer for other programs");
  command->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT|RUN --to FILE", kContract));
  command->add_option("CHECKPOINT", options->where, "A checkpoint, or a run for its newest")
      ->type_name("")
      ->required();
  command->add_option("--to", options->to, "The file to write")->type_name("FILE")->required();
  CLI::Option* const model =
      command->add_option("--model", options->model, "Which model, where there are several")
          ->type_name("NAME");
  command->add_option("--optimizer", options->optimizer, "The state of this optimizer instead")
      ->type_name("NAME")
      ->excludes(model);
  command
      ->add_option("--format", options->format, "pt, safetensors, npz or h5, whatever the ending")
      ->type_name("FORMAT");
  command->add_flag("--copy-ties", options->copy_ties,
                    "Store tied tensors as copies where the format has no ties");
  return {command, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
