#include "disk/disk.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/digest.h>

namespace holdfast::testing {
namespace {

void append(std::vector<std::byte>& text, const void* from, std::size_t count) {
  const auto* const bytes = static_cast<const std::byte*>(from);
  text.insert(text.end(), bytes, bytes + count);
}

void append_number(std::vector<std::byte>& text, std::uint64_t number) {
  append(text, &number, sizeof number);
}

}  // namespace

std::string describe(const Change& change) {
  const std::string of = " of node " + std::to_string(change.node);
  switch (change.kind) {
    case Change::Kind::kWrite:
      return "write " + std::to_string(change.bytes.size()) + " bytes at " +
             std::to_string(change.offset) + of;
    case Change::Kind::kResize:
      return "resize to " + std::to_string(change.offset) + of;
    case Change::Kind::kLink:
      return "link " + change.name + " (node " + std::to_string(change.target) + ")" + of;
    case Change::Kind::kUnlink:
      return "unlink " + change.name + of;
    case Change::Kind::kMove:
      return "move " + change.name + " to " + change.new_name + of;
  }
  return {};
}

Disk::Disk() {
  nodes_[kRoot].directory = true;
}

Node& Disk::node(NodeId id, bool directory) {
  const auto [found, made] = nodes_.try_emplace(id);
  if (made) found->second.directory = directory;
  return found->second;
}

void Disk::apply(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kWrite: {
      std::vector<std::byte>& bytes = node(change.node, false).bytes;
      bytes.resize(std::max<std::size_t>(bytes.size(), change.offset + change.bytes.size()));
      if (!change.bytes.empty())
        std::memcpy(bytes.data() + change.offset, change.bytes.data(), change.bytes.size());
      return;
    }
    case Change::Kind::kResize:
      node(change.node, false).bytes.resize(change.offset);
      return;
    case Change::Kind::kLink:
      node(change.target, change.target_is_directory);
      node(change.node, true).entries[change.name] = change.target;
      return;
    case Change::Kind::kUnlink:
    case Change::Kind::kMove: {
      auto& entries = node(change.node, true).entries;
      const auto found = entries.find(change.name);
      if (found != entries.end() && found->second == change.target) entries.erase(found);
      if (change.kind == Change::Kind::kUnlink) return;
      node(change.target, change.target_is_directory);
      entries[change.new_name] = change.target;
      return;
    }
  }
}

const Node* Disk::find(NodeId id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

std::optional<NodeId> Disk::at(const std::string& path) const {
  NodeId id = kRoot;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty()) continue;
    const auto& entries = nodes_.at(id).entries;
    const auto found = entries.find(name);
    if (found == entries.end()) return std::nullopt;
    id = found->second;
  }
  return id;
}

std::string Disk::fingerprint(NodeId from) const {
  std::vector<std::byte> text;
  std::vector<NodeId> left = {from};
  while (!left.empty()) {
    const Node& node = nodes_.at(left.back());
    left.pop_back();
    append_number(text, node.directory);
    append_number(text, node.bytes.size());
    append(text, node.bytes.data(), node.bytes.size());
    append_number(text, node.entries.size());
    for (const auto& [name, id] : node.entries) {
      append_number(text, name.size());
      append(text, name.data(), name.size());
      left.push_back(id);
    }
  }
  return digest_of(ByteView(text)).hex();
}

void Disk::drop_unreachable() {
  std::set<NodeId> reachable;
  std::vector<NodeId> left = {kRoot};
  while (!left.empty()) {
    const NodeId id = left.back();
    left.pop_back();
    if (!reachable.insert(id).second) continue;
    for (const auto& [name, child] : nodes_.at(id).entries) left.push_back(child);
  }
  for (auto it = nodes_.begin(); it != nodes_.end();)
    it = reachable.count(it->first) != 0 ? std::next(it) : nodes_.erase(it);
}

}  // namespace holdfast::testing
