// What a disk can hold after a crash.
//
// The model, which asks less of a file system than ext4, XFS and btrfs give, and than POSIX says of
// fsync:
//  - fsync of a file makes its data and size durable, fsync of a directory its entries, and nothing
//    else does. (A file's fsync does not make its name durable.)
//  - After an fsync that failed, what was written to the file before it is never durable, whatever
//    a later fsync says: the kernel has dropped it, or not.
//  - Every change since is there or not, by itself, whatever the order in which it was made: a
//    write, a change of size, a new entry, a removed one, a rename within a directory.
//  - A rename between directories may leave both names, but not none.
//  - A write may be torn: any of its sectors (512 bytes) or pages (4 KiB) are there or not, and the
//    file may have its new size without them, reading as zeros.
//
// What it trusts: a sector has its old or its new content; an fsync of a directory that succeeds
// after one that failed is taken at its word, as there is no other way to make a name durable; so
// is one of a file for a change of its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "disk/disk.h"
#include "disk/memory_file_system.h"

namespace holdfast::testing {

struct CrashOptions {
  // After every change: all subsets of the changes that are not durable, if they are no more than
  // this many. Beyond: none and all of them, each one and each pair left out, each alone.
  std::size_t exhaustive = 12;
  int samples = 32;  // and beyond, this many random subsets
  // After every change: random tears of each write that is not durable.
  int torn = 8;
  // After a write, once: it is cut behind each of its sectors, and each of them is missing; so for
  // its pages where the sectors are more than this many; not at all where the pages are too. With
  // its new size and without, with all else that is not durable and with nothing but its name.
  std::size_t cuts = 16;
  std::uint64_t seed = 1;
};

struct CrashState {
  const Disk& disk;
  std::int64_t mark;  // the last that the program was told before the crash; -1: nothing
  std::string story;  // where it crashed, and what was lost
};

// Visits every state that a crash can leave while the changes of one of the logs are made to
// `start`, up to the random samples. A state that was visited with the same mark is not visited
// again. Returns how many there were.
std::size_t for_each_crash_state(const Disk& start, const std::vector<std::vector<LogEntry>>& logs,
                                 const CrashOptions& options,
                                 const std::function<void(const CrashState&)>& visit);

}  // namespace holdfast::testing
