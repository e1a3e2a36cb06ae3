#include <holdfast/checkpoint/run/run_view.h>

#include <filesystem>
#include <string>

#include "run/run_fixture.h"
#include "support/files.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::IsEmpty;

using RunViewTest = testing::StoreTest;

TEST_F(RunViewTest, ListsCommittedStepsWhileSomebodyTrains) {
  RunStore store = start();
  save(store, 200);
  save(store, 100);
  const PendingCheckpoint pending = begin(store, 300);
  testing::write_file(checkpoints() + "/step-000000000400", "a file");
  const RunView view(run());
  EXPECT_THAT(view.steps(), ElementsAre(100, 200));
  EXPECT_EQ(newest_step(view.checkpoints()), 200);
  EXPECT_EQ(read(view.open(100)), content_of(100));
  expect_error(ErrorKind::kNotFound, "the run has no checkpoint of step 300",
               [&] { view.open(300); });
}

TEST_F(RunViewTest, TellsWhatWasSetAside) {
  RunStore store = start();
  for (const std::int64_t step : {100, 200, 300}) save(store, step);
  store.quarantine(300, "block 3 is damaged");
  store.supersede_after(100, "an-id");
  const RunView view(run());
  ASSERT_EQ(view.quarantined().size(), 1u);
  EXPECT_EQ(view.quarantined()[0].name, "step-000000000300");
  EXPECT_EQ(view.quarantined()[0].reason, "block 3 is damaged");
  ASSERT_EQ(view.superseded().size(), 1u);
  EXPECT_EQ(view.superseded()[0].name, "an-id/step-000000000200");
}

TEST_F(RunViewTest, OfAnEmptyRunHasNothing) {
  start();
  const RunView view(run());
  EXPECT_THAT(view.steps(), IsEmpty());
  EXPECT_EQ(newest_step(view.checkpoints()), std::nullopt);
  EXPECT_THAT(view.quarantined(), IsEmpty());
  EXPECT_THAT(view.superseded(), IsEmpty());
}

TEST_F(RunViewTest, SaysWhatIsNoRun) {
  save_in_a_run_of_its_own(100);
  expect_error(ErrorKind::kNotFound, "no-run", [&] { RunView(temporary / "no-run"); });
  expect_error(ErrorKind::kNotFound, "found another directory", [&] { RunView(temporary.path()); });
  expect_error(ErrorKind::kNotFound, "found a checkpoint",
               [&] { RunView(checkpoints() + "/step-000000000100"); });
}

}  // namespace
}  // namespace holdfast
