// Images and their labels from a directory of IDX files, in the layout of MNIST.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/checkpoint/base/digest.h>

namespace holdfast::trainer {

enum class Split { kTrain, kTest };  // train-…, t10k-…

struct IdxOptions {
  std::int64_t classes = 10;  // labels are 0 … classes - 1
  std::int64_t limit = 0;     // use the first N samples; 0 (or more than there are): all
  // A pixel x of 0 … 255 becomes (x / 255 - mean) / stddev.
  double mean = 0;
  double stddev = 1;
};

struct Batch {
  at::Tensor inputs;   // float32 [B, features]
  at::Tensor targets;  // int64 [B]
};

// A split of the data set, in memory: rows * columns bytes a sample. Draws no random numbers; the
// same files and options give the same bits with every version of LibTorch. Const methods may be
// called by several threads at once.
class IdxDataset {
 public:
  // Reads <root>/train-images-idx3-ubyte and <root>/train-labels-idx1-ubyte (or t10k-…), or, where
  // the plain file is missing, the same name with .gz. Errors as in idx_file.h; also if images and
  // labels differ in number or a label is out of range (kCorrupt), or if an option is
  // (kInvalidArgument).
  IdxDataset(const std::string& root, Split split, const IdxOptions& options = {});

  std::int64_t size() const { return images_.size(0); }
  std::int64_t features() const { return images_.size(1); }  // rows * columns of an image
  std::int64_t classes() const { return classes_; }

  // The samples of these indices, in their order, in memory of their own. An index that is not
  // 0 … size() - 1 is an Error(kInvalidArgument).
  Batch batch(const std::vector<std::int64_t>& indices) const;

  // What the samples are, wherever and however they are stored: "60000 x 784, 10 classes, xxh3-128
  // <digest of images and labels>". Another text: other data.
  std::string identity() const;

  const at::Tensor& images() const { return images_; }  // uint8 [size, features]
  const at::Tensor& labels() const { return labels_; }  // int64 [size]

 private:
  std::int64_t classes_;
  std::array<float, 256> normalized_;  // by pixel value
  at::Tensor images_, labels_;
  Digest digest_;
};

}  // namespace holdfast::trainer
