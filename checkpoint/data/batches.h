// The batches of a DataLoader, counted as the loop gets them.
#pragma once

#include <utility>

#include <holdfast/checkpoint/data/sampler.h>

namespace holdfast {

// One epoch of a DataLoader whose sampler is a holdfast::Sampler, or the rest of one. References to
// both. See batches().
template <typename Loader>
class Batches {
  using Inner = decltype(std::declval<Loader&>().begin());

 public:
  // Goes forward only, as the loader's own iterators.
  class Iterator {
   public:
    Iterator(Inner inner, Sampler* sampler) : inner_(std::move(inner)), sampler_(sampler) {}

    auto& operator*() {
      if (!is_counted_) sampler_->consume();
      is_counted_ = true;
      return *inner_;
    }
    Iterator& operator++() {
      ++inner_;
      is_counted_ = false;
      return *this;
    }
    bool operator!=(const Iterator& end) const {
      const bool is_more = inner_ != end.inner_;
      if (!is_more) sampler_->end_epoch();
      return is_more;
    }

   private:
    Inner inner_;
    Sampler* sampler_;
    bool is_counted_ = false;
  };

  Batches(Loader& loader, Sampler& sampler) : loader_(loader), sampler_(sampler) {}
  Iterator begin() { return {loader_.begin(), &sampler_}; }
  Iterator end() { return {loader_.end(), &sampler_}; }

 private:
  Loader& loader_;
  Sampler& sampler_;
};

// For a range-based loop: `for (auto& batch : holdfast::batches(*loader, sampler))`. A batch counts
// as consumed when the loop gets it, so save after it was trained on. When the loop has had all
// batches, the sampler is at the start of the next epoch.
template <typename Loader>
Batches<Loader> batches(Loader& loader, Sampler& sampler) {
  return {loader, sampler};
}

}  // namespace holdfast
