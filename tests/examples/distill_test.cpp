// A frozen teacher from another run and a student, in one checkpoint.
#include <filesystem>
#include <string>

#include "mlp_fixture.h"
#include "support/items.h"

namespace holdfast {
namespace {

class Distillation : public testing::MlpTest {
 protected:
  Distillation() {
    common_ = {"data.train_limit=2560", "data.test_limit=500", "train.log_every_steps=1"};
    config_ = std::string(HOLDFAST_SOURCE_DIR) + "/configs/mlp.yaml";
    expect_trained("teacher", {"train.max_steps=10", "schedules.decay.warmup_steps=10"});
    config_ = std::string(HOLDFAST_SOURCE_DIR) + "/configs/distill.yaml";
    common_.push_back("models.teacher.from=" + run_path("teacher"));
    common_.push_back("checkpoint.every_steps=5");
    common_.push_back("train.epochs=2");
    common_.push_back("schedules.decay.warmup_steps=10");
  }
};

TEST_F(Distillation, HasTeacherAndStudentInOneCheckpointAndTheTeacherStaysAsItWas) {
  expect_trained("student");
  const CheckpointFiles student = open("student", steps("student").back());
  const CheckpointFiles teacher = open("teacher", steps("teacher").back());
  const format::Entry* kept = student.find("models/teacher/parameters/fc1.weight");
  ASSERT_NE(kept, nullptr);
  ASSERT_NE(student.find("models/student/parameters/fc1.weight"), nullptr);
  testing::MemorySink a(format::bytes_of(*kept)), b(format::bytes_of(*kept));
  student.read({{kept, &a}}, 1);
  teacher.read({{teacher.find("models/mlp/parameters/fc1.weight"), &b}}, 1);
  EXPECT_EQ(a.bytes, b.bytes);
}

TEST_F(Distillation, ResumesExactlyWithoutTheTeachersRun) {
  expect_trained("twin");
  train_and_kill_at(17, "killed", {});
  std::filesystem::remove_all(run_path("teacher"));
  expect_trained("killed");
  expect_same_bits("killed", "twin");
}

TEST_F(Distillation, DoesNotStartWithoutATeacher) {
  std::filesystem::remove_all(run_path("teacher"));
  expect_refused(train("student"), 2, {run_path("teacher")});
}

}  // namespace
}  // namespace holdfast
