#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>

#include <exception>
#include <utility>

namespace holdfast {
namespace {

// Undoes the rename of a commit. False if that failed: the disk may have the checkpoint under
// either name, so its files must stay.
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
    // In a run, the next save or start removes it.
  }
}

std::unique_ptr<Directory> make_directory(const Directory& parent, const std::string& name) {
  try {
    return std::make_unique<Directory>(parent.make_directory(name));
  } catch (const Error& error) {  // it may have been made and not opened
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
  directory_.reset();  // frees its descriptor: removing needs one, and there may be no other
  remove_quietly(*parent_, name_);
}

// How a checkpoint becomes visible. At every instant a run's newest checkpoint is whole: the one
// before until the rename, the new one from then on.
//
//  1. The constructor has made .tmp-<step>-<pid>-<random>/ (run_names.h) in the parent, which in a
//     run is checkpoints/. No reader looks at such a name.
//  2. The writers and publish() have created each file in it, the manifest among them, written,
//     fsynced and closed it, in any order. A file whose fsync failed fails the checkpoint.
//  3. fsync the directory: now its entries are as durable as the files.
//  4. Rename it to its name, in a run step-<step>. That never replaces anything. It is the commit.
//  5. fsync the parent: now the commit is durable, and the caller may say so. If this fails, undo
//     the rename: what was not reported as saved is not to be found either.
//
// After an error, the destructor removes the directory. Where it cannot, the next save or start
// does, in a run.
void PendingCheckpoint::commit(const std::string& name) {
  directory_->sync();                      // 3
  parent_->rename(name_, *parent_, name);  // 4
  try {
    parent_->sync();  // 5
  } catch (const Error&) {
    stays_ = !take_back(*parent_, name, name_);
    throw;
  }
  stays_ = true;
}

}  // namespace holdfast
