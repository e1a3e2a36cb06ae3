// What a disk holds, and the changes that a crash keeps or loses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::testing {

using NodeId = int;  // of a file or a directory, as an inode's number; never used again
constexpr NodeId kRoot = 0;

struct Node {
  bool directory = false;
  std::vector<std::byte> bytes;           // a file's
  std::map<std::string, NodeId> entries;  // a directory's
};

// A change that reaches the disk as one, unless it is a write, which can be torn.
struct Change {
  enum class Kind {
    kWrite,   // `bytes` at `offset` of the file
    kResize,  // the file has `offset` bytes
    kLink,    // the directory has the entry `name`, which is `target`
    kUnlink,  // it has it no longer
    kMove,    // the directory's entry `name` has the name `new_name`
  };
  Kind kind = Kind::kWrite;
  NodeId node = kRoot;  // the file or directory that changes
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;
  std::string name, new_name;
  NodeId target = kRoot;
  bool target_is_directory = false;
  // The second half of a move between directories: it is never on the disk without the change
  // before it.
  bool needs_previous = false;
};

std::string describe(const Change& change);  // for messages

// A plain value.
class Disk {
 public:
  Disk();  // an empty root directory

  // Applies it as far as it applies: an entry that is gone, or another's by now, is not removed.
  void apply(const Change& change);

  const Node* find(NodeId id) const;  // nullptr: nothing was ever put there
  // The file or directory at "/a/b"; empty: there is none.
  std::optional<NodeId> at(const std::string& path) const;

  // Equal for disks on which the same is to be found there and below.
  std::string fingerprint(NodeId from = kRoot) const;
  // Forgets what no path leads to.
  void drop_unreachable();

 private:
  friend class MemoryFileSystem;
  Node& node(NodeId id, bool directory);  // made if it is not there

  std::map<NodeId, Node> nodes_;
};

}  // namespace holdfast::testing
