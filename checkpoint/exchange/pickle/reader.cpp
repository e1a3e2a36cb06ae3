#include <holdfast/checkpoint/exchange/pickle/reader.h>

#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/exchange/pickle/objects.h>
#include <holdfast/checkpoint/exchange/pickle/opcodes.h>
#include <holdfast/checkpoint/exchange/pickle/stack.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

using Type = Object::Type;

constexpr std::uint64_t kMaxInstructions = 16'000'000;

// Python's stack machine, without the instructions that could run code.
class Machine {
 public:
  Machine(ByteView pickle, const FindStorage& find_storage, const std::string& path)
      : pickle_(pickle), objects_(pickle, find_storage, path) {}

  Value run() {
    begin();
    for (std::uint64_t n = 0; n < kMaxInstructions; ++n) {
      const auto opcode = static_cast<Opcode>(number(1));
      if (opcode == kStop) return objects_.value_of(stack_.pop());
      const bool is_known = push_value(opcode) || push_text(opcode) || make_sequence(opcode) ||
                            fill_container(opcode) || use_memo(opcode) || move_stack(opcode) ||
                            build_object(opcode);
      if (!is_known) refuse(opcode);
    }
    throw objects_.damaged("too many instructions");
  }

 private:
  void begin() {
    const bool is_binary = pickle_.size >= 2 && number(1) == kProto;
    const std::uint64_t protocol = is_binary ? number(1) : 0;
    if (protocol >= 2 && protocol <= 5) return;
    throw objects_.refused("the pickle has an unknown protocol")
        .expected("protocol 2 to 5")
        .found(is_binary ? std::to_string(protocol) : "none");
  }

  [[noreturn]] void refuse(Opcode opcode) const {
    throw objects_.refused("the pickle has an instruction that Holdfast refuses")
        .expected("plain Python values and dense tensors: no sets, bytes or objects of classes")
        .found("instruction " + std::to_string(opcode) + " at byte " +
               std::to_string(position_ - 1));
  }

  // Constants.
  bool push_value(Opcode opcode) {
    switch (opcode) {
      case kNone:
        return push(Object(Type::kNone));
      case kNewTrue:
      case kNewFalse:
        return push_bool(opcode == kNewTrue);
      case kBinInt:
        return push_integer(static_cast<std::int32_t>(number(4)));
      case kBinInt1:
        return push_integer(static_cast<std::int64_t>(number(1)));
      case kBinInt2:
        return push_integer(static_cast<std::int64_t>(number(2)));
      case kLong1:
        return push_long(number(1));
      case kBinFloat:
        return push_real();
      default:
        return false;
    }
  }

  bool push_text(Opcode opcode) {
    switch (opcode) {
      case kShortBinUnicode:
      case kShortBinString:
        return push_text(number(1));
      case kBinUnicode:
      case kBinString:
        return push_text(number(4));
      case kBinUnicode8:
        return push_text(number(8));
      default:
        return false;
    }
  }

  bool make_sequence(Opcode opcode) {
    switch (opcode) {
      case kEmptyTuple:
        return push(objects_.container(Type::kTuple));
      case kEmptyList:
        return push(objects_.container(Type::kList));
      case kEmptyDict:
        return push(objects_.container(Type::kDict));
      case kTuple:
        return push(objects_.container(Type::kTuple, stack_.pop_to_mark()));
      case kTuple1:
      case kTuple2:
      case kTuple3:
        return push(objects_.container(Type::kTuple, stack_.pop_last(opcode - kTuple1 + 1)));
      default:
        return false;
    }
  }

  bool fill_container(Opcode opcode) {
    switch (opcode) {
      case kAppend:
        return append(stack_.pop_last(1));
      case kAppends:
        return append(stack_.pop_to_mark());
      case kSetItem:
        return set_items(stack_.pop_last(2));
      case kSetItems:
        return set_items(stack_.pop_to_mark());
      default:
        return false;
    }
  }

  bool use_memo(Opcode opcode) {
    switch (opcode) {
      case kBinGet:
        return get(number(1));
      case kLongBinGet:
        return get(number(4));
      case kBinPut:
        return put(number(1));
      case kLongBinPut:
        return put(number(4));
      case kMemoize:
        return put(memo_.size());
      default:
        return false;
    }
  }

  bool move_stack(Opcode opcode) {
    switch (opcode) {
      case kMark:
        stack_.mark();
        return true;
      case kPop:
        stack_.pop();
        return true;
      case kPopMark:
        stack_.pop_to_mark();
        return true;
      case kDup:
        return push(stack_.top());
      case kFrame:
        if (number(8) > pickle_.size - position_) throw objects_.damaged("it ends within a frame");
        return true;
      default:
        return false;
    }
  }

  bool build_object(Opcode opcode) {
    switch (opcode) {
      case kGlobalName: {
        const std::string_view module = line();
        return push(objects_.global(module, line()));
      }
      case kStackGlobal: {
        const std::vector<Object> names = stack_.pop_last(2);
        if (names[0].type != Type::kText || names[1].type != Type::kText)
          throw objects_.damaged("a global has no name");
        return push(objects_.global(objects_.text(names[0]), objects_.text(names[1])));
      }
      case kReduce: {
        const std::vector<Object> call = stack_.pop_last(2);
        return push(objects_.call(call[0], call[1]));
      }
      case kBinPersid:
        return push(objects_.persistent(stack_.pop()));
      case kBuild:  // sets attributes; those of an OrderedDict are left out
        stack_.pop();
        if (stack_.top().type != Type::kOrderedDict)
          throw objects_.refused("the pickle sets attributes of an object");
        return true;
      default:
        return false;
    }
  }

  bool push(const Object& object) {
    stack_.push(object);
    return true;
  }
  bool push_bool(bool value) {
    Object object(Type::kBool);
    object.boolean = value;
    return push(object);
  }
  bool push_integer(std::int64_t value) {
    Object object(Type::kInteger);
    object.integer = value;
    return push(object);
  }
  // An integer of that many bytes, in two's complement.
  bool push_long(std::uint64_t bytes) {
    if (bytes > 8) throw objects_.refused("an integer of more than 64 bits");
    if (bytes == 0) return push_integer(0);
    const auto unused = 64 - 8 * bytes;
    return push_integer(static_cast<std::int64_t>(number(bytes) << unused) >> unused);
  }
  bool push_real() {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | number(1);
    Object object(Type::kReal);
    std::memcpy(&object.real, &bits, sizeof bits);
    return push(object);
  }
  bool push_text(std::uint64_t bytes) {
    Object object(Type::kText);
    object.text = {static_cast<std::uint32_t>(position_), static_cast<std::uint32_t>(bytes)};
    if (!format::is_utf8(take(bytes).text()))
      throw objects_.refused("the pickle has a string that is not UTF-8");
    return push(object);
  }

  bool append(const std::vector<Object>& elements) {
    if (stack_.top().type != Type::kList)
      throw objects_.damaged("it appends to something that is not a list");
    std::vector<Object>& list = objects_.elements(stack_.top());
    list.insert(list.end(), elements.begin(), elements.end());
    return true;
  }

  bool set_items(const std::vector<Object>& pairs) {
    const bool is_dict =
        stack_.top().type == Type::kDict || stack_.top().type == Type::kOrderedDict;
    if (!is_dict || pairs.size() % 2 != 0)
      throw objects_.damaged("it sets items of something that is not a dict");
    std::vector<Object>& dict = objects_.elements(stack_.top());
    dict.insert(dict.end(), pairs.begin(), pairs.end());
    return true;
  }

  bool get(std::uint64_t index) {
    if (index >= memo_.size()) throw objects_.damaged("it recalls a value that it has not stored");
    return push(memo_[index]);
  }

  // Python numbers what it stores one after the other.
  bool put(std::uint64_t index) {
    if (index > memo_.size()) throw objects_.damaged("it stores a value out of order");
    if (index == memo_.size()) memo_.emplace_back();
    memo_[index] = stack_.top();
    return true;
  }

  ByteView take(std::uint64_t bytes) {
    if (bytes > pickle_.size - position_) throw objects_.damaged("it ends too early");
    const ByteView taken = pickle_.slice(position_, bytes);
    position_ += bytes;
    return taken;
  }

  // Little-endian, of 1 to 8 bytes.
  std::uint64_t number(std::uint64_t bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(bytes).data, bytes);
    return value;
  }

  std::string_view line() {
    const std::string_view rest = pickle_.text().substr(position_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) throw objects_.damaged("a name has no end");
    return take(end + 1).text().substr(0, end);
  }

  ByteView pickle_;
  std::size_t position_ = 0;
  PickleObjects objects_;
  PickleStack stack_{objects_};
  std::vector<Object> memo_;
};

}  // namespace

Value read_pickle(ByteView pickle, const FindStorage& find_storage, const std::string& path) {
  if (pickle.size > kMaxPickleBytes)
    throw Error(ErrorKind::kCorrupt, "the pickle is too large for what it is")
        .at(path)
        .expected(std::to_string(kMaxPickleBytes) + " bytes at most")
        .found(std::to_string(pickle.size));
  return Machine(pickle, find_storage, path).run();
}

}  // namespace holdfast::exchange
