#include "workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast::bench {

void run_tasks(int threads, std::size_t count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) task(i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (failure == nullptr) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

void for_each_piece(int threads, std::uint64_t bytes,
                    const std::function<void(std::uint64_t, std::uint64_t)>& task) {
  const auto count = static_cast<std::size_t>((bytes + kPieceBytes - 1) / kPieceBytes);
  run_tasks(threads, count, [&](std::size_t i) {
    const std::uint64_t offset = i * kPieceBytes;
    task(offset, std::min(kPieceBytes, bytes - offset));
  });
}

}  // namespace holdfast::bench
