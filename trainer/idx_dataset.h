// Images and their labels from a directory of IDX files, in the layout of MNIST.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/base/digest.h>

namespace holdfast::trainer {

enum class Split { kTrain, kTest };  // files train-…, and files t10k-…

struct IdxOptions {
  std::int64_t classes = 10;  // labels are 0 … classes - 1
  std::int64_t limit = 0;     // use only the first N samples; 0, or more than there are: all
  // A pixel x in 0 … 255 becomes (x / 255 - mean) / stddev.
  double mean = 0;
  double stddev = 1;
};

struct Batch {
  at::Tensor inputs;   // float32 [B, features]
  at::Tensor targets;  // int64 [B]
};

// One split of the data set, in memory: rows * columns bytes for each sample. Draws no random
// numbers. The same files and options give the same bits with every version of LibTorch. Const
// methods may be called by several threads at once.
class IdxDataset {
 public:
  // Reads <root>/train-images-idx3-ubyte and <root>/train-labels-idx1-ubyte (or t10k-…). If a file
  // is missing, reads the file of that name with .gz. Errors are those of idx_file.h, and kCorrupt
  // if the numbers of images and labels differ or a label is out of range, and kInvalidArgument if
  // an option is out of range.
  IdxDataset(const std::string& root, Split split, const IdxOptions& options = {});

  std::int64_t size() const { return images_.size(0); }
  std::int64_t features() const { return images_.size(1); }  // rows * columns of one image
  std::int64_t classes() const { return classes_; }

  // Copies the samples of these indices, in this order, into new memory. Error(kInvalidArgument) if
  // an index is not in 0 … size() - 1.
  Batch batch(const std::vector<std::int64_t>& indices) const;

  // A text that is the same if and only if the samples are the same, wherever the files are and
  // however they are compressed: "60000 x 784, 10 classes, xxh3-128 <digest of images and labels>".
  std::string identity() const;

  const at::Tensor& images() const { return images_; }  // uint8 [size, features]
  const at::Tensor& labels() const { return labels_; }  // int64 [size]

 private:
  std::int64_t classes_;
  std::array<float, 256> normalized_;  // pixel value -> input
  at::Tensor images_, labels_;
  Digest digest_;
};

}  // namespace holdfast::trainer
