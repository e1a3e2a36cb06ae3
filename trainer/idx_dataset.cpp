#include <holdfast/trainer/idx_dataset.h>

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/trainer/idx_file.h>

namespace holdfast::trainer {
namespace {

constexpr const char* kRemedy =
    "install the data set (apt-get install dataset-fashion-mnist puts Fashion-MNIST into "
    "/usr/share/datasets/fashion-mnist), or set data.root to the directory that holds its files";

struct Paths {
  std::string images, labels;
};

void check_options(const IdxOptions& options) {
  const auto refuse = [](const char* what, const char* expected, double found) {
    throw Error(ErrorKind::kInvalidArgument,
                std::string("the data set's ") + what + " is out of range")
        .expected(expected)
        .found(std::to_string(found));
  };
  const auto as_double = [](std::int64_t value) { return static_cast<double>(value); };
  if (options.classes < 1 || options.classes > 256) {
    refuse("number of classes", "1 to 256", as_double(options.classes));
  }
  if (options.limit < 0) refuse("limit", "0 or more samples", as_double(options.limit));
  if (!std::isfinite(options.mean)) refuse("mean", "a finite number", options.mean);
  if (!std::isfinite(options.stddev) || options.stddev <= 0) {
    refuse("standard deviation", "a finite number above 0", options.stddev);
  }
}

void check_root(const std::string& root) {
  std::error_code failure;
  const auto type = std::filesystem::status(root, failure).type();
  if (type == std::filesystem::file_type::directory) return;
  if (type == std::filesystem::file_type::not_found) {
    throw Error(ErrorKind::kNotFound, "there is no such data directory").at(root).remedy(kRemedy);
  }
  if (failure) throw system_error(failure.value(), "the data directory cannot be reached", root);
  throw Error(ErrorKind::kInvalidArgument, "data.root is no directory")
      .at(root)
      .expected("a directory of IDX files")
      .found("a file")
      .remedy(kRemedy);
}

// The path of the plain file if there is one, otherwise of the compressed file.
std::string find_file(const std::string& root, const std::string& name) {
  const std::string plain = (std::filesystem::path(root) / name).string();
  for (const std::string& path : {plain, plain + ".gz"}) {
    std::error_code failure;
    if (std::filesystem::exists(path, failure)) return path;
    if (failure) throw system_error(failure.value(), "the data file cannot be reached", path);
  }
  throw Error(ErrorKind::kNotFound, "a file of the data set is missing")
      .at(root)
      .expected(name + " or " + name + ".gz")
      .found("neither")
      .remedy(kRemedy);
}

Paths find_split(const std::string& root, Split split) {
  check_root(root);
  const std::string prefix = split == Split::kTrain ? "train" : "t10k";
  return {find_file(root, prefix + "-images-idx3-ubyte"),
          find_file(root, prefix + "-labels-idx1-ubyte")};
}

void check_counts(const at::Tensor& images, const at::Tensor& labels, const Paths& paths) {
  if (images.size(0) == labels.size(0)) return;
  throw Error(ErrorKind::kCorrupt, "images and labels differ in number")
      .at(paths.labels)
      .expected(std::to_string(images.size(0)) + " labels, one for each image of " + paths.images)
      .found(std::to_string(labels.size(0)))
      .remedy("use the images and the labels of one and the same data set");
}

void check_labels(const at::Tensor& labels, std::int64_t classes, const std::string& path) {
  const auto* begin = labels.data_ptr<std::uint8_t>();
  const auto* end = begin + labels.numel();
  const auto* bad = std::find_if(begin, end, [&](std::uint8_t label) { return label >= classes; });
  if (bad == end) return;
  throw Error(ErrorKind::kCorrupt, "label " + std::to_string(bad - begin) + " is out of range")
      .at(path)
      .expected("0 to " + std::to_string(classes - 1))
      .found(std::to_string(*bad))
      .remedy("set the number of classes to that of the data set, or replace the file");
}

ByteView bytes_of(const at::Tensor& array) {
  return {array.data_ptr(), static_cast<std::size_t>(array.numel())};
}

std::array<float, 256> normalization_table(double mean, double stddev) {
  std::array<float, 256> table{};
  for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
    table[pixel] = static_cast<float>((static_cast<double>(pixel) / 255 - mean) / stddev);
  }
  return table;
}

void check_index(std::int64_t index, std::int64_t size) {
  if (index >= 0 && index < size) return;
  throw Error(ErrorKind::kInvalidArgument, "a batch asks for a sample that is not in the data set")
      .expected("an index of 0 to " + std::to_string(size - 1))
      .found(std::to_string(index));
}

}  // namespace

IdxDataset::IdxDataset(const std::string& root, Split split, const IdxOptions& options)
    : classes_(options.classes) {
  check_options(options);
  normalized_ = normalization_table(options.mean, options.stddev);
  const Paths paths = find_split(root, split);
  const at::Tensor images = read_idx(paths.images, 3);
  const at::Tensor labels = read_idx(paths.labels, 1);
  check_counts(images, labels, paths);
  check_labels(labels, classes_, paths.labels);

  const std::int64_t used =
      options.limit == 0 ? images.size(0) : std::min(options.limit, images.size(0));
  images_ = images.view({images.size(0), -1}).narrow(0, 0, used);
  labels_ = labels.narrow(0, 0, used).to(at::kLong);
  DigestStream digest;
  digest.update(bytes_of(images_));
  digest.update(bytes_of(labels.narrow(0, 0, used)));
  digest_ = digest.value();
}

Batch IdxDataset::batch(const std::vector<std::int64_t>& indices) const {
  const auto count = static_cast<std::int64_t>(indices.size());
  Batch batch{at::empty({count, features()}, at::kFloat), at::empty({count}, at::kLong)};
  const auto* images = images_.data_ptr<std::uint8_t>();
  const auto* labels = labels_.data_ptr<std::int64_t>();
  auto* input = batch.inputs.data_ptr<float>();
  auto* target = batch.targets.data_ptr<std::int64_t>();
  for (const std::int64_t index : indices) {
    check_index(index, size());
    const auto* image = images + index * features();
    input = std::transform(image, image + features(), input,
                           [this](std::uint8_t pixel) { return normalized_[pixel]; });
    *target++ = labels[index];
  }
  return batch;
}

std::string IdxDataset::identity() const {
  return std::to_string(size()) + " x " + std::to_string(features()) + ", " +
         std::to_string(classes_) + " classes, xxh3-128 " + digest_.hex();
}

}  // namespace holdfast::trainer
