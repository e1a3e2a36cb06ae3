#include <holdfast/checkpoint/marks/marks.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/mark_checkpoint.h>

#include "run/run_fixture.h"
#include "support/files.h"
#include "support/hooked_file_system.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::IsEmpty;

constexpr const char* kTime = "2026-01-31T12:00:00.000Z";

class MarksTest : public testing::StoreTest {
 protected:
  MarksTest() {
    for (const std::int64_t step : {100, 200, 300}) save_in_a_run_of_its_own(step);
  }

  Directory root() const { return look(run()); }
  CheckpointId id(std::int64_t step) const {
    return identify(look(checkpoints() + "/" + format::step_directory_name(step)), step);
  }
  // Another one of the same step, as after going back.
  void save_anew(std::int64_t step) const {
    testing::write_file(checkpoints() + "/" + format::step_directory_name(step) + "/manifest.json",
                        "another");
  }
  std::vector<std::int64_t> protected_steps() const {
    const Directory directory = root();
    return Marks(directory).protected_steps(look(checkpoints()));
  }
};

TEST_F(MarksTest, ARunWithoutMarksHasNone) {
  const Directory directory = root();
  const Marks marks(directory);
  EXPECT_THAT(marks.pins(), IsEmpty());
  EXPECT_THAT(marks.tags(), IsEmpty());
  EXPECT_THAT(marks.verified(), IsEmpty());
  EXPECT_THAT(protected_steps(), IsEmpty());
}

TEST_F(MarksTest, APinStaysUntilItIsTakenAway) {
  const Directory directory = root();
  Marks marks(directory);
  marks.pin(id(200));
  marks.pin(id(200));
  EXPECT_THAT(Marks(directory).pins(), ElementsAre(id(200)));
  EXPECT_THAT(protected_steps(), ElementsAre(200));
  EXPECT_TRUE(marks.unpin(200));
  EXPECT_FALSE(marks.unpin(200));
  EXPECT_THAT(protected_steps(), IsEmpty());
}

TEST_F(MarksTest, ATagNamesACheckpointAndMoves) {
  const Directory directory = root();
  Marks marks(directory);
  marks.tag("paper", id(100));
  marks.tag("paper", id(300));
  marks.tag("v1.0_final-2", id(300));
  EXPECT_EQ(marks.tags().at("paper"), id(300));
  EXPECT_THAT(protected_steps(), ElementsAre(300));
  EXPECT_TRUE(marks.remove_tag("paper"));
  EXPECT_FALSE(marks.remove_tag("paper"));
  EXPECT_THAT(protected_steps(), ElementsAre(300)) << "it has another tag";
}

TEST_F(MarksTest, SomeNamesAreNoTags) {
  const Directory directory = root();
  for (const std::string name :
       {"", "latest", "best", "200", "a/b", "..", ".hidden", "-x", "a b", "größe"})
    expect_error(ErrorKind::kInvalidArgument, "this cannot be a tag",
                 [&] { Marks(directory).tag(name, id(100)); });
  EXPECT_FALSE(is_tag(std::string(101, 'a')));
  EXPECT_TRUE(is_tag(std::string(100, 'a')));
}

TEST_F(MarksTest, AVerificationHasItsTime) {
  const Directory directory = root();
  Marks marks(directory);
  marks.set_verified(id(100), kTime);
  EXPECT_EQ(marks.verified().at(100).checkpoint, id(100));
  EXPECT_EQ(marks.verified().at(100).time, kTime);
  EXPECT_THAT(protected_steps(), IsEmpty()) << "that it is sound is no reason to keep it";
  marks.clear_verified(100);
  EXPECT_THAT(marks.verified(), IsEmpty());
}

TEST_F(MarksTest, AVerificationWithoutATimeIsNone) {
  const Directory directory = root();
  Marks marks(directory);
  for (const char* const time : {"", "<script>alert(1)</script>", "2026-01-31T12:00:00Z"}) {
    marks.set_verified(id(100), time);
    EXPECT_THAT(marks.verified(), IsEmpty()) << time;
  }
}

TEST_F(MarksTest, AMarkIsOfTheCheckpointNotOfItsStep) {
  const Directory directory = root();
  Marks marks(directory);
  marks.pin(id(100));
  marks.tag("paper", id(200));
  save_anew(100);
  save_anew(200);
  EXPECT_THAT(protected_steps(), IsEmpty());
}

TEST_F(MarksTest, WhatHasNotTheNameOfAMarkCountsForNothing) {
  const Directory directory = root();
  Marks marks(directory);
  marks.pin(id(100));
  marks.tag("paper", id(100));
  testing::write_file(run() + "/pins/README", id(200).manifest.hex() + "\n");
  testing::write_file(run() + "/tags/paper~", "");
  EXPECT_THAT(marks.pins(), ElementsAre(id(100)));
  EXPECT_THAT(protected_steps(), ElementsAre(100));
  std::filesystem::remove_all(run() + "/tags");
  testing::write_file(run() + "/tags", "a file");
  EXPECT_THAT(marks.tags(), IsEmpty());
  EXPECT_THAT(protected_steps(), ElementsAre(100));
}

// As a disk that was full or a power cut may leave one.
TEST_F(MarksTest, ATornPinProtectsItsStep) {
  const Directory directory = root();
  Marks marks(directory);
  marks.pin(id(100));
  const std::string pins = run() + "/pins/";
  testing::write_file(pins + "step-000000000200", "");
  std::filesystem::create_directory(pins + "step-000000000300");
  testing::write_file(pins + "step-000000000400", std::string(10'000, 'x'));
  std::set<std::int64_t> unread;
  EXPECT_THAT(marks.pins(&unread), ElementsAre(id(100)));
  EXPECT_THAT(unread, ElementsAre(200, 300, 400));
  EXPECT_THAT(protected_steps(), ElementsAre(100, 200, 300));
  EXPECT_TRUE(marks.read_protected().has(look(checkpoints() + "/step-000000000200"), 200));
}

TEST_F(MarksTest, ATornTagProtectsAllAsItMayBeOfAny) {
  const Directory directory = root();
  Marks marks(directory);
  marks.tag("paper", id(200));
  const std::string digest = id(200).manifest.hex();
  for (const std::string& content : {std::string(), digest, digest + "\n", digest + " step-x\n"}) {
    SCOPED_TRACE(content);
    testing::write_file(run() + "/tags/paper", content);
    std::set<std::string> unread;
    EXPECT_THAT(marks.tags(&unread), IsEmpty());
    EXPECT_THAT(unread, ElementsAre("paper"));
    EXPECT_THAT(protected_steps(), ElementsAre(100, 200, 300));
  }
  marks.tag("paper", id(200));
  EXPECT_THAT(protected_steps(), ElementsAre(200)) << "given anew";
}

TEST_F(MarksTest, OneOfACheckpointThatCannotBeLookedIntoProtectsIt) {
  const Directory directory = root();
  Marks(directory).pin(id(100));
  std::filesystem::remove(checkpoints() + "/step-000000000100/manifest.json");
  EXPECT_THAT(protected_steps(), ElementsAre(100));
}

TEST_F(MarksTest, AreMadeByTwoAtOnce) {
  const Directory directory = root();
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  hooked->before_rename = [&](const std::string&) { Marks(directory).pin(id(100)); };
  const Directory same = Directory::open(hooked, run());
  Marks(same).pin(id(100));
  EXPECT_THAT(protected_steps(), ElementsAre(100));
  EXPECT_THAT(look(run() + "/pins").list(), ElementsAre("step-000000000100"));
}

TEST_F(MarksTest, ThatGoOrAreBeingWrittenWhileTheyAreReadCountForNothing) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  const Directory directory = Directory::open(hooked, run());
  Marks marks(directory);
  marks.pin(id(100));
  marks.pin(id(200));
  testing::write_file(run() + "/pins/.new-step-000000000300-0", "half of a li");
  hooked->in_open = [](const std::string& name) { return name[0] == '.' ? -EACCES : 0; };
  hooked->after_list = [&](const std::vector<std::string>&) {
    std::filesystem::remove(run() + "/pins/step-000000000100");
  };
  EXPECT_THAT(marks.pins(), ElementsAre(id(200)));
}

TEST_F(MarksTest, APinThatCannotBeReadProtectsItsStep) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  const Directory directory = Directory::open(hooked, run());
  Marks marks(directory);
  const CheckpointId first = id(100);
  marks.pin(first);
  marks.tag("paper", id(200));
  marks.set_verified(id(300), kTime);
  hooked->in_open = [](const std::string& name) {
    return name == "pins" || name == "tags" || name == "verified" ? 0 : -EACCES;
  };
  std::set<std::int64_t> unread;
  EXPECT_THAT(marks.pins(&unread), IsEmpty());
  EXPECT_THAT(unread, ElementsAre(100));
  EXPECT_THAT(marks.tags(), IsEmpty());
  EXPECT_THAT(marks.verified(), IsEmpty());
  EXPECT_TRUE(marks.read_protected().has(look(checkpoints() + "/step-000000000100"), 100));
  marks.remove_tag("paper");
  EXPECT_THAT(marks.protected_steps(look(checkpoints())), ElementsAre(100));
}

TEST_F(MarksTest, ATagThatCannotBeReadProtectsAllAsItMayBeOfAny) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  const Directory directory = Directory::open(hooked, run());
  Marks marks(directory);
  marks.tag("paper", id(200));
  hooked->in_open = [](const std::string& name) { return name == "paper" ? -EACCES : 0; };
  std::set<std::string> unread;
  EXPECT_THAT(marks.tags(&unread), IsEmpty());
  EXPECT_THAT(unread, ElementsAre("paper"));
  EXPECT_THAT(marks.protected_steps(look(checkpoints())), ElementsAre(100, 200, 300));
  EXPECT_TRUE(marks.read_protected().has(look(checkpoints() + "/step-000000000100"), 100));
}

TEST_F(MarksTest, AreReadOnceHoweverManyThereAre) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  const Directory directory = Directory::open(hooked, run());
  Marks marks(directory);
  for (const std::int64_t step : {100, 200, 300}) marks.pin(id(step));
  int opened = 0;
  hooked->in_open = [&](const std::string& name) {
    if (name == "step-000000000100") ++opened;
    return 0;
  };
  EXPECT_THAT(marks.protected_steps(look(checkpoints())), ElementsAre(100, 200, 300));
  EXPECT_EQ(opened, 1);
  const ProtectedCheckpoints found = marks.read_protected();
  for (const std::int64_t step : {100, 200, 300})
    EXPECT_TRUE(found.has(look(checkpoints() + "/" + format::step_directory_name(step)), step));
  EXPECT_EQ(opened, 2);
}

TEST_F(MarksTest, ACheckpointThatIsMarkedWhileItIsRemovedComesBack) {
  RunStore store = start();
  const CheckpointId marked = id(100);
  const std::string withdrawn = store.withdraw(100);
  EXPECT_THAT(store.steps(), ElementsAre(200, 300));
  Marks(store.root()).pin(marked);
  EXPECT_FALSE(store.remove_withdrawn(withdrawn));
  EXPECT_THAT(store.steps(), ElementsAre(100, 200, 300));
  EXPECT_EQ(read(store.open(100)), content_of(100));
}

TEST_F(MarksTest, ItComesBackAtTheNextStartToo) {
  const CheckpointId marked = id(100);
  {
    RunStore store = start();
    store.withdraw(100);
    Marks(store.root()).tag("paper", marked);
  }
  EXPECT_THAT(start().steps(), ElementsAre(100, 200, 300));
}

TEST_F(MarksTest, WhatIsNotMarkedDoesNot) {
  RunStore store = start();
  Marks(store.root()).pin(id(200));
  EXPECT_TRUE(store.retire(100));
  EXPECT_THAT(entries(), ElementsAre("step-000000000200", "step-000000000300"));
}

TEST_F(MarksTest, ThatItWasVerifiedIsForgottenWithTheCheckpoint) {
  RunStore store = start();
  Marks marks(store.root());
  marks.set_verified(id(100), kTime);
  marks.set_verified(id(200), kTime);
  store.retire(100);
  EXPECT_EQ(marks.verified().size(), 1u);
  EXPECT_EQ(marks.verified().count(200), 1u);
}

// A run that removes a checkpoint when somebody has made a mark.
class MarkingTest : public MarksTest {
 protected:
  MarkingTest() {
    hooked_->before_rename = [&](const std::string& to) {
      if (to == "paper" || to == "step-000000000200")
        std::filesystem::remove_all(checkpoints() + "/step-000000000200");
    };
  }

  std::shared_ptr<testing::HookedFileSystem> hooked_ =
      std::make_shared<testing::HookedFileSystem>();
};

TEST_F(MarkingTest, ATagThatCannotMoveStaysWhereItWas) {
  const RunView view(run(), hooked_);
  const Directory directory = root();
  Marks marks(directory);
  marks.tag("paper", id(100));
  expect_error(ErrorKind::kRetired, "removed the checkpoint meanwhile",
               [&] { tag_checkpoint(view, 200, "paper"); });
  EXPECT_EQ(marks.tags().at("paper"), id(100));
}

TEST_F(MarkingTest, ATagOfWhatHasGoneIsTakenAway) {
  const RunView view(run(), hooked_);
  expect_error(ErrorKind::kRetired, "step-000000000200",
               [&] { tag_checkpoint(view, 200, "paper"); });
  EXPECT_THAT(Marks(view.directory()).tags(), IsEmpty());
}

TEST_F(MarkingTest, SoIsAPin) {
  const RunView view(run(), hooked_);
  expect_error(ErrorKind::kRetired, "step-000000000200", [&] { pin_checkpoint(view, 200); });
  EXPECT_THAT(Marks(view.directory()).pins(), IsEmpty());
  pin_checkpoint(view, 300);
  EXPECT_THAT(protected_steps(), ElementsAre(300));
}

TEST_F(MarkingTest, APinOfWhatWasMovedAwayIsGivenBack) {
  const RunView view(run(), hooked_);
  const CheckpointId former{200, digest_of(ByteView(std::string("another")))};
  const Directory directory = root();
  Marks(directory).pin(former);
  expect_error(ErrorKind::kRetired, "step-000000000200", [&] { pin_checkpoint(view, 200); });
  EXPECT_THAT(Marks(directory).pins(), ElementsAre(former));
}

}  // namespace
}  // namespace holdfast
