// The skeletons of a series of saves. Builds as little anew as it can.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <holdfast/checkpoint/save/skeleton.h>

namespace holdfast {

// Learns which items vary: an item whose kind, dtype, shape or tie has changed since the save
// before, or that has gone, lies from then on in one more shard, with the others that vary.
// Learning of one builds everything anew. After that, a save builds only what varies, or nothing if
// nothing changed.
//
// New names are taken to vary, except the first ones (an optimizer gets its state in its first
// step) and many at once.
//
// Items may stop varying. Building them each time then costs more than it saves: when that has
// added up to the cost of building everything, everything is built, and they are steady again. Each
// time that this turns out wrong, it takes twice as much until it is tried again.
class SkeletonSeries {
 public:
  explicit SkeletonSeries(int shards) : shards_(shards) {}

  // Returns the skeleton of these items. The skeleton of the call before must not be in use any
  // more: it may be changed. Errors are those of plan() and format::lay_out_shard(); after one, the
  // next call starts anew.
  std::shared_ptr<const Skeleton> next(const std::vector<Item>& items);

  // How often everything was built, and how often only what varies.
  int builds() const { return builds_; }
  int adaptions() const { return adaptions_; }

 private:
  bool can_adapt(const std::vector<Item>& items, const StructureChange& change) const;
  void adapt(const std::vector<Item>& items, const StructureChange& change);
  void build(const std::vector<Item>& items);
  void learn(const std::vector<Item>& items, const StructureChange& change);
  bool has_idled_too_long(const std::vector<Item>& items, const StructureChange& change);
  bool promote(const std::vector<Item>& items);
  void forget_what_went(const std::vector<Item>& items);

  using Names = std::unordered_set<std::string>;

  const int shards_;
  std::shared_ptr<Skeleton> skeleton_;
  // A period begins when what varies is looked through, see promote().
  Names known_;               // to vary; also items that have gone and may come back
  Names promoted_;            // were known to vary, and are taken for steady now
  Names changed_;             // those that vary and have changed in this period
  std::size_t idle_ = 0;      // entries built anew in this period without having changed
  std::size_t patience_ = 1;  // a period ends when idle_ is so many times the number of items
  bool has_grown_ = false;    // there were new names before
  int builds_ = 0, adaptions_ = 0;
};

}  // namespace holdfast
