#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>

#include <exception>
#include <utility>

namespace holdfast {
namespace {

// Undoes the rename of a commit that could not be made durable. False: whether that is so on the
// disk cannot be known, and what is in the directory must stay whole.
bool take_back(const Directory& parent, const std::string& name, const std::string& pending) {
  try {
    parent.rename(name, parent, pending);
    parent.sync();
    return true;
  } catch (const Error&) {
    return false;
  }
}

void remove_quietly(const Directory& parent, const std::string& name) noexcept {
  try {
    parent.remove_tree(name);
  } catch (const std::exception&) {
    // In a run the next save or start removes it.
  }
}

std::unique_ptr<Directory> make_directory(const Directory& parent, const std::string& name) {
  try {
    return std::make_unique<Directory>(parent.make_directory(name));
  } catch (const Error& error) {  // made, it may be, but not opened
    if (error.kind() != ErrorKind::kExists) remove_quietly(parent, name);
    throw;
  }
}

}  // namespace

PendingCheckpoint::PendingCheckpoint(Directory parent, std::string name, std::int64_t step)
    : parent_(std::make_unique<Directory>(std::move(parent))),
      directory_(make_directory(*parent_, name)),
      name_(std::move(name)),
      step_(step) {}

PendingCheckpoint::PendingCheckpoint(PendingCheckpoint&&) noexcept = default;

PendingCheckpoint::~PendingCheckpoint() {
  if (directory_ == nullptr || stays_) return;
  directory_.reset();  // removing needs file descriptors, and there may be no others
  remove_quietly(*parent_, name_);
}

// How a checkpoint becomes visible. At every instant a run's newest checkpoint is whole: the one
// before until the rename, the new one from then on.
//
//  1. The constructor made .tmp-<step>-<pid>-<random>/ (run_names.h) in the parent, which in a run
//     is checkpoints/: a name that no reader looks at.
//  2. The writers created each file in it anew, wrote it, fsynced it and closed it, in no order.
//     A file whose fsync failed fails the checkpoint.
//  3. fsync the directory: from here on its entries are as durable as the files.
//  4. Rename it to its name, in a run step-<step>, which never replaces anything. This is the
//     commit.
//  5. fsync the parent: the commit is durable, and the caller may say so. If that fails, the
//     rename is taken back: what was not reported as saved is not found either.
//
// On any error the directory is abandoned: the destructor removes it, or else, in a run, the next
// save or start.
void PendingCheckpoint::commit(const std::string& name) {
  directory_->sync();
  parent_->rename(name_, *parent_, name);
  try {
    parent_->sync();
  } catch (const Error&) {
    stays_ = !take_back(*parent_, name, name_);
    throw;
  }
  stays_ = true;
}

}  // namespace holdfast
