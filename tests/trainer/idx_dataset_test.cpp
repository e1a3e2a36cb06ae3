#include <holdfast/trainer/idx_dataset.h>

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "support/temporary_directory.h"
#include "support/thrown.h"
#include "trainer/idx_files.h"

namespace holdfast::trainer {
namespace {

using ::holdfast::testing::counting;
using ::holdfast::testing::error_of;
using ::holdfast::testing::idx_file;
using ::holdfast::testing::write_file;
using ::holdfast::testing::write_gzip;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Element>
std::vector<Element> elements_of(const at::Tensor& tensor) {
  const auto* begin = tensor.data_ptr<Element>();
  return {begin, begin + tensor.numel()};
}

// Four images of 2 x 3 pixels, which count up from 0, and their labels 3, 2, 1, 0.
class Dataset : public ::testing::Test {
 protected:
  Dataset() {
    write_images(counting(24));
    write_labels({3, 2, 1, 0});
  }
  void write_images(const std::vector<std::uint8_t>& pixels) {
    const auto count = static_cast<std::uint32_t>(pixels.size() / 6);
    write_file(images_, idx_file({count, 2, 3}, pixels));
  }
  void write_labels(const std::vector<std::uint8_t>& labels) {
    write_file(labels_, idx_file({static_cast<std::uint32_t>(labels.size())}, labels));
  }
  void compress(const std::string& path) {
    write_gzip(path + ".gz", holdfast::testing::read_file(path));
    std::filesystem::remove(path);
  }
  IdxDataset load(const IdxOptions& options = {}) const { return {root_, Split::kTrain, options}; }
  Error refusal(const IdxOptions& options = {}) const {
    return error_of([&] { load(options); });
  }

  holdfast::testing::TemporaryDirectory directory_;
  std::string root_ = directory_.path().string();
  std::string images_ = directory_ / "train-images-idx3-ubyte";
  std::string labels_ = directory_ / "train-labels-idx1-ubyte";
};

TEST_F(Dataset, HoldsEachImageAsARowOfPixels) {
  const IdxDataset data = load();
  EXPECT_EQ(data.size(), 4);
  EXPECT_EQ(data.features(), 6);
  EXPECT_EQ(data.images().sizes(), (std::vector<std::int64_t>{4, 6}));
  EXPECT_THAT(elements_of<std::int64_t>(data.labels()), ElementsAre(3, 2, 1, 0));
}

TEST_F(Dataset, GivesBatchesInTheOrderOfTheIndices) {
  const Batch batch = load().batch({2, 0, 2});
  EXPECT_EQ(batch.inputs.sizes(), (std::vector<std::int64_t>{3, 6}));
  EXPECT_EQ(batch.inputs.scalar_type(), at::kFloat);
  EXPECT_EQ(batch.inputs[0][0].item<float>(), 12.0F / 255);
  EXPECT_EQ(batch.inputs[1][5].item<float>(), 5.0F / 255);
  EXPECT_TRUE(batch.inputs[2].equal(batch.inputs[0]));
  EXPECT_THAT(elements_of<std::int64_t>(batch.targets), ElementsAre(1, 3, 1));
}

TEST_F(Dataset, GivesAnEmptyBatchForNoIndices) {
  const Batch batch = load().batch({});
  EXPECT_EQ(batch.inputs.sizes(), (std::vector<std::int64_t>{0, 6}));
  EXPECT_EQ(batch.targets.numel(), 0);
}

TEST_F(Dataset, NormalizesByMeanAndStandardDeviation) {
  write_images({0, 51, 102, 153, 204, 255});
  write_labels({0});
  IdxOptions options;
  options.mean = 0.5;
  options.stddev = 0.25;
  const at::Tensor inputs = load(options).batch({0}).inputs;
  const std::vector<double> expected{-2, -1.2, -0.4, 0.4, 1.2, 2};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(inputs[0][i].item<double>(), expected[i], 1e-6);
}

TEST_F(Dataset, ChangesNoBatchThroughAnother) {
  const IdxDataset data = load();
  const Batch first = data.batch({0});
  data.batch({0}).inputs.fill_(9);
  EXPECT_TRUE(first.inputs.equal(data.batch({0}).inputs));
}

TEST_F(Dataset, RefusesIndicesOutsideOfIt) {
  const IdxDataset data = load();
  for (const std::int64_t index : {-1, 4}) {
    const Error error = error_of([&] { data.batch({0, index}); });
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(error.what(),
                HasSubstr("expected an index of 0 to 3, found " + std::to_string(index)));
  }
}

TEST_F(Dataset, UsesTheFirstSamplesUpToTheLimit) {
  IdxOptions options;
  options.limit = 2;
  EXPECT_THAT(elements_of<std::int64_t>(load(options).labels()), ElementsAre(3, 2));
  options.limit = 100;
  EXPECT_EQ(load(options).size(), 4);
}

TEST_F(Dataset, ReadsTheTestSplitFromItsOwnFiles) {
  write_file(directory_ / "t10k-images-idx3-ubyte", idx_file({1, 1, 1}, {255}));
  write_file(directory_ / "t10k-labels-idx1-ubyte", idx_file({1}, {9}));
  const IdxDataset test(root_, Split::kTest);
  EXPECT_EQ(test.size(), 1);
  EXPECT_EQ(test.batch({0}).inputs.item<float>(), 1.0F);
  EXPECT_EQ(test.batch({0}).targets.item<std::int64_t>(), 9);
}

TEST_F(Dataset, IsTheSameCompressedOrNot) {
  const IdxDataset plain = load();
  compress(images_);
  compress(labels_);
  const IdxDataset compressed = load();
  EXPECT_TRUE(plain.images().equal(compressed.images()));
  EXPECT_TRUE(plain.labels().equal(compressed.labels()));
  EXPECT_EQ(plain.identity(), compressed.identity());
}

TEST_F(Dataset, IdentityNamesSizeAndDigest) {
  EXPECT_THAT(load().identity(), ::testing::MatchesRegex("4 x 6, 10 classes, xxh3-128 [0-9a-f]+"));
}

TEST_F(Dataset, IdentityChangesWithAPixelALabelAndTheLimit) {
  const std::string original = load().identity();
  IdxOptions options;
  options.limit = 3;
  EXPECT_NE(load(options).identity(), original);
  write_labels({3, 2, 1, 1});
  EXPECT_NE(load().identity(), original);
  write_labels({3, 2, 1, 0});
  EXPECT_EQ(load().identity(), original);
  write_images(counting(24, 1));
  EXPECT_NE(load().identity(), original);
}

TEST_F(Dataset, SaysHowToGetADataSetWhoseDirectoryIsMissing) {
  const std::string missing = directory_ / "nowhere";
  const Error error = error_of([&] { IdxDataset(missing, Split::kTrain); });
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error.path(), missing);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("apt-get install dataset-fashion-mnist"), HasSubstr("data.root")));
}

TEST_F(Dataset, SaysWhichFileIsMissing) {
  std::filesystem::remove(labels_);
  const Error error = refusal();
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error.path(), root_);
  EXPECT_THAT(
      error.what(),
      HasSubstr("expected train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz, found neither"));
  EXPECT_THAT(error.what(), HasSubstr("apt-get install dataset-fashion-mnist"));
}

TEST_F(Dataset, RefusesARootThatIsAFile) {
  const Error error = error_of([&] { IdxDataset(images_, Split::kTrain); });
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.what(), HasSubstr("expected a directory of IDX files, found a file"));
}

TEST_F(Dataset, SaysWhyAFileCannotBeReached) {
  std::filesystem::remove(images_);
  std::filesystem::create_symlink(images_, images_);
  const Error error = refusal();
  EXPECT_EQ(error.kind(), ErrorKind::kIo);
  EXPECT_EQ(error.path(), images_);
  EXPECT_THAT(error.what(), HasSubstr("Too many levels of symbolic links"));
}

TEST_F(Dataset, FollowsLinksToItsFiles) {
  std::filesystem::rename(images_, directory_ / "elsewhere");
  std::filesystem::create_symlink(directory_ / "elsewhere", images_);
  EXPECT_EQ(load().size(), 4);
}

TEST_F(Dataset, RefusesImagesAndLabelsThatDifferInNumber) {
  write_labels({0, 1, 2});
  const Error error = refusal();
  EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(error.path(), labels_);
  EXPECT_THAT(error.what(),
              HasSubstr("expected 4 labels, one for each image of " + images_ + ", found 3"));
}

TEST_F(Dataset, RefusesLabelsThatAreNoClass) {
  write_labels({0, 1, 10, 3});
  const Error error = refusal();
  EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(error.path(), labels_);
  EXPECT_THAT(error.what(), HasSubstr("label 2 is out of range: expected 0 to 9, found 10"));
}

TEST_F(Dataset, TakesAsManyClassesAsItIsTold) {
  write_labels({0, 1, 10, 255});
  IdxOptions options;
  options.classes = 256;
  EXPECT_EQ(load(options).classes(), 256);
}

TEST_F(Dataset, RefusesOptionsOutOfRange) {
  const auto expect_refused = [&](auto change, const std::string& what) {
    IdxOptions options;
    change(options);
    const Error error = refusal(options);
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr(what));
  };
  expect_refused([](IdxOptions& options) { options.classes = 0; }, "number of classes");
  expect_refused([](IdxOptions& options) { options.classes = 257; }, "number of classes");
  expect_refused([](IdxOptions& options) { options.limit = -1; }, "limit");
  expect_refused([](IdxOptions& options) { options.mean = std::nan(""); }, "mean");
  expect_refused([](IdxOptions& options) { options.stddev = 0; }, "standard deviation");
}

// The data set that the examples train on, as Debian packages it.
class FashionMnist : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(root_))
        << root_ << " is missing: apt-get install dataset-fashion-mnist";
  }
  const std::string root_ = "/usr/share/datasets/fashion-mnist";
};

TEST_F(FashionMnist, HasSixtyThousandImagesToTrainOn) {
  const IdxDataset data(root_, Split::kTrain);
  EXPECT_EQ(data.size(), 60000);
  EXPECT_EQ(data.features(), 28 * 28);
  EXPECT_TRUE(at::bincount(data.labels()).eq(6000).all().item<bool>());
  EXPECT_NEAR(data.images().to(at::kFloat).mean().item<double>() / 255, 0.2860, 1e-4);
}

TEST_F(FashionMnist, HasTenThousandImagesToTestWith) {
  const IdxDataset data(root_, Split::kTest);
  EXPECT_EQ(data.size(), 10000);
  EXPECT_TRUE(at::bincount(data.labels()).eq(1000).all().item<bool>());
  EXPECT_THAT(elements_of<std::int64_t>(data.batch({0, 1, 2, 3}).targets), ElementsAre(9, 2, 1, 1));
}

}  // namespace
}  // namespace holdfast::trainer
