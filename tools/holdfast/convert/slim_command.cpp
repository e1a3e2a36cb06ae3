#include "slim_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/transform/slim.h>
#include <holdfast/text/units.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "convert/converted.h"
#include "help.h"
#include "json_output.h"
#include "progress_bar.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "Writes a new checkpoint with the models alone: without optimizers, schedulers,\n"
    "generators, data and progress. It keeps the step, the run id, the metrics and the\n"
    "configuration. DIR must not exist; in checkpoints/ of a run it must have the name of the\n"
    "step.\n"
    "--dtype converts the floating-point tensors of models. It rounds to the nearest value,\n"
    "and to the even one of two that are equally near. What is too large becomes infinity, or\n"
    "NaN in a float8 type without infinity. Integers, bools, complex numbers and optimizers\n"
    "stay as they are.\n"
    "Exit status: 0; 1 it could not be done, and nothing is left, or it is done and the\n"
    "standard output could not be written; 2 bad usage; 128 + N stopped by signal N, and\n"
    "nothing is left.";

struct Options {
  std::string where, to, dtype;
  bool json = false;
  SlimOptions slim;
};

DType target_type(const std::string& name) {
  const auto dtype = dtype_from_name(name);
  if (dtype && is_floating_point(*dtype) && *dtype != DType::kFloat8E8M0FNU) return *dtype;
  throw Error(ErrorKind::kInvalidArgument, "--dtype: this is not a floating-point type with a sign")
      .expected("float64, float32, float16, bfloat16, float8_e4m3fn or the like")
      .found(format::in_quotes(name));
}

SlimReport run(const Options& options, const std::function<void()>& check, Directory checkpoint) {
  SlimOptions slim_options = options.slim;
  if (!options.dtype.empty()) slim_options.dtype = target_type(options.dtype);
  slim_options.saving = saver_options();
  const auto files = std::make_shared<const CheckpointFiles>(std::move(checkpoint));
  ProgressBar bar("writing", bytes_to_slim(files, slim_options));
  slim_options.progress = [&](std::uint64_t more) {
    check();
    bar.add(more);
  };
  return slim(files, options.to, slim_options);
}

void print(const SlimReport& report, const Options& options) {
  std::cout << "wrote " << format::printable(options.to) << ": " << size_text(report.bytes_before)
            << " before, " << size_text(report.bytes_after) << " after\n";
  for (const std::string& optimizer : report.optimizers_left_out)
    std::cout << "left out optimizer " << format::printable(optimizer)
              << ", which has parameters of a model that is not kept\n";
}

void print_as_json(const SlimReport& report, const Options& options) {
  const auto made = open_checkpoint(options.to);
  const format::Catalog& catalog = made->catalog();
  Json document = document_of(options.to, report.bytes_after,
                              count_models(catalog, names_in(catalog, "models")));
  document["bytes_before"] = report.bytes_before;
  document["optimizers"] = names_in(catalog, "optimizers");
  document["optimizers_left_out"] = report.optimizers_left_out;
  print_json(document);
}

int execute(const Options& options, const std::function<void()>& check) {
  const SlimReport report = with_checkpoint(
      posix_file_system(), options.where,
      [&](Directory checkpoint) { return run(options, check, std::move(checkpoint)); });
  if (options.json) {
    print_as_json(report, options);
  } else {
    print(report, options);
  }
  return kDone;
}

}  // namespace

Subcommand add_slim(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* const slim = app.add_subcommand("slim", "Keeps of a checkpoint what inference needs");
  slim->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT|RUN --to DIR", kContract));
  slim->add_option("CHECKPOINT", options->where, "A checkpoint, or a run for its newest")
      ->type_name("")
      ->required();
  slim->add_option("--to", options->to, "The checkpoint to write")->type_name("DIR")->required();
  slim->add_option("--model", options->slim.models, "A model to keep; default: all of them")
      ->type_name("NAME")
      ->allow_extra_args(false);
  slim->add_option("--dtype", options->dtype, "Convert to float16, bfloat16, float32 ...")
      ->type_name("TYPE");
  slim->add_flag("--keep-optimizer", options->slim.keep_optimizers,
                 "Keep the optimizers, too, whose parameters are all of models that are kept, and "
                 "how these train: train() or eval(), requires_grad, which gradients there are");
  slim->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {slim, [options] {
            return until_stopped([&](const auto& check) { return execute(*options, check); });
          }};
}

}  // namespace holdfast::tool
