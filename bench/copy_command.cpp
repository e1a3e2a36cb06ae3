// holdfast_bench copy: the copy that a training waits for in a save, and a plain copy of the same
// pages for comparison. Uses no LibTorch. Measures both in one process, since the speed of memory
// differs from process to process.
#include <holdfast/checkpoint/base/copy.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/save/saver.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "commands.h"
#include "memory_copy.h"
#include "report.h"
#include "scratch.h"
#include "stopwatch.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kHugePage = 2 << 20;

enum class Pages { kSmall, kHuge };

// Memory in pages of one size (if the system gives them), all of which have been written to.
class PagedMemory {
 public:
  PagedMemory(std::uint64_t bytes, Pages pages)
      : size_(round_up(bytes, kHugePage)),
        memory_(static_cast<std::byte*>(std::aligned_alloc(kHugePage, size_))) {
    if (memory_ == nullptr) throw std::bad_alloc();
    madvise(memory_.get(), size_, pages == Pages::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    for (std::size_t at = 0; at < size_; at += sizeof at)
      std::memcpy(memory_.get() + at, &at, sizeof at);
  }
  ByteSpan span() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::size_t size_;
  std::unique_ptr<std::byte, Free> memory_;
};

// A source that copies as that of a contiguous CPU tensor does.
class PlainMemory final : public Source {
 public:
  explicit PlainMemory(const std::byte* data) : data_(data) {}
  void copy(std::uint64_t offset, ByteSpan to) const override {
    copy_past_cache(to.data, data_ + offset, to.size);
  }

 private:
  const std::byte* data_;
};

class CopyBench {
 public:
  CopyBench(const Arguments& arguments, std::uint64_t bytes, Pages pages)
      : repeat_(arguments.repeat),
        workload_{bytes, arguments.tensors.front(), 1, arguments.threads},
        scratch_(arguments.directory, 3 * bytes, 4 * bytes),
        state_(bytes, pages),
        to_(bytes, Pages::kHuge),
        of_pages_(pages == Pages::kHuge ? ", huge pages" : ", 4 KiB pages"),
        store_(posix_file_system(), scratch_ / "run"),
        blocking_(store_, options(false)),
        overlapped_(store_, options(true)) {}

  // The first two rounds do not count: in them the saver takes its memory, and learns that more
  // saves will follow.
  void run(Report& report) {
    for (int i = -2; i < repeat_; ++i) {
      const double bare = seconds_of_bare_copy();
      const double blocking = seconds_of_save(blocking_);
      const double overlapped = seconds_of_save(overlapped_);
      if (i < 0) continue;
      add("bare copy", bare, bare);
      add("save", blocking, bare);
      add("save, overlap", overlapped, bare);
    }
    for (const Result& result : results_) report.add(result);
  }

 private:
  SaverOptions options(bool overlap) const {
    SaverOptions options;
    options.threads = workload_.threads;
    options.overlap = overlap;
    options.max_staging_bytes = workload_.bytes + (64 << 20);
    return options;
  }

  double seconds_of_bare_copy() const {
    return seconds_of([this] {
      copy_memory(state_.span().slice(0, workload_.bytes), to_.span(), workload_.threads,
                  Stores::kStreaming);
    });
  }

  // The measured save has no training between save() and before_step(), also with overlap.
  double seconds_of_save(Saver& saver) {
    scratch_.settle();
    SaveJob job;
    job.manifest.step = ++step_;
    job.manifest.created = utc_now();
    job.manifest.run_id = std::string(32, '0');
    job.items = items();
    const double seconds = seconds_of([&] {
      saver.save(std::move(job));
      saver.finish_staging();
    });
    saver.wait();
    store_.retire(step_);
    return seconds;
  }

  std::vector<Item> items() const {
    const auto count = static_cast<std::uint64_t>(workload_.tensors);
    const std::uint64_t each = workload_.bytes / count;
    std::vector<Item> items(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      items[i].name = "tensor_" + std::to_string(i);
      items[i].shape = {static_cast<std::int64_t>(each)};
      items[i].source = std::make_shared<PlainMemory>(state_.span().data + i * each);
    }
    return items;
  }

  void add(const std::string& name, double seconds, double bare) {
    Result& one = result(name + of_pages_);
    one.add("blocked_s", seconds);
    one.add("to_bare", seconds / bare);
  }

  Result& result(const std::string& name) {
    for (Result& result : results_)
      if (result.name == name) return result;
    return results_.emplace_back(Result{"copy", name, workload_, {}});
  }

  int repeat_;
  Workload workload_;
  Scratch scratch_;
  PagedMemory state_, to_;
  std::string of_pages_;
  RunStore store_;
  Saver blocking_, overlapped_;
  std::int64_t step_ = 0;
  std::deque<Result> results_;
};

}  // namespace

Subcommand add_copy(CLI::App& app) {
  const Command command =
      add_command(app, "copy", "The copy of a save, and a plain copy of the same pages");
  add_bytes(command, {std::uint64_t{1} << 30});
  add_tensors(command, {128});
  return {command.parser, [arguments = command.arguments] {
            Report report(arguments->json, std::cout);
            for (const std::uint64_t bytes : arguments->bytes)
              for (const Pages pages : {Pages::kSmall, Pages::kHuge})
                CopyBench(*arguments, bytes, pages).run(report);
            report.finish();
          }};
}

}  // namespace holdfast::bench
