#include "import_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/exchange/import_checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command/between.h"
#include "command/help.h"
#include "convert/converted.h"
#include "output/json_output.h"
#include "output/progress_bar.h"

namespace holdfast::tool {
namespace {

using exchange::OptimizerClass;

constexpr const char* kContract =
    "DIR becomes a checkpoint that C++ loads, with the tensors bit for bit. Nothing in a .pt\n"
    "file is run. What a checkpoint cannot hold is refused by name.\n"
    "--like names a checkpoint of the same model, with the same names. It tells which tensors\n"
    "are buffers, the order of the tensors, and the parameters of the optimizer. Without it,\n"
    "buffers are integers, bools, running_mean, running_var, num_batches_tracked, and what\n"
    "--buffer matches (fnmatch(3)). The order of an optimizer's parameters is then told by\n"
    "--parameters, by param_names in its groups, or by FILE, if that is a .pt of one model in\n"
    "which no two parameters have the same shape.\n"
    "An .h5 file that holdfast export made of a whole checkpoint is taken whole. A file that\n"
    "has an optimizer's tensors among the model's, as Keras writes it, is refused, with the\n"
    "--key to choose.\n"
    "Exit status: 0; 1 it could not be done, and nothing is left, or it is done and the\n"
    "standard output could not be written; 2 bad usage; 128 + N stopped by signal N, and\n"
    "nothing is left.";

struct Options {
  std::string file, to, format, like, key, optimizer_key;
  std::vector<std::string> models, optimizers, classes, parameters, ignored;
  bool json = false;
  exchange::ImportOptions import;
};

// Of "NAME=VALUE", or of "VALUE", whose name is empty.
struct Named {
  std::string name, value;
};

Named named(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return {"", word};
  if (equals == 0 || equals + 1 == word.size())
    throw Error(ErrorKind::kInvalidArgument, "one side of the '=' is empty")
        .expected("NAME=VALUE")
        .found(in_quotes(word));
  return {word.substr(0, equals), word.substr(equals + 1)};
}

// The value that is given for the optimizer of that name, else the one for all. Empty: none.
std::string value_for(const std::string& optimizer, const std::vector<std::string>& words) {
  std::string value;
  for (const std::string& word : words) {
    const Named one = named(word);
    if (one.name == optimizer) return one.value;
    if (one.name.empty()) value = one.value;
  }
  return value;
}

// Each word must name an optimizer that there is, or none.
void check_names(const std::string& option, const std::vector<std::string>& words,
                 const std::vector<exchange::OptimizerFile>& optimizers) {
  for (const std::string& word : words) {
    const std::string name = named(word).name;
    const bool is_known =
        std::any_of(optimizers.begin(), optimizers.end(),
                    [&](const exchange::OptimizerFile& file) { return file.name == name; });
    if (!name.empty() && !is_known)
      throw Error(ErrorKind::kInvalidArgument, option + ": there is no --optimizer of that name")
          .found(in_quotes(name));
  }
}

std::optional<OptimizerClass> class_named(const std::string& name) {
  if (name.empty()) return std::nullopt;
  if (name == "sgd") return OptimizerClass::kSgd;
  if (name == "adam") return OptimizerClass::kAdam;
  if (name == "adamw") return OptimizerClass::kAdamW;
  throw Error(ErrorKind::kInvalidArgument, "--optimizer-class: there is no such class")
      .expected("sgd, adam or adamw")
      .found(in_quotes(name));
}

// The lines of the file of --parameters: the names of an optimizer's parameters, in its order. A
// name is as in the model ("fc.weight"), or with the model before it ("net/fc.weight").
std::vector<std::string> lines_of(const std::string& path) {
  if (!std::filesystem::is_regular_file(path))
    throw Error(ErrorKind::kInvalidArgument, "--parameters: this is not a file").at(path);
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  if (!file.eof() || lines.empty())
    throw Error(ErrorKind::kInvalidArgument, "--parameters: no name can be read").at(path);
  return lines;
}

// Of "NAME=FILE" or "NAME=FILE:KEY". If there is a file of the whole name, its colon is no key's.
exchange::OptimizerFile optimizer_file(const std::string& word, const Options& options) {
  const Named one = named(word);
  if (one.name.empty())
    throw Error(ErrorKind::kInvalidArgument, "--optimizer: this names no optimizer and its file")
        .expected("NAME=FILE.pt")
        .found(in_quotes(word));
  exchange::OptimizerFile file;
  file.name = one.name;
  file.path = one.value;
  file.key = options.optimizer_key;
  const std::size_t colon = one.value.rfind(':');
  if (colon != std::string::npos && !std::filesystem::exists(one.value)) {
    file.path = one.value.substr(0, colon);
    file.key = one.value.substr(colon + 1);
    if (file.key.empty())
      throw Error(ErrorKind::kInvalidArgument, "--optimizer: the key behind the ':' is empty")
          .found(in_quotes(word));
  }
  file.type = class_named(value_for(one.name, options.classes));
  file.ignored = options.ignored;
  const std::string parameters = value_for(one.name, options.parameters);
  if (!parameters.empty()) file.parameters = lines_of(parameters);
  return file;
}

std::vector<exchange::OptimizerFile> optimizer_files(const Options& options) {
  std::vector<exchange::OptimizerFile> files;
  for (const std::string& word : options.optimizers) files.push_back(optimizer_file(word, options));
  check_names("--optimizer-class", options.classes, files);
  check_names("--parameters", options.parameters, files);
  return files;
}

// Of "NAME" or "NAME=KEY".
std::vector<exchange::ModelInFile> models_in_file(const Options& options) {
  std::vector<exchange::ModelInFile> models;
  for (const std::string& word : options.models) {
    const Named one = named(word);
    models.push_back(one.name.empty() ? exchange::ModelInFile{one.value, options.key}
                                      : exchange::ModelInFile{one.name, one.value});
  }
  if (models.empty() && !options.key.empty()) models.push_back({"", options.key});
  return models;
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void print(const exchange::ImportReport& report, const Options& options) {
  std::cout << "wrote " << printable(options.to) << " (" << size_text(report.bytes)
            << "): " << (report.models.size() == 1 ? "model " : "models ") << listed(report.models)
            << ", " << counted(report.parameters, "parameter") << ", "
            << counted(report.buffers, "buffer") << "\n";
  for (const exchange::ImportedOptimizer& optimizer : report.optimizers) {
    std::cout << "optimizer " << printable(optimizer.name) << " ("
              << exchange::name_of(optimizer.type) << ") has these parameters, in this order:\n";
    for (const std::string& name : optimizer.parameters) std::cout << printable(name) << "\n";
  }
}

void print_as_json(const exchange::ImportReport& report, const Options& options) {
  Json document =
      document_of(options.to, report.bytes, {report.models, report.parameters, report.buffers});
  document["step"] = report.step;
  for (const exchange::ImportedOptimizer& optimizer : report.optimizers)
    document["optimizers"].push_back(
        document_of(optimizer.name, optimizer.type, optimizer.parameters));
  print_json(document);
}

int execute(const Options& options, const std::function<void()>& check) {
  exchange::ImportOptions how = options.import;
  how.saving = saver_options();
  how.models = models_in_file(options);
  how.optimizers = optimizer_files(options);
  const auto& format = format_for(options.file, options.format);
  if (!options.like.empty()) how.like = open_checkpoint(options.like);
  std::unique_ptr<ProgressBar> bar;
  how.on_start = [&](std::uint64_t bytes) {
    check();
    bar = std::make_unique<ProgressBar>("writing", bytes);
  };
  how.progress = [&](std::uint64_t more) {
    check();
    bar->add(more);
  };
  const auto report =
      exchange::import_checkpoint(posix_file_system(), options.file, format, options.to, how);
  bar.reset();
  if (options.json) {
    print_as_json(report, options);
  } else {
    print(report, options);
  }
  return kDone;
}

void add_optimizer_options(CLI::App& command, Options& options) {
  CLI::Option* const optimizer =
      command.add_option("--optimizer", options.optimizers, "Python's optimizer.state_dict()")
          ->type_name("NAME=FILE.pt[:KEY]")
          ->allow_extra_args(false);
  command
      .add_option("--optimizer-class", options.classes,
                  "sgd, adam or adamw, where the file leaves it open; of one optimizer, or of all")
      ->type_name("[NAME=]CLASS")
      ->allow_extra_args(false)
      ->needs(optimizer);
  command
      .add_option("--optimizer-key", options.optimizer_key,
                  "As --key, in all their files that have none of their own")
      ->type_name("KEYS")
      ->needs(optimizer);
  command
      .add_option("--parameters", options.parameters,
                  "Names of its parameters, a line each, in the order of its groups")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false)
      ->needs(optimizer);
  command
      .add_option("--ignore", options.ignored,
                  "A key of its parameter groups to leave out, as initial_lr")
      ->type_name("KEY")
      ->allow_extra_args(false)
      ->needs(optimizer);
}

}  // namespace

Subcommand add_import(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* const command =
      app.add_subcommand("import", "Makes a checkpoint of a file of another program");
  command->formatter(std::make_shared<Help>("[OPTIONS] FILE --to DIR", kContract));
  command
      ->add_option("FILE", options->file,
                   "The file to read; its ending says its format: " + formats_by_ending())
      ->type_name("")
      ->required();
  command->add_option("--to", options->to, "The checkpoint to write")->type_name("DIR")->required();
  command
      ->add_option("--model", options->models,
                   "A model's name, and where its state dict is; default: \"model\"")
      ->type_name("NAME[=KEY]")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--key", options->key,
          "Where the state dict is in the file, as \"model\" or \"ema.model\": a path of keys, or "
          "what its names begin with")
      ->type_name("KEYS");
  CLI::Option* const buffer =
      command
          ->add_option("--buffer", options->import.buffers, "Names of buffers, besides the usual")
          ->type_name("GLOB")
          ->allow_extra_args(false);
  command->add_option("--like", options->like, "A checkpoint of the same model")
      ->type_name("CHECKPOINT")
      ->excludes(buffer);
  command
      ->add_option("--step", options->import.step,
                   "The step that the checkpoint gets; default: that of the file, or 0")
      ->type_name("N")
      ->transform(any_step());
  command->add_option("--format", options->format, format_choices() + ", whatever the ending")
      ->type_name("FORMAT");
  add_optimizer_options(*command, *options);
  command->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {command, [options] {
            return until_stopped([&](const auto& check) { return execute(*options, check); });
          }};
}

}  // namespace holdfast::tool
