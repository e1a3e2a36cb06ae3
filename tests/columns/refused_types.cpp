// Types that must not compile, each with a message that says what to do instead. `REFUSED` picks
// one; see CMakeLists.txt.
#include <memory>
#include <vector>

#include <holdfast/checkpoint/columns/stored_value.h>

namespace {

#if REFUSED == 0  // all is well: the file itself compiles
using Type = std::vector<int>;
#elif REFUSED == 1
struct Type {
  int a = 0;
};
#elif REFUSED == 2
using Type = std::vector<std::shared_ptr<int> >;
#elif REFUSED == 3
using Type = int*;
#elif REFUSED == 4
struct Element {
  explicit Element(int start) : a(start) {}
  int a;
  HOLDFAST_FIELDS(a)
};
using Type = std::vector<Element>;
#elif REFUSED == 5
struct Base {
  int a = 0;
  HOLDFAST_FIELDS(a)
};
struct Type : Base {
  int b = 0;
};
#elif REFUSED == 6
struct Base {
  int a = 0;
};
HOLDFAST_FIELDS_OF(Base, a)
struct Type : Base {
  int b = 0;
};
#elif REFUSED == 7
using Type = std::map<int, std::string_view>;
#endif

}  // namespace

void add(Type& value) {
  holdfast::ColumnsOf<Type> columns(value);
  holdfast::StoredValue& stored = columns;
  stored.load();
}
