#include <holdfast/checkpoint/exchange/pickle/stack.h>

namespace holdfast::exchange {

void PickleStack::require(std::size_t count) const {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - floor < count) throw objects_.damaged("it takes a value that is not there");
}

const Object& PickleStack::top() const {
  require(1);
  return stack_.back();
}

Object PickleStack::pop() {
  const Object object = top();
  stack_.pop_back();
  return object;
}

std::vector<Object> PickleStack::pop_last(std::size_t count) {
  require(count);
  std::vector<Object> last(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return last;
}

std::vector<Object> PickleStack::pop_to_mark() {
  if (marks_.empty()) throw objects_.damaged("it ends a list that was not begun");
  std::vector<Object> objects = pop_last(stack_.size() - marks_.back());
  marks_.pop_back();
  return objects;
}

}  // namespace holdfast::exchange
