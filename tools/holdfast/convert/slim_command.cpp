#include "slim_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/slim.h>
#include <holdfast/text/units.h>

#include <iostream>
#include <memory>
#include <string>

#include "convert/converted.h"
#include "help.h"
#include "progress_bar.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "Writes a new checkpoint with the models alone: no optimizers, schedulers, generators, data "
    "or\n"
    "progress. It keeps the step, the run id, the metrics and the configuration. DIR must not be\n"
    "there; in checkpoints/ of a run it must have the name of the step. --dtype converts the\n"
    "floating-point tensors of models, rounding to the nearest and to the even one of two; what "
    "is\n"
    "too large becomes infinity, in a float8 type without one NaN. Integers, bools and complex\n"
    "numbers stay as they are, and so do optimizers.\n"
    "Exit status: 0; 1 it could not be done, and nothing is left; 2 bad usage.";

struct Options {
  std::string where, to, dtype;
  SlimOptions slim;
};

DType floating_point(const std::string& name) {
  const auto dtype = dtype_from_name(name);
  if (dtype && is_floating_point(*dtype)) return *dtype;
  throw Error(ErrorKind::kInvalidArgument, "--dtype: this is no floating-point type")
      .expected("float64, float32, float16, bfloat16, float8_e4m3fn or the like")
      .found(format::in_quotes(name));
}

SlimReport run(const Options& options) {
  SlimOptions slim_options = options.slim;
  if (!options.dtype.empty()) slim_options.dtype = floating_point(options.dtype);
  slim_options.saving = saver_options();
  const auto files = open_checkpoint(options.where);
  ProgressBar bar("writing", bytes_to_slim(*files, slim_options));
  slim_options.progress = [&](std::uint64_t more) { bar.add(more); };
  return slim(files, options.to, slim_options);
}

int execute(const Options& options) {
  const SlimReport report = run(options);
  std::cout << "wrote " << options.to << ": " << size_text(report.bytes_before) << " before, "
            << size_text(report.bytes_after) << " after\n";
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
                 "Keep the optimizers, too, all of them");
  return {slim, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
