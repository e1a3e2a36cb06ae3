// The files of other systems, as anybody may have written them, read with all of their values.
//
// The input: which of the following it is, then its bytes. 'T' a file of PyTorch, 'S' of
// safetensors, 'N' of numpy; and, for what would seldom come past a checksum, 'p' the pickle of a
// file of PyTorch and 'n' an array in a file of numpy.
#include <cstdlib>
#include <memory>
#include <vector>

#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/pickle/reader.h>
#include <holdfast/checkpoint/exchange/zip/writer.h>

#include "disk/memory_file_system.h"
#include "fuzz/fuzz_target.h"

namespace holdfast::testing {
namespace {

using exchange::FileFormat;
using exchange::numpy_format;
using exchange::safetensors_format;
using exchange::torch_format;
using exchange::Value;

constexpr const char* kPath = "/input";
constexpr std::uint64_t kMostStorageBytes = 1 << 20;

// A disk with a place for temporary files.
std::shared_ptr<FileSystem> new_disk() {
  setenv("TMPDIR", "/tmp", 1);
  auto disk = std::make_shared<MemoryFileSystem>();
  Directory::create(disk, "/tmp");
  return disk;
}

void put(const std::shared_ptr<FileSystem>& disk, std::string_view bytes) {
  Directory::open(disk, "/").create_file(kPath + 1).write_at(0, ByteView(bytes));
}

void put_array(const std::shared_ptr<FileSystem>& disk, std::string_view bytes) {
  exchange::PendingFile file(disk, kPath);
  exchange::write_zip(file, {{"a.npy", std::string(bytes), {}}});
  file.commit();
}

// How many bytes all of the tensors have; reads the rest, too.
std::uint64_t read_all(const std::vector<Item>& items) {
  std::uint64_t total = 0;
  for (const Item& item : items)
    exchange::for_each_part(item, [&](ByteView part) {
      if (item.kind == Kind::kTensor) total += part.size;
    });
  return total;
}

std::uint64_t read_file(const std::shared_ptr<FileSystem>& disk, const FileFormat& format) {
  return read_all(exchange::items_of(exchange::read_value(disk, kPath, format)));
}

// A storage is what the pickle asks for, in reason.
std::uint64_t read_pickle(std::string_view bytes) {
  std::uint64_t stored = 0;
  const auto storage = [&](const std::string&, std::uint64_t size) {
    if (size > kMostStorageBytes) throw Error(ErrorKind::kCorrupt, "a storage that is not there");
    stored += size;
    return std::make_shared<OwnedBytes>(std::vector<std::byte>(size));
  };
  const Value value = exchange::read_pickle(ByteView(bytes), storage, kPath);
  const std::uint64_t read = read_all(exchange::items_of(value));
  require(read <= stored, "tensors are no larger than their storages");
  return read;
}

void read(char what, std::string_view bytes) {
  const std::shared_ptr<FileSystem> disk = new_disk();
  switch (what) {
    case 'T':
    case 'S':
      put(disk, bytes);
      require(read_file(disk, what == 'T' ? torch_format() : safetensors_format()) <= bytes.size(),
              "the values are no larger than the file");
      return;
    case 'N':
      put(disk, bytes);
      read_file(disk, numpy_format());
      return;
    case 'n':
      put_array(disk, bytes);
      require(read_file(disk, numpy_format()) <= bytes.size(),
              "the values are no larger than the array");
      return;
    case 'p':
      read_pickle(bytes);
      return;
    default:
      throw Error(ErrorKind::kUnsupported, "no such input");
  }
}

}  // namespace

bool try_input(std::string_view input) {
  if (input.empty()) return false;
  try {
    read(input[0], input.substr(1));
    return true;
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kUnsupported,
            error.what());
    return false;
  }
}

}  // namespace holdfast::testing
