// What a training tells of itself in events.jsonl.
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/log/event_history.h>
#include <holdfast/checkpoint/run/locate.h>

#include "training_fixture.h"

namespace holdfast::testing {
namespace {

class History : public CheckpointerTest {
 protected:
  // Of the last event of that name. Null: there is none, or it has no such field.
  std::optional<EventValue> last(const std::string& name, const std::string& field) const {
    std::optional<EventValue> value;
    for (const LoggedEvent& logged : read_events(Directory::open(posix_file_system(), run()))) {
      if (logged.event.name != name) continue;
      const EventValue* const found = logged.find(field);
      value = found == nullptr ? std::nullopt : std::optional<EventValue>(*found);
    }
    return value;
  }
};

TEST_F(History, SaysWhoHasOpenedTheRunAndWhere) {
  train_and_save({1});
  EXPECT_EQ(last("open", "host"), EventValue(host_name()));
  EXPECT_EQ(last("open", "user"), EventValue(user_name()));
  EXPECT_EQ(last("open", "pid"), EventValue(process_id()));
}

TEST_F(History, TellsAnEndInOrderFromOneByAnException) {
  train_and_save({1});
  EXPECT_EQ(last("close", "failed"), std::nullopt);
  try {
    Checkpointer checkpoints(run());
    throw std::runtime_error("a bad batch");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(last("close", "failed"), EventValue(true));
}

TEST_F(History, NamesWhatItGoesOnFromByAnAbsolutePath) {
  train_and_save({1});
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(run()).parent_path());
  Training training;
  Checkpointer("run").restore_latest(training.state);
  EXPECT_EQ(last("resume", "from"), EventValue(path_of(1)));
  Checkpointer("fork").restore("run/checkpoints/../checkpoints/" + format::step_directory_name(1),
                               training.state);
  std::filesystem::current_path(before);
  const CheckpointFiles fork(locate_checkpoint(posix_file_system(), run() + "/../fork"));
  EXPECT_EQ(fork.manifest().resumed_from->path, path_of(1));
}

TEST_F(History, HasAForkSavedWhateverOnEventThrowsMeanwhile) {
  train_and_save({1});
  Training training;
  Options options;
  options.on_event = [](const Event& event) {
    if (event.name == "fork") throw std::runtime_error("the user's own");
  };
  Checkpointer fork(run() + "-fork", options);
  EXPECT_THROW(fork.restore(path_of(1), training.state), std::runtime_error);
  EXPECT_EQ(fork.steps(), std::vector<std::int64_t>{1});
}

}  // namespace
}  // namespace holdfast::testing
