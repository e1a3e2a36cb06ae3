#include "export_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/exchange/export_checkpoint.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/entry_source.h>
#include <holdfast/checkpoint/run/locate.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "convert/converted.h"
#include "help.h"
#include "json_output.h"
#include "progress_bar.h"

namespace holdfast::tool {
namespace {

using exchange::FileFormat;
using exchange::WriteOptions;

constexpr const char* kContract =
    "The file gets a model's parameters and buffers under their dotted names, bit for bit.\n"
    "Without --model an .h5 file gets the whole checkpoint, under the names of its entries.\n"
    "With --optimizer a .pt file gets Python's optimizer.state_dict() of SGD, Adam or AdamW.\n"
    "What a format cannot hold is refused by name: some have no bfloat16, or no tied tensors\n"
    "(--copy-ties stores copies).\n"
    "Exit status: 0; 1 it could not be done, and nothing is left, or it is done and the\n"
    "standard output could not be written; 2 bad usage; 128 + N stopped by signal N, and\n"
    "nothing is left.";

struct Options {
  std::string where, to, model, optimizer, format;
  bool copy_ties = false;
  bool json = false;
};

using Files = std::shared_ptr<const CheckpointFiles>;

// How many bytes an export of the part reads (part_of()). Empty: all of the checkpoint.
std::uint64_t bytes_to_read(const Files& files, const std::string& part) {
  return bytes_of(items_of(
      files, [&](const auto& entry) { return part.empty() || part_of(entry.name) == part; }));
}

bool holds_checkpoints(const FileFormat& format) {
  return format.traits().entries;
}

std::string only_model(const CheckpointFiles& files) {
  const std::vector<std::string> models = choose_models(files.catalog(), files.path(), {});
  if (models.size() == 1) return models.front();
  throw Error(ErrorKind::kInvalidArgument, "the checkpoint has several models")
      .at(files.path())
      .found(format::list_in_quotes(models))
      .remedy("choose one with --model, or write the whole checkpoint to a file of " +
              exchange::names_of_formats(holds_checkpoints));
}

std::set<std::string> needed_versions(const FileFormat& format, const std::vector<Item>& items) {
  std::set<std::string> versions;
  for (const Item& item : items) {
    const std::string_view version = format.needed_version(item.kind, item.dtype);
    if (!version.empty()) versions.emplace(version);
  }
  return versions;
}

// What an export reports.
struct Exported {
  std::string what;  // "model net, 5 tensors"
  ModelCounts counts;
  Json optimizers = Json::array();
  std::set<std::string> needs;  // the versions of programs that it takes to read the file
  std::string safely;           // " with weights_only=True", if that is what takes the version
};

class Exporting {
 public:
  Exporting(const Options& options, std::function<void()> check, Directory checkpoint)
      : options_(options),
        check_(std::move(check)),
        format_(format_for(options.to, options.format)),
        files_(std::make_shared<const CheckpointFiles>(std::move(checkpoint))) {}

  Exported run() {
    if (!options_.optimizer.empty()) return export_optimizer();
    if (holds_checkpoints(format_) && options_.model.empty()) return export_all();
    return export_model();
  }

 private:
  // Begins to show how much of the part has been read.
  Progress begin(const std::string& part) {
    bar_ = std::make_unique<ProgressBar>("reading", bytes_to_read(files_, part));
    return [this](std::uint64_t more) {
      check_();
      bar_->add(more);
    };
  }

  Exported export_model() {
    const std::string model = options_.model.empty() ? only_model(*files_) : options_.model;
    const auto items =
        exchange::state_dict_of(files_, model, begin(format::join({"models", model})));
    WriteOptions writing;
    writing.copy_ties = options_.copy_ties;
    writing.metadata = exchange::metadata_of(*files_, format_);
    exchange::write_state_dict(posix_file_system(), options_.to, format_, items, writing);
    Exported made;
    made.what = "model " + model + ", " + std::to_string(items.size()) + " tensors";
    made.counts = count_models(files_->catalog(), {model});
    made.needs = needed_versions(format_, items);
    return made;
  }

  Exported export_optimizer() {
    const auto optimizer =
        exchange::export_optimizer(files_, options_.optimizer, options_.to, format_,
                                   begin(format::join({"optimizers", options_.optimizer})));
    Exported made;
    made.what = "optimizer " + options_.optimizer +
                "\nPython's optimizer must be given these parameters, in this order:";
    for (const std::string& name : optimizer.parameters) made.what += "\n" + name;
    made.optimizers.push_back(
        document_of(options_.optimizer, optimizer.type, optimizer.parameters));
    made.needs = {optimizer.needed_version};
    made.safely = " with weights_only=True";
    return made;
  }

  Exported export_all() {
    const std::size_t entries =
        exchange::export_checkpoint(files_, options_.to, format_, begin(""));
    const format::Catalog& catalog = files_->catalog();
    Exported made;
    made.what = "all " + std::to_string(entries) + " entries";
    made.counts = count_models(catalog, names_in(catalog, "models"));
    return made;
  }

  const Options& options_;
  std::function<void()> check_;
  const FileFormat& format_;
  Files files_;
  std::unique_ptr<ProgressBar> bar_;
};

int execute(const Options& options, const std::function<void()>& check) {
  const Exported made = with_checkpoint(
      posix_file_system(), options.where,
      [&](Directory checkpoint) { return Exporting(options, check, std::move(checkpoint)).run(); });
  const std::uint64_t bytes = std::filesystem::file_size(options.to);
  if (options.json) {
    Json document = document_of(options.to, bytes, made.counts);
    document["optimizers"] = made.optimizers;
    document["needs"] = made.needs;
    print_json(document);
    return kDone;
  }
  std::cout << "wrote " << format::printable(options.to) << " (" << size_text(bytes)
            << "): " << made.what << "\n";
  for (const std::string& version : made.needs)
    std::cout << "to be read" << made.safely << " with " << version << " or later\n";
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
  command
      ->add_option("--to", options->to,
                   "The file to write; its ending says its format: " + formats_by_ending())
      ->type_name("FILE")
      ->required();
  CLI::Option* const model =
      command->add_option("--model", options->model, "Which model, where there are several")
          ->type_name("NAME");
  command->add_option("--optimizer", options->optimizer, "The state of this optimizer instead")
      ->type_name("NAME")
      ->excludes(model);
  command->add_option("--format", options->format, format_choices() + ", whatever the ending")
      ->type_name("FORMAT");
  command->add_flag("--copy-ties", options->copy_ties,
                    "Store tied tensors as copies where the format has no ties");
  command->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {command, [options] {
            return until_stopped([&](const auto& check) { return execute(*options, check); });
          }};
}

}  // namespace holdfast::tool
