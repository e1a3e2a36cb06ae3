// The skeletons of one save after the other, of which as little as can be is built anew.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <holdfast/checkpoint/save/skeleton.h>

namespace holdfast {

// Learns what varies: an item that was of another kind, dtype, shape or tie in the save before, or
// that went, lies in one shard more from then on, with others of its kind. To learn of one takes a
// build of everything. After that a save builds what varies, and nothing if nothing has changed.
//
// New names join what varies, but for the first ones (an optimizer gets its state in its first
// step) and for many at once. When what varies no longer has been built as often without need as
// would pay for everything, everything is built, and it is steady again; each time that this was
// wrong it takes twice as much to be tried again.
class SkeletonSeries {
 public:
  explicit SkeletonSeries(int shards) : shards_(shards) {}

  // The skeleton of these items, valid until the next call. The one before must not be in use any
  // more. Errors as those of plan() and format::lay_out_shard(): the next call starts anew.
  std::shared_ptr<const Skeleton> next(const std::vector<Item>& items);

  // How often everything was built, and how often what varies alone: for tests.
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
  Names known_;           // to vary; also of items that went and may come again
  Names promoted_;        // were known to vary, and are taken for steady
  Names changed_;         // of what varies, in this period: since idle_ was 0
  std::size_t idle_ = 0;  // entries that were built anew without having changed, in this period
  std::size_t patience_ = 1;
  bool has_grown_ = false;  // there were new names before
  int builds_ = 0, adaptions_ = 0;
};

}  // namespace holdfast
