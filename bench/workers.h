// Threads for the measurements that Holdfast is compared with: they use none of Holdfast's own
// code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace holdfast::bench {

// Runs task(0) … task(count - 1) on that many threads; each takes the next task that is left. When
// all threads have ended, throws the first exception of a task, if there was one.
void run_tasks(int threads, std::size_t count, const std::function<void(std::size_t)>& task);

inline constexpr std::uint64_t kPieceBytes = 8 << 20;  // bytes of one piece

// Cuts `bytes` bytes into pieces, and runs task(offset, size) for each in the same way.
void for_each_piece(int threads, std::uint64_t bytes,
                    const std::function<void(std::uint64_t, std::uint64_t)>& task);

}  // namespace holdfast::bench
