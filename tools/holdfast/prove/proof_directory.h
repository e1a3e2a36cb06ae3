// The directory for the two runs of a proof and for the command's output.
#pragma once

#include <string>
#include <vector>

namespace holdfast::tool {

// Either a directory that the user has named: it is made if it is missing, and stays. Or a new
// directory among the temporary files (TMPDIR): the destructor removes it unless keep(true) was
// called.
class ProofDirectory {
 public:
  // If `named` is empty, makes a temporary directory. Error(kInvalidArgument) if the named
  // directory has the runs of a proof already.
  explicit ProofDirectory(const std::string& named);
  ~ProofDirectory();
  ProofDirectory(const ProofDirectory&) = delete;
  ProofDirectory& operator=(const ProofDirectory&) = delete;

  const std::string& path() const { return path_; }  // absolute, without links
  // The two run directories. The command makes them.
  std::string uninterrupted() const { return path_ + "/uninterrupted"; }
  std::string killed() const { return path_ + "/killed"; }
  std::string log(const std::string& name) const { return path_ + "/" + name + ".log"; }

  void keep(bool kept) { kept_ = kept; }  // has no effect on a directory that the user has named
  bool is_kept() const { return is_named_ || kept_; }

 private:
  std::string path_;
  bool is_named_;
  bool kept_ = false;
};

// At most the last `count` lines of a log, fit for a terminal: control bytes, and text that a
// carriage return has overwritten, are left out. Empty if the file cannot be read.
std::vector<std::string> last_lines(const std::string& file, std::size_t count);

}  // namespace holdfast::tool
