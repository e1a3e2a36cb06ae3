#include <holdfast/checkpoint/run/save_ledger.h>

#include <filesystem>
#include <limits>

#include "run_fixture.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;

class SaveLedgerTest : public testing::StoreTest {
 protected:
  // What a save that succeeds does.
  void save(SaveLedger& ledger, std::int64_t step) {
    ledger.require_may_save(step);
    ledger.begin(step, {});
    StoreTest::save(store_, step);
    ledger.commit(step);
  }

  RunStore store_ = start();
};

TEST_F(SaveLedgerTest, HasWhatIsCommittedAndWhatIsBeingSaved) {
  SaveLedger ledger(store_);
  EXPECT_FALSE(ledger.has(3));
  ledger.begin(3, {});
  EXPECT_TRUE(ledger.has(3));
  EXPECT_EQ(ledger.newest_request(), 3);
  EXPECT_THAT(ledger.committed(), ElementsAre());
  StoreTest::save(store_, 3);
  ledger.commit(3);
  EXPECT_THAT(ledger.committed(), ElementsAre(3));
  save(ledger, 4);
  EXPECT_TRUE(ledger.has(3));
  ledger.retire(3);
  EXPECT_FALSE(ledger.has(3));
  EXPECT_THAT(ledger.committed(), ElementsAre(4));
}

TEST_F(SaveLedgerTest, LetsAStepWhoseSaveHasFailedBeSavedAgain) {
  SaveLedger ledger(store_);
  ledger.begin(3, {});
  EXPECT_EQ(ledger.fail(), 3);
  EXPECT_EQ(ledger.fail(), std::nullopt);
  EXPECT_FALSE(ledger.has(3));
  ledger.require_may_save(3);
}

TEST_F(SaveLedgerTest, RefusesAStepThatIsNotNewer) {
  SaveLedger ledger(store_);
  save(ledger, 3);
  ledger.begin(5, {});
  for (const std::int64_t step : {2, 4, 5})
    expect_error(ErrorKind::kInvalidArgument, "a step after 5",
                 [&] { ledger.require_may_save(step); });
  ledger.fail();
  expect_error(ErrorKind::kInvalidArgument, "a step after 3", [&] { ledger.require_may_save(2); });
  ledger.require_may_save(4);
}

TEST_F(SaveLedgerTest, RefusesASaveOfARunThatWasNotRestored) {
  StoreTest::save(store_, 3);
  SaveLedger ledger(store_);
  EXPECT_FALSE(ledger.has(3)) << "it may be of another training";
  expect_error(ErrorKind::kInvalidArgument, "not restored", [&] { ledger.require_may_save(4); });
  ledger.restored(3, {});
  EXPECT_TRUE(ledger.has(3));
  ledger.require_may_save(4);
}

TEST_F(SaveLedgerTest, ListsTheRunAgainWhenItIsRestored) {
  StoreTest::save(store_, 3);
  StoreTest::save(store_, 4);
  SaveLedger ledger(store_);
  store_.quarantine(4, "damaged");
  ledger.restored(3, {});
  EXPECT_THAT(ledger.committed(), ElementsAre(3));
  ledger.require_may_save(4);
}

// A save that could not be taken back is made durable by the next.
TEST_F(SaveLedgerTest, ListsTheRunAgainAtEachCommit) {
  SaveLedger ledger(store_);
  StoreTest::save(store_, 3);
  save(ledger, 4);
  EXPECT_THAT(ledger.committed(), ElementsAre(3, 4));
}

TEST_F(SaveLedgerTest, AddsACommittedStepThoughTheRunCannotBeListed) {
  SaveLedger ledger(store_);
  save(ledger, 3);
  ledger.begin(4, {});
  StoreTest::save(store_, 4);
  std::filesystem::create_symlink("nowhere", checkpoints() + "/step-000000000009");
  ledger.commit(4);
  EXPECT_THAT(ledger.committed(), ElementsAre(3, 4));
}

TEST_F(SaveLedgerTest, RefusesMetricsThatWouldBeLost) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  SaveLedger ledger(store_);
  ledger.begin(3, {{"loss", 0.5}, {"accuracy", kNaN}});
  ledger.require_kept(3, {});
  ledger.require_kept(3, {{"loss", 0.5}});
  ledger.require_kept(3, {{"accuracy", kNaN}});
  expect_error(ErrorKind::kInvalidArgument, "another value in it", [&] {
    ledger.require_kept(3, {{"loss", 0.25}});
  });
  expect_error(ErrorKind::kInvalidArgument, "no such metric in the checkpoint", [&] {
    ledger.require_kept(3, {{"perplexity", 1}});
  });
}

}  // namespace
}  // namespace holdfast
