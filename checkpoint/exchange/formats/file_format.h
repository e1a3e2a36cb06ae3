// The files that states are exchanged in with other programs. An object describes a format, and
// reads and writes its files. formats/list.h has all of them, and how to add one; no other code
// tells one format from another.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

class PendingFile;

using Metadata = std::map<std::string, std::string>;  // texts beside the tensors

// What a file holds. Values are read when an item's source is asked for them.
struct FileContents {
  enum class Names {
    kDotted,   // as in a state dict: "fc1.weight"
    kPaths,    // groups and a name, as they are: "net/fc1/weight"
    kEntries,  // of entries of a checkpoint (format/names.h), in a file that Holdfast has written
  };
  Value value;              // of a format that nests: all of the file. Of another: None
  std::vector<Item> items;  // of a format that does not nest: the values, in the file's order
  Names names = Names::kDotted;
  Metadata metadata;
};

// A format. Stateless: its objects live as long as the program, and any thread may use them.
class FileFormat {
 public:
  struct Traits {
    std::string_view name;                  // "PyTorch"
    std::vector<std::string_view> endings;  // of its files' names: "pt", "pth"; the usual one first
    std::vector<Kind> kinds = {Kind::kTensor};  // of the values that it carries
    bool ties = false;                          // several names of one tensor
    bool metadata = false;                      // texts beside the tensors
    bool nests = false;        // dicts and lists in dicts: also the state of an optimizer
    bool entries = false;      // a whole checkpoint, under the names of its entries
    bool keeps_order = false;  // its programs write tensors in the order of module.parameters()
    Metadata usual_metadata;   // that its programs expect in a file
  };

  explicit FileFormat(Traits traits) : traits_(std::move(traits)) {}
  virtual ~FileFormat() = default;
  FileFormat(const FileFormat&) = delete;
  FileFormat& operator=(const FileFormat&) = delete;

  const Traits& traits() const { return traits_; }
  std::string_view name() const { return traits_.name; }

  // Whether a file keeps it bit for bit, both ways.
  bool carries(Kind kind) const;
  virtual bool carries(DType dtype) const = 0;

  // The version of the program that it takes to read such a value, where not every version can:
  // "PyTorch 2.3". Empty: PyTorch 1.13, safetensors 0.3, numpy 1.24 and HDF5 1.10 can.
  virtual std::string_view needed_version(Kind kind, DType dtype) const;

  // Whether the file may be of this format, by its first bytes.
  virtual bool recognizes(const File& file) const = 0;

  // Reads the structure of a file that recognizes() has taken. Called by read_file().
  // Error(kCorrupt) for what is damaged, Error(kUnsupported) for what a checkpoint cannot hold.
  virtual FileContents read(File file) const = 0;

  // Writes what write_file() has checked: items that the format carries, of different names.
  // Error(kUnsupported) for what only this format refuses. The same items give the same bytes.
  virtual void write(PendingFile& file, const std::vector<Item>& items,
                     const Metadata& metadata) const = 0;

  // Of a format that nests: writes a dict.
  virtual void write_value(PendingFile& file, const Value& value) const;

 private:
  Traits traits_;
};

struct WriteOptions {
  // Writes tied tensors as independent copies to a format that has no ties; else they are refused.
  bool copy_ties = false;
  Metadata metadata;  // Error(kInvalidArgument) for a format that has none
};

// Writes the items under their names. Before anything is written: Error(kUnsupported) names the
// first item that the format does not carry, and why; Error(kInvalidArgument) for no items, two of
// one name, or an alias of no earlier item. Error(kExists) if the path is taken. After an error
// nothing is left; a process that is killed leaves a file ".tmp-…" beside the path.
void write_file(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format,
                const std::vector<Item>& items, const WriteOptions& options = {});

// The same for a dict with others in it. Error(kInvalidArgument) for a format that does not nest.
void write_value(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format,
                 const Value& value);

// Reads the structure of a file. Every Error has the file's path, or that of a part of it. Whatever
// is wrong with the file is never a kInvalidArgument. Error(kIo) if memory runs out.
FileContents read_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                       const FileFormat& format);

// The same as one dict. Reads its scalars and texts. Error(kUnsupported) for an undefined tensor.
Value read_value(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format);

}  // namespace holdfast::exchange
