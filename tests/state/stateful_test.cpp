// Objects of a user's own: what they write comes back, and what they throw is told.
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <new>
#include <stdexcept>

#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

// An object whose save and load a test writes in place.
struct Object : Stateful {
  std::function<void(StateWriter&)> on_save = [](StateWriter&) {};
  std::function<void(const StateReader&)> on_load = [](const StateReader&) {};

  void save(StateWriter& writer) const override { on_save(writer); }
  void load(const StateReader& reader) override { on_load(reader); }
};

// Saves an object with `save` and restores it with `load`.
void round_trip(const std::function<void(StateWriter&)>& save,
                const std::function<void(const StateReader&)>& load) {
  Object object;
  object.on_save = save;
  bool loaded = false;
  object.on_load = [&](const StateReader& reader) {
    loaded = true;
    load(reader);
  };
  State state;
  state.add("object", object);
  MemoryCheckpoint(state).restore(state);
  EXPECT_TRUE(loaded);
}

TEST(Stateful, GetsBackValuesOfEveryKind) {
  round_trip(
      [](StateWriter& writer) {
        writer.integer("int", std::numeric_limits<std::int64_t>::min());
        writer.real("real", -0.0);
        writer.boolean("yes", true);
        writer.text("text", std::string_view("gr\xc3\xbc\xc3\x9f\0\n", 8));
        writer.text("empty", "");
        writer.none("none");
        writer.tensor("tensor", at::arange(3));
      },
      [](const StateReader& reader) {
        EXPECT_EQ(reader.integer("int"), std::numeric_limits<std::int64_t>::min());
        EXPECT_TRUE(std::signbit(reader.real("real")));
        EXPECT_TRUE(reader.boolean("yes"));
        EXPECT_EQ(reader.text("text"), std::string_view("gr\xc3\xbc\xc3\x9f\0\n", 8));
        EXPECT_EQ(reader.text("empty"), "");
        EXPECT_TRUE(reader.is_none("none"));
        EXPECT_FALSE(reader.is_none("int"));
        EXPECT_TRUE(same_bits(reader.tensor("tensor"), at::arange(3)));
        EXPECT_EQ(reader.names().size(), 7u);
        EXPECT_EQ(reader.names().front(), "int");
      });
}

TEST(Stateful, GetsBackGroupsWithinGroupsAndAnyNames) {
  round_trip(
      [](StateWriter& writer) {
        writer.group("a/b").group("").integer("..", 1);
        writer.group("a/b").integer("x", 2);
        writer.group("nothing").group("in it");
      },
      [](const StateReader& reader) {
        EXPECT_EQ(reader.group("a/b").group("").integer(".."), 1);
        EXPECT_EQ(reader.group("a/b").integer("x"), 2);
        EXPECT_TRUE(reader.contains("a/b"));
        EXPECT_FALSE(reader.contains("a"));
        EXPECT_THAT(reader.group("nothing").group("in it").names(), ::testing::IsEmpty());
      });
}

TEST(Stateful, WithoutValuesIsRestoredToo) {
  round_trip([](StateWriter&) {},
             [](const StateReader& reader) { EXPECT_THAT(reader.names(), ::testing::IsEmpty()); });
}

TEST(Stateful, IsToldByNameWhatIsNotThereOrOfAnotherKind) {
  round_trip([](StateWriter& writer) { writer.integer("count", 1); },
             [](const StateReader& reader) {
               const auto kMismatch = ErrorKind::kMismatch;
               expect_error(kMismatch, "user/object/gone", [&] { reader.integer("gone"); });
               expect_error(kMismatch, "user/object/gone", [&] { reader.group("gone"); });
               expect_error(kMismatch, "user/object/count", [&] { reader.text("count"); });
               expect_error(kMismatch, "user/object/count", [&] { reader.tensor("count"); });
               expect_error(kMismatch, "expected a real number, found scalar of Long",
                            [&] { reader.real("count"); });
             });
}

void expect_name_refused(const std::function<void(StateWriter&)>& save) {
  Object object;
  object.on_save = save;
  State state;
  state.add("object", object);
  expect_error(ErrorKind::kInvalidArgument, "user/object/x", [&] { capture(state); });
}

TEST(Stateful, MayGiveANameOnce) {
  expect_name_refused([](StateWriter& writer) {
    writer.integer("x", 1);
    writer.real("x", 1);
  });
  expect_name_refused([](StateWriter& writer) {
    writer.integer("x", 1);
    writer.group("x");
  });
  expect_name_refused([](StateWriter& writer) {
    writer.group("x");
    writer.integer("x", 1);
  });
}

TEST(Stateful, LivesUnderTheNameOfItsKind) {
  Object object;
  object.on_save = [](StateWriter& writer) { writer.integer("n", 1); };
  State state;
  state.add("a", object).sampler("b", object).scheduler("c", object);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_NE(checkpoint.find("user/a/n"), nullptr);
  EXPECT_NE(checkpoint.find("data/b/n"), nullptr);
  EXPECT_NE(checkpoint.find("schedulers/c/n"), nullptr);
}

TEST(Stateful, ThatDrawsNumbersInLoadDoesNotMoveTheGenerator) {
  Object object;
  object.on_load = [](const StateReader&) { torch::nn::Linear(10, 10); };
  State state;
  state.rng().add("object", object);
  const MemoryCheckpoint checkpoint(state);
  const at::Tensor next = at::randn({4});
  checkpoint.restore(state);
  EXPECT_TRUE(same_bits(at::randn({4}), next));
}

// Lets an object throw `thrown` from save() and from load(). Expects both to reach the caller as an
// Error of this kind that names the object, with `thrown` nested in it under its own type.
template <typename Thrown>
void expect_both_throw(const Thrown& thrown, ErrorKind kind, const std::string& words) {
  Object object;
  State state;
  state.add("object", object);
  const MemoryCheckpoint checkpoint(state);
  object.on_save = [&](StateWriter&) { throw thrown; };
  object.on_load = [&](const StateReader&) { throw thrown; };
  const auto expect_nested = [&](const char* problem, const auto& action) {
    try {
      action();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_STREQ(to_string(error.kind()), to_string(kind));
      EXPECT_EQ(error.path(), "user/object");
      EXPECT_THAT(error.what(), ::testing::HasSubstr(problem + words));
      EXPECT_THROW(std::rethrow_if_nested(error), Thrown);
    }
  };
  expect_nested("user/object: the object could not be saved: ", [&] { capture(state); });
  expect_nested("user/object: the object does not take what the checkpoint has for it: ",
                [&] { checkpoint.restore(state); });
}

TEST(Stateful, IsNamedWithWhatItThrowsAndTheTypeOfItIsKept) {
  struct Own : std::runtime_error {
    using runtime_error::runtime_error;
  };
  expect_both_throw(Own("no queue"), ErrorKind::kIo, "no queue");
  expect_both_throw(7, ErrorKind::kIo, "something that is no std::exception");
  expect_both_throw(Error(ErrorKind::kMismatch, "made of another data set"), ErrorKind::kMismatch,
                    "made of another data set");
  expect_both_throw(Error(ErrorKind::kPermission, "cannot open").at("/data"),
                    ErrorKind::kPermission, "/data: cannot open");
}

TEST(Stateful, IsNotBlamedWhereMemoryRunsOut) {
  Object object;
  State state;
  state.add("object", object);
  const MemoryCheckpoint checkpoint(state);
  object.on_save = [](StateWriter&) { throw std::bad_alloc(); };
  object.on_load = [](const StateReader&) { throw std::bad_alloc(); };
  EXPECT_THROW(capture(state), std::bad_alloc);
  EXPECT_THROW(checkpoint.restore(state), std::bad_alloc);
}

TEST(Stateful, ThatFailsInLibTorchIsNamedToo) {
  Object object;
  object.on_save = [](StateWriter&) { at::ones({2}) + at::ones({3}); };
  State state;
  state.add("object", object);
  try {
    capture(state);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(to_string(error.kind()), to_string(ErrorKind::kUnsupported));
    EXPECT_EQ(error.path(), "user/object");
    EXPECT_THROW(std::rethrow_if_nested(error), c10::Error);
  }
}

}  // namespace
}  // namespace holdfast::testing
