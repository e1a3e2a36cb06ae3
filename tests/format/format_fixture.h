// Catalogs made in few words, and checkpoint directories made of them.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>

#include "support/python.h"
#include "support/temporary_directory.h"

namespace holdfast::format {

// Lists entries one after the other; cut() spreads one over all shards.
class CatalogBuilder {
 public:
  explicit CatalogBuilder(int shards = 1) { catalog_.shards.resize(shards); }

  CatalogBuilder& add(std::string name, Kind kind, DType dtype, Shape shape, int shard = 0) {
    Entry entry{std::move(name), kind, dtype, std::move(shape), "", {}};
    Piece piece;
    piece.shard = shard;
    piece.rows = entry.shape.empty() ? 1 : entry.shape[0];
    piece.bytes = bytes_of(entry);
    entry.pieces = {piece};
    catalog_.entries.push_back(entry);
    return *this;
  }

  CatalogBuilder& tensor(std::string name, DType dtype, Shape shape, int shard = 0) {
    return add(std::move(name), Kind::kTensor, dtype, std::move(shape), shard);
  }

  // Rows as even as they come, the first shards taking one more.
  CatalogBuilder& cut(std::string name, DType dtype, Shape shape) {
    tensor(std::move(name), dtype, std::move(shape));
    Entry& entry = catalog_.entries.back();
    const auto shards = static_cast<std::int64_t>(catalog_.shards.size());
    const std::uint64_t row_bytes = bytes_of(entry) / static_cast<std::uint64_t>(entry.shape[0]);
    entry.pieces.clear();
    std::int64_t row = 0;
    for (std::int64_t shard = 0; shard < shards; ++shard) {
      const std::int64_t rows = entry.shape[0] / shards + (shard < entry.shape[0] % shards);
      entry.pieces.push_back(
          {static_cast<int>(shard), 0, row_bytes * static_cast<std::uint64_t>(rows), row, rows});
      row += rows;
    }
    return *this;
  }

  CatalogBuilder& alias(std::string name, const std::string& target) {
    for (const Entry& entry : catalog_.entries) {
      if (entry.name != target) continue;
      Entry alias = entry;
      alias.name = std::move(name);
      alias.alias_of = target;
      alias.pieces.clear();
      catalog_.entries.push_back(alias);
      break;
    }
    return *this;
  }

  const Catalog& get() const { return catalog_; }

  Catalog laid_out() const {
    Catalog catalog = catalog_;
    for (std::size_t i = 0; i < catalog.shards.size(); ++i) {
      lay_out_shard(catalog, static_cast<int>(i));
    }
    return catalog;
  }

 private:
  Catalog catalog_;
};

// One of everything, over two shards.
inline CatalogBuilder typical_catalog() {
  CatalogBuilder builder(2);
  builder.tensor("models/mlp/parameters/fc1.weight", DType::kFloat32, {128, 784})
      .tensor("models/mlp/parameters/fc1.bias", DType::kFloat32, {128}, 1)
      .cut("models/mlp/parameters/embedding", DType::kBFloat16, {10, 4})
      .alias("models/mlp/parameters/output", "models/mlp/parameters/embedding")
      .add("optimizers/adam/groups/0/lr", Kind::kScalar, DType::kFloat64, {})
      .add("optimizers/adam/groups/0/max_eval", Kind::kNone, DType::kUInt8, {}, 1)
      .add("models/mlp/buffers/late", Kind::kUndefined, DType::kUInt8, {})
      .add("user/notes/text", Kind::kText, DType::kUInt8, {5}, 1)
      .tensor("models/mlp/buffers/none.yet", DType::kInt64, {0, 3});
  return builder;
}

template <typename Value>
std::vector<std::byte> bytes_of_values(const std::vector<Value>& values) {
  const auto* begin = reinterpret_cast<const std::byte*>(values.data());
  return {begin, begin + values.size() * sizeof(Value)};
}

// A checkpoint directory with the HDF5 files of a catalog, read by h5py.
class WrittenCheckpoint {
 public:
  // `payload`: the bytes of entries by name; the others stay zero.
  WrittenCheckpoint(Catalog catalog, const std::map<std::string, std::vector<std::byte>>& payload)
      : catalog_(std::move(catalog)) {
    const int shards = static_cast<int>(catalog_.shards.size());
    for (int shard = 0; shard < shards; ++shard) {
      write(shard_file_name(shard, shards), shard_bytes(shard, payload));
    }
    write(kIndexFile, build_index(catalog_));
  }

  const Catalog& catalog() const { return catalog_; }
  std::string file(const std::string& name) const { return directory_ / name; }

  // What `script` prints, run in another directory; `shard(i)` and `index()` open the files.
  std::string read(const std::string& script) const {
    const std::string at = "'" + directory_.path().string() + "/'";
    return testing::run_python(
        "import h5py, numpy as np\n"
        "def shard(i): return h5py.File(" +
        at + " + 'shard-%05d-of-%05d.h5' % (i, " + std::to_string(catalog_.shards.size()) +
        "), 'r')\n"
        "def index(): return h5py.File(" +
        at + " + 'index.h5', 'r')\n" + script);
  }

 private:
  std::vector<std::byte> shard_bytes(int shard,
                                     const std::map<std::string, std::vector<std::byte>>& payload) {
    std::vector<std::byte> file = lay_out_shard(catalog_, shard);
    file.resize(catalog_.shards[static_cast<std::size_t>(shard)].file_bytes);
    for (const Entry& entry : catalog_.entries) {
      const auto bytes = payload.find(entry.name);
      if (bytes == payload.end()) continue;
      std::size_t begin = 0;
      for (const Piece& piece : entry.pieces) {
        if (piece.shard == shard) {
          const ByteView part = ByteView(bytes->second).slice(begin, piece.bytes);
          std::copy(part.data, part.data + part.size,
                    file.begin() + static_cast<long>(piece.offset));
        }
        begin += piece.bytes;
      }
    }
    return file;
  }

  void write(const std::string& name, const std::vector<std::byte>& bytes) const {
    std::ofstream(directory_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  }

  testing::TemporaryDirectory directory_;
  Catalog catalog_;
};

}  // namespace holdfast::format
