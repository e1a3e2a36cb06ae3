// The stack of the machine that reads a pickle. Internal to exchange/.
#pragma once

#include <cstddef>
#include <vector>

#include <holdfast/checkpoint/exchange/pickle/objects.h>

namespace holdfast::exchange {

// Error(kCorrupt) if more is popped than lies above the last mark; pop_to_mark() removes the mark.
class PickleStack {
 public:
  explicit PickleStack(const PickleObjects& objects) : objects_(objects) {}  // they outlive this

  void push(const Object& object) { stack_.push_back(object); }
  void mark() { marks_.push_back(stack_.size()); }

  const Object& top() const;
  Object pop();
  std::vector<Object> pop_last(std::size_t count);  // in the order they were pushed
  std::vector<Object> pop_to_mark();                // all behind the last mark, and the mark

 private:
  void require(std::size_t count) const;

  const PickleObjects& objects_;
  std::vector<Object> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
};

}  // namespace holdfast::exchange
