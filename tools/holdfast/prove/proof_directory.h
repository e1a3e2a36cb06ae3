// Where the two runs of a proof and the command's output go.
#pragma once

#include <string>
#include <vector>

namespace holdfast::tool {

// A directory that the user has named, which is made where it is missing and stays; or a new one
// among the system's temporary files (TMPDIR), which goes with this unless it was to be kept.
class ProofDirectory {
 public:
  // Empty: a temporary one. Error(kInvalidArgument): the one named holds the runs of a proof
  // already.
  explicit ProofDirectory(const std::string& named);
  ~ProofDirectory();
  ProofDirectory(const ProofDirectory&) = delete;
  ProofDirectory& operator=(const ProofDirectory&) = delete;

  const std::string& path() const { return path_; }  // absolute, without links
  // The run directories; neither is there before the command makes it.
  std::string uninterrupted() const { return path_ + "/uninterrupted"; }
  std::string killed() const { return path_ + "/killed"; }
  std::string log(const std::string& name) const { return path_ + "/" + name + ".log"; }

  void keep(bool kept) { kept_ = kept; }  // of no effect on one that the user has named
  bool is_kept() const { return is_named_ || kept_; }

 private:
  std::string path_;
  bool is_named_;
  bool kept_ = false;
};

// The last lines of a log, at most so many, as a terminal may show them: what a carriage return has
// overwritten and control bytes are left out. Empty if the file cannot be read.
std::vector<std::string> last_lines(const std::string& file, std::size_t count);

}  // namespace holdfast::tool
