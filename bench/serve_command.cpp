// holdfast_bench serve: takes one measurement for each line that it reads. So another program can
// take its own measurements in turn with these.
#include <holdfast/checkpoint/base/error.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "aligned_memory.h"
#include "commands.h"
#include "model.h"
#include "page_cache.h"
#include "plain_io.h"
#include "saved_run.h"
#include "scratch.h"
#include "training.h"
#include "workers.h"

namespace holdfast::bench {
namespace {

using nlohmann::ordered_json;

constexpr const char* kProtocol =
    "Prints a line of JSON when it is ready, and one for each command, a line on its input:\n"
    "save, save-overlap, save-idle, save-overlap-idle, load-warm, load-cold, write-floor,\n"
    "read-floor-warm, read-floor-cold. A save begins with a step, which touches the state, unless\n"
    "it is called idle. Ends at the end of its input.";

class Server {
 public:
  explicit Server(const Arguments& arguments)
      : scratch_(arguments.directory, 6 * arguments.bytes.front(), 4 * arguments.bytes.front()),
        model_(make_model(arguments.bytes.front(), arguments.tensors.front())),
        workload_{bytes_of(*model_), arguments.tensors.front(), arguments.shards.front(),
                  arguments.threads},
        memory_(std::max(workload_.bytes, kPieceBytes)),
        compute_(arguments.compute) {
    state_.model("model", *model_);
    const auto step = [this] { take_step(*model_); };
    blocking_.emplace(scratch_ / "blocking", state_, workload_, Overlap::kNo, step);
    overlapped_.emplace(scratch_ / "overlap", state_, workload_, Overlap::kYes, step);
    blocking_->save();
    overlapped_->save();
    write_floor();
  }

  void run() {
    say({{"ready", true},
         {"tensors", workload_.tensors},
         {"shape", model_->parameters().front().sizes().vec()},
         {"bytes", workload_.bytes}});
    for (std::string line; std::getline(std::cin, line);) {
      const auto found = commands_.find(line);
      if (found == commands_.end())
        throw Error(ErrorKind::kInvalidArgument, "no such command").found(line);
      scratch_.settle();
      say((this->*found->second)());
    }
  }

 private:
  using Command = ordered_json (Server::*)();

  static void say(const ordered_json& answer) { std::cout << answer.dump() << std::endl; }
  static ordered_json to_answer(const SaveTimes& times) {
    return {{"step_s", times.step},
            {"blocked_s", times.blocked},
            {"durable_s", times.durable},
            {"work_s", times.work}};
  }

  ordered_json save() { return to_answer(blocking_->save()); }
  ordered_json save_overlap() {
    return to_answer(overlapped_->save([this] { compute_.run(); }));
  }
  ordered_json save_idle() { return to_answer(blocking_->save_idle()); }
  ordered_json save_overlap_idle() {
    return to_answer(overlapped_->save_idle([this] { compute_.run(); }));
  }

  ordered_json load_warm() { return load(bring_into_cache); }
  ordered_json load_cold() { return load(drop_from_cache); }
  ordered_json load(void (*prepare)(const std::string&)) {
    prepare(blocking_->newest());
    return {{"load_s", blocking_->seconds_to_load(*model_)}};
  }

  ordered_json write_floor() {
    std::filesystem::remove(scratch_ / "plain");
    scratch_.settle();
    return {{"durable_s", seconds_of([this] {
               write_plain(scratch_ / "plain", workload_.bytes, memory_.span(), workload_.threads,
                           Transfer::kDirect);
             })}};
  }
  ordered_json read_floor_warm() {
    return {{"load_s", seconds_to_read(bring_into_cache, workload_.threads, Transfer::kBuffered)}};
  }
  // The faster of two ways: one thread, for which the kernel reads ahead, or several threads that
  // read past the cache.
  ordered_json read_floor_cold() {
    const double buffered = seconds_to_read(drop_from_cache, 1, Transfer::kBuffered);
    const double direct = seconds_to_read(drop_from_cache, workload_.threads, Transfer::kDirect);
    return {{"load_s", std::min(buffered, direct)}};
  }
  double seconds_to_read(void (*prepare)(const std::string&), int threads, Transfer transfer) {
    prepare(scratch_ / "plain");
    return seconds_of([&] { read_plain(scratch_ / "plain", memory_.span(), threads, transfer); });
  }

  const std::map<std::string, Command> commands_ = {
      {"save", &Server::save},
      {"save-overlap", &Server::save_overlap},
      {"save-idle", &Server::save_idle},
      {"save-overlap-idle", &Server::save_overlap_idle},
      {"load-warm", &Server::load_warm},
      {"load-cold", &Server::load_cold},
      {"write-floor", &Server::write_floor},
      {"read-floor-warm", &Server::read_floor_warm},
      {"read-floor-cold", &Server::read_floor_cold}};
  Scratch scratch_;
  std::shared_ptr<torch::nn::Module> model_;
  Workload workload_;
  AlignedMemory memory_;
  Compute compute_;
  State state_;
  std::optional<SavedRun> blocking_, overlapped_;
};

}  // namespace

Subcommand add_serve(CLI::App& app) {
  const Command command =
      add_command(app, "serve", "Measures on request, in turn with another program");
  command.parser->footer(kProtocol);
  add_bytes(command, {std::uint64_t{1} << 30});
  add_tensors(command, {128});
  add_shards(command, {1});
  add_compute(command);
  return {command.parser, [arguments = command.arguments] { Server(*arguments).run(); }};
}

}  // namespace holdfast::bench
