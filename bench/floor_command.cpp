// holdfast_bench floor: writes and reads the same bytes by plain direct and buffered I/O and by
// HDF5, and copies them in memory. Also measures what the first touch of memory costs that was idle
// for a while.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "aligned_memory.h"
#include "commands.h"
#include "hdf5_io.h"
#include "memory_copy.h"
#include "page_cache.h"
#include "plain_io.h"
#include "report.h"
#include "scratch.h"
#include "stopwatch.h"
#include "workers.h"

namespace holdfast::bench {
namespace {

class FloorBench {
 public:
  FloorBench(const Arguments& arguments, std::uint64_t bytes)
      : repeat_(arguments.repeat),
        threads_(arguments.threads),
        idle_(arguments.idle),
        workload_{bytes, arguments.tensors.front(), 1, 1},
        scratch_(arguments.directory, 2 * bytes, 2 * bytes),
        from_(std::max(bytes, kPieceBytes)),
        to_(from_.size()) {}

  void run(Report& report) {
    add_copies();
    add_touches();
    add_plain_io();
    add_hdf5();
    for (int i = 0; i < repeat_; ++i)
      for (Case& one : cases_) measure(one);
    for (const Case& one : cases_) report.add(one.result);
  }

 private:
  using Action = std::function<void()>;
  struct Case {
    Result result;
    Action prepare, action;
  };

  void add(const std::string& name, int threads, Action prepare, Action action) {
    Workload workload = workload_;
    workload.threads = threads;
    const std::string label =
        name + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    cases_.push_back({{"floor", label, workload, {}}, std::move(prepare), std::move(action)});
  }

  // Measures with one thread, and with --threads if that is another number.
  template <typename Add>
  void for_thread_counts(const Add& add) const {
    add(1);
    if (threads_ != 1) add(threads_);
  }

  void add_copies() {
    for_thread_counts([this](int threads) {
      for (const Stores stores : {Stores::kCached, Stores::kStreaming}) {
        add(
            stores == Stores::kCached ? "memcpy" : "copy with streaming stores", threads, [] {},
            [this, threads, stores] {
              copy_memory(from_.span().slice(0, workload_.bytes), to_.span(), threads, stores);
            });
      }
    });
  }

  // The host of a virtual machine may take away pages that the guest has not used for a while, and
  // give them back one by one when they are touched. The guest sees no page fault, only lost time.
  void add_touches() {
    const Action touch = [this] { touch_pages(to_.span()); };
    add("touch of every page, in use", 1, touch, touch);
    add(
        "touch of every page, after idling", 1,
        [this, touch] {
          touch();
          std::this_thread::sleep_for(idle_);
        },
        touch);
  }

  static void touch_pages(ByteSpan memory) {
    constexpr std::size_t kPage = 4096;
    for (std::size_t at = 0; at < memory.size; at += kPage) {
      volatile std::byte& byte = memory.data[at];
      byte = byte ^ std::byte{1};
    }
  }

  void add_plain_io() {
    for_thread_counts([this](int threads) {
      add_write("direct write", threads, Transfer::kDirect);
      add_write("direct write, preallocated", threads, Transfer::kPreallocated);
      add_write("buffered write", threads, Transfer::kBuffered);
      add_read("direct read", threads, Transfer::kDirect, drop_from_cache);
      add_read("buffered read, cold", threads, Transfer::kBuffered, drop_from_cache);
      add_read("buffered read, warm", threads, Transfer::kBuffered, bring_into_cache);
    });
  }

  void add_write(const std::string& name, int threads, Transfer transfer) {
    add(
        name, threads, [this] { start_anew("plain"); },
        [this, threads, transfer] {
          write_plain(scratch_ / "plain", workload_.bytes, from_.span(), threads, transfer);
        });
  }

  // Reads the file that the write before it has left.
  void add_read(const std::string& name, int threads, Transfer transfer,
                void (*prepare)(const std::string&)) {
    add(
        name, threads, [this, prepare] { prepare(scratch_ / "plain"); },
        [this, threads, transfer] {
          read_plain(scratch_ / "plain", to_.span(), threads, transfer);
        });
  }

  void add_hdf5() {
    const std::string path = scratch_ / "hdf5";
    add(
        "HDF5 write", 1, [this] { start_anew("hdf5"); },
        [this, path] { write_hdf5(path, workload_.bytes, workload_.tensors, from_.span()); });
    const Action read = [this, path] { read_hdf5(path, workload_.tensors, to_.span()); };
    add(
        "HDF5 read, cold", 1, [path] { drop_from_cache(path); }, read);
    add(
        "HDF5 read, warm", 1, [path] { bring_into_cache(path); }, read);
  }

  void start_anew(const std::string& file) const {
    std::filesystem::remove(scratch_ / file);
    scratch_.settle();
  }

  void measure(Case& one) const {
    one.prepare();
    const double seconds = seconds_of(one.action);
    one.result.add("time_s", seconds);
    one.result.add("rate_gb_s", static_cast<double>(workload_.bytes) / 1e9 / seconds);
  }

  int repeat_, threads_;
  std::chrono::duration<double> idle_;
  Workload workload_;
  Scratch scratch_;
  AlignedMemory from_, to_;
  std::vector<Case> cases_;
};

}  // namespace

Subcommand add_floor(CLI::App& app) {
  const Command command =
      add_command(app, "floor", "The limits of the machine: plain I/O, HDF5, and memory");
  add_bytes(command, {std::uint64_t{1} << 30});
  add_tensors(command, {128});
  add_idle(command);
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::uint64_t bytes : arguments->bytes)
              FloorBench(*arguments, bytes).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
