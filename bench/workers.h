// Threads for what is measured against: nothing of Holdfast's own, and no pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace holdfast::bench {

// Runs task(0) … task(count - 1) on so many threads, each taking the next that is left. Throws what
// a task threw first, when all threads have ended.
void run_tasks(int threads, std::size_t count, const std::function<void(std::size_t)>& task);

inline constexpr std::uint64_t kPieceBytes = 8 << 20;  // a task's share, of bytes

// The same for the pieces of `bytes` bytes: task(offset, size).
void for_each_piece(int threads, std::uint64_t bytes,
                    const std::function<void(std::uint64_t, std::uint64_t)>& task);

}  // namespace holdfast::bench
