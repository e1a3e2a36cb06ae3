#include <holdfast/checkpoint/log/event_teller.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "run/run_fixture.h"
#include "support/files.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EventTellerTest : public testing::StoreTest {
 protected:
  std::string log() const { return testing::read_file(run() + "/events.jsonl"); }

  Directory directory = Directory::create(fs, run());
};

TEST_F(EventTellerTest, TellsTheLogAndTheProgram) {
  std::vector<std::string> heard;
  EventTeller teller(directory, [&](const Event& event) { heard.push_back(event.name); });
  teller.tell(events::Resume{3, "/r/c"});
  teller.tell(Event{"an event of the program's", {}});
  EXPECT_THAT(heard, ElementsAre("resume", "an event of the program's"));
  EXPECT_THAT(log(), HasSubstr(R"("event":"resume","step":3,"from":"/r/c"})"));
  EXPECT_THAT(log(), HasSubstr("an event of the program's"));
}

TEST_F(EventTellerTest, TellsTheLogAloneWhereTheProgramDoesNotListen) {
  EventTeller teller(directory, nullptr);
  teller.tell(events::Refused{3, 2});
  EXPECT_THAT(log(), HasSubstr("refused"));
  teller.rethrow();
}

TEST_F(EventTellerTest, KeepsTheFirstThatTheProgramThrowsAndThrowsItOnce) {
  int count = 0;
  EventTeller teller(directory, [&](const Event&) {
    throw std::runtime_error("the user's own, " + std::to_string(++count));
  });
  teller.tell(events::Refused{3, 2});
  teller.tell(events::Refused{2, 1});
  EXPECT_EQ(count, 2);
  try {
    teller.rethrow();
    FAIL() << "it has thrown nothing";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the user's own, 1");
  }
  teller.rethrow();
}

TEST_F(EventTellerTest, KeepsWhatItIsGiven) {
  EventTeller teller(directory, nullptr);
  teller.keep(std::make_exception_ptr(std::logic_error("kept")));
  EXPECT_THROW(teller.rethrow(), std::logic_error);
}

}  // namespace
}  // namespace holdfast
