#include <holdfast/checkpoint/storage/file.h>

#include <cstdlib>
#include <thread>

#include "storage/storage_fixture.h"

namespace holdfast {
namespace {

using testing::Call;
using testing::expect_error;

constexpr std::size_t kBlock = 4096;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Aligned memory, each block filled with its number.
class Blocks {
 public:
  explicit Blocks(std::size_t count)
      : count_(count), memory_(std::aligned_alloc(kBlock, count * kBlock)) {
    for (std::size_t i = 0; i < count; ++i) {
      std::fill_n(static_cast<char*>(memory_.get()) + i * kBlock, kBlock, static_cast<char>(i + 1));
    }
  }
  ByteView view() const { return {memory_.get(), count_ * kBlock}; }

 private:
  std::size_t count_;
  std::unique_ptr<void, Free> memory_;
};

class DirectFileTest : public testing::IoTest {
 protected:
  void expect_content(const std::string& name, const Blocks& blocks) {
    EXPECT_TRUE(content(name) == blocks.view().text()) << name << " differs";
  }
  int writes() const { return fs->calls(Call::kWrite); }
};

TEST_F(DirectFileTest, HoldsWhatWasWritten) {
  const Blocks blocks(8);
  File file = directory.create_direct("a");
  file.write_at(0, blocks.view());
  file.sync();
  file.close();
  expect_content("a", blocks);
}

TEST_F(DirectFileTest, IsBufferedWhereTheFileSystemHasNoDirectFiles) {
  const Blocks blocks(2);
  fs->fail(Call::kSetFlags, EINVAL);
  File file = directory.create_direct("a");
  file.write_at(0, blocks.view());
  file.sync();
  EXPECT_EQ(writes(), 1);
  expect_content("a", blocks);
}

TEST_F(DirectFileTest, TurnsToBufferedOnceWhenAWriteIsRefused) {
  const Blocks blocks(2);
  File file = directory.create_direct("a");
  fs->fail(Call::kWrite, EINVAL);
  file.write_at(0, blocks.view());
  EXPECT_EQ(writes(), 2);
  file.write_at(0, blocks.view());
  EXPECT_EQ(writes(), 3);
  EXPECT_EQ(fs->calls(Call::kSetFlags), 2);
  file.sync();
  expect_content("a", blocks);
}

TEST_F(DirectFileTest, TakesAnyOffsetOnceItIsBuffered) {
  File file = directory.create_direct("a");
  fs->fail(Call::kWrite, EINVAL);
  file.write_at(3, testing::bytes("unaligned"));
  EXPECT_EQ(content("a"), std::string(3, '\0') + "unaligned");
}

TEST_F(DirectFileTest, AWriteThatABufferedFileRefusesIsAnError) {
  const Blocks blocks(1);
  File file = directory.create_direct("a");
  fs->fail(Call::kWrite, EINVAL, 1, 2);
  expect_error(ErrorKind::kIo, "Invalid argument", [&] { file.write_at(0, blocks.view()); });
  EXPECT_EQ(writes(), 2);
}

TEST_F(DirectFileTest, OtherFailuresDoNotTurnIt) {
  const Blocks blocks(1);
  File file = directory.create_direct("a");
  fs->fail(Call::kWrite, EIO);
  expect_error(ErrorKind::kIo, "cannot write", [&] { file.write_at(0, blocks.view()); });
  EXPECT_EQ(fs->calls(Call::kSetFlags), 1);
}

TEST_F(DirectFileTest, SurvivesAShortWriteThatLeavesItUnaligned) {
  const Blocks blocks(3);
  File file = directory.create_direct("a");
  fs->shorten_transfers(kBlock + 512);
  file.write_at(0, blocks.view());
  expect_content("a", blocks);
}

TEST_F(DirectFileTest, RefusesANameThatIsTaken) {
  write("a", "precious");
  expect_error(ErrorKind::kExists, path("a"), [&] { directory.create_direct("a"); });
  EXPECT_EQ(content("a"), "precious");
}

TEST_F(DirectFileTest, TurnsToBufferedUnderManyThreads) {
  constexpr std::size_t kThreads = 4, kBlocks = 32, kPart = kBlocks / kThreads;
  const Blocks blocks(kBlocks);
  File file = directory.create_direct("a");
  fs->refuse_direct_writes();
  std::vector<std::thread> writers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&, thread] {
      for (std::size_t i = thread * kPart; i < (thread + 1) * kPart; ++i) {
        file.write_at(i * kBlock, blocks.view().slice(i * kBlock, kBlock));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  expect_content("a", blocks);
}

}  // namespace
}  // namespace holdfast
