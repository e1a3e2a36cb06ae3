// A reader that polls a run which keeps one checkpoint: something is always there to be found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/run/run_listing.h>

#include "support/expect_error.h"
#include "support/hooked_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using testing::floats;
using testing::HookedFileSystem;
using testing::SavedRun;

class PollingTest : public ::testing::Test {
 protected:
  PollingTest() { save(1); }

  void save(std::int64_t step) {
    SaveJob job = SavedRun::job(step, {floats("a", {3})});
    job.manifest.metrics["loss"] = 1.0 / static_cast<double>(step);
    job.manifest.retention = RetentionPolicy{1, 0, "loss", false};
    run_.save(std::move(job));
    newest_ = step;
  }
  // What a save of a run does that keeps one.
  void go_on() {
    save(newest_ + 1);
    RunStore(posix_file_system(), run_.path()).retire(newest_ - 1);
  }
  bool may_go_on() { return saves_left_ > 0 && saves_left_-- > 0; }

  // So many times, the run goes on between a reader's listing and the look at what it has listed.
  void go_on_after_listings(int times) {
    saves_left_ = times;
    fs_->after_list = [this](const std::vector<std::string>& names) {
      for (const std::string& name : names)
        if (format::parse_step_directory(name) == newest_ && may_go_on()) return go_on();
    };
  }
  // The same before a reader opens an entry of this name.
  void go_on_before_opening(const std::string& entry, int times) {
    saves_left_ = times;
    fs_->in_open = [this, entry](const std::string& name) {
      if (name == entry && may_go_on()) go_on();
      return 0;
    };
  }
  void go_on_before_opening_a_checkpoint(int times) {
    saves_left_ = times;
    fs_->in_open = [this](const std::string& name) {
      if (format::parse_step_directory(name) == newest_ && may_go_on()) go_on();
      return 0;
    };
  }

  std::int64_t opened(const std::string& name) {
    return open_checkpoint(fs_, run_.path() + name).manifest().step;
  }
  std::vector<std::int64_t> listed() {
    std::vector<std::int64_t> steps;
    for (const ListedCheckpoint& one : list_run(RunView(run_.path(), fs_)).checkpoints) {
      EXPECT_EQ(one.problem, "");
      steps.push_back(one.step);
    }
    return steps;
  }

  SavedRun run_;
  std::int64_t newest_ = 0;
  std::shared_ptr<HookedFileSystem> fs_ = std::make_shared<HookedFileSystem>();

 private:
  int saves_left_ = 0;
};

TEST_F(PollingTest, FindsTheStepsOfARunThatGoesOnAfterTheListing) {
  go_on_after_listings(3);
  EXPECT_THAT(RunView(run_.path(), fs_).steps(), ElementsAre(4));
}

TEST_F(PollingTest, ListsAgainWhereAListingHasMissedWhatWasRenamedMeanwhile) {
  int listings = 0;
  class Missing final : public testing::ForwardingFileSystem {
   public:
    explicit Missing(int& listings) : listings_(listings) {}
    int list(int directory, std::vector<std::string>& names) override {
      return ++listings_ == 1 ? 0 : ForwardingFileSystem::list(directory, names);
    }

   private:
    int& listings_;
  };
  EXPECT_THAT(RunView(run_.path(), std::make_shared<Missing>(listings)).steps(), ElementsAre(1));
}

TEST_F(PollingTest, TakesAnEmptyRunForEmpty) {
  RunStore(posix_file_system(), run_.path()).retire(1);
  EXPECT_THAT(RunView(run_.path(), fs_).steps(), ElementsAre());
  expect_error(ErrorKind::kNotFound, "a run that has one", [&] { opened(""); });
}

// Each of the names for a run's checkpoint, retired at each of the moments.
class PollingByName : public PollingTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(PollingByName, FindsOneThoughAllThatWereListedAreRetired) {
  go_on_after_listings(3);
  EXPECT_EQ(opened(GetParam()), 4);
}

TEST_P(PollingByName, FindsOneThoughTheOneThatWasChosenIsRetired) {
  go_on_before_opening_a_checkpoint(3);
  EXPECT_EQ(opened(GetParam()), 4);
}

TEST_P(PollingByName, FindsOneThoughTheOneThatWasOpenedIsRetired) {
  go_on_before_opening("manifest.json", 3);
  EXPECT_EQ(opened(GetParam()), 4);
}

TEST_P(PollingByName, FindsOneThoughTheOneWhoseManifestWasReadIsRetired) {
  go_on_before_opening(format::kCatalogFile, 3);
  EXPECT_EQ(opened(GetParam()), 4);
}

TEST_P(PollingByName, ReadsAnotherThoughTheOneThatIsReadIsRetired) {
  int reads = 0;
  const auto read = [&](Directory found) {
    const CheckpointFiles files(std::move(found));
    if (++reads <= 2) go_on();
    require_complete(files.directory(), files.manifest());
    return files.manifest().step;
  };
  EXPECT_EQ(with_checkpoint(fs_, run_.path() + GetParam(), read), 3);
}

INSTANTIATE_TEST_SUITE_P(All, PollingByName, ::testing::Values("", "@latest", "@best"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.empty() ? "run" : name.substr(1);
                         });

TEST_F(PollingTest, SaysThatANamedStepIsRetired) {
  go_on_before_opening(format::kCatalogFile, 1);
  expect_error(ErrorKind::kRetired, "was retired", [&] { opened("@1"); });
  expect_error(ErrorKind::kNotFound, "no checkpoint of step 1", [&] { opened("@1"); });
}

TEST_F(PollingTest, SaysThatACheckpointGivenByItsDirectoryIsRetired) {
  go_on_before_opening(format::kCatalogFile, 1);
  expect_error(ErrorKind::kRetired, "was retired", [&] { open_checkpoint(fs_, run_.path_of(1)); });
}

TEST_F(PollingTest, FindsATaggedOneThatARollBackMovesMeanwhile) {
  save(2);
  const RunView view(run_.path());
  Marks(view.directory()).tag("paper", identify(view.open(2), 2));
  int opened_before = 0;
  fs_->in_open = [&](const std::string& name) {
    const bool is_it =
        name.size() > 17 && name.substr(name.size() - 17) == format::step_directory_name(2);
    if (is_it && name.size() > 17 && ++opened_before == 1)
      RunStore(posix_file_system(), run_.path()).supersede_after(1, "an-id");
    return 0;
  };
  EXPECT_EQ(open_checkpoint(fs_, run_.path() + "@paper").path(),
            run_.path() + "/superseded/an-id/step-000000000002");
  EXPECT_GE(opened_before, 1);
}

TEST_F(PollingTest, ListsWhatIsThereThoughAllThatWasListedIsRetired) {
  go_on_after_listings(3);
  EXPECT_THAT(listed(), ElementsAre(4));
}

TEST_F(PollingTest, ListsWhatIsThereThoughEachIsRetiredWhenItIsLookedAt) {
  go_on_before_opening("manifest.json", 3);
  EXPECT_THAT(listed(), ElementsAre(4));
}

TEST_F(PollingTest, ListsWhatIsThereThoughEachIsRetiredWhenItsFilesAreLookedAt) {
  go_on_before_opening(format::kCatalogFile, 3);
  EXPECT_THAT(listed(), ElementsAre(4));
}

}  // namespace
}  // namespace holdfast
