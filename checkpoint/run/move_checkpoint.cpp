#include <holdfast/checkpoint/run/move_checkpoint.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;

void copy_file(const Directory& from, const std::string& name, const Directory& to) {
  const File source = from.open_file(name);
  File copy = to.create_file(name);
  std::vector<std::byte> buffer(kCopyBytes);
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = source.read_at(offset, ByteSpan(buffer));
    if (count == 0) break;
    copy.write_at(offset, ByteView(buffer).slice(0, count));
    offset += count;
  }
  copy.sync();
  copy.close();
}

void copy_content(const Directory& from, const Directory& to) {
  for (const std::string& name : from.list()) {
    const auto type = from.type_of(name);
    if (type == FileType::kDirectory) {
      copy_content(from.open_directory(name), to.make_directory(name));
    } else if (type == FileType::kRegular) {
      copy_file(from, name, to);
    } else if (type) {
      throw Error(ErrorKind::kIo, "the checkpoint contains something that cannot be copied")
          .at(from.path() + "/" + name)
          .expected("a file or a directory")
          .found("a link or a device");
    }
  }
  to.sync();
}

void remove_quietly(const Directory& parent, const std::string& name) {
  try {
    parent.remove_tree(name);
  } catch (const Error&) {  // the next start of the run tries to remove it again
  }
}

// Steps 1 and 2 below. If the copy fails, what was copied is removed and the checkpoint stays as it
// was.
void make_copy(const Directory& from, const std::string& name, const Directory& to,
               const std::string& to_name, std::int64_t step) {
  const std::string unfinished = format::pending_directory_name(step);
  try {
    copy_content(from.open_directory(name), to.make_directory(unfinished));
    to.rename(unfinished, to, to_name);
    to.sync();
  } catch (const Error&) {
    remove_quietly(to, unfinished);
    throw;
  }
}

Error with_remedy(const Error& error, const std::string& remedy) {
  return Error(error).remedy("the file system cannot rename this directory, and " + remedy);
}

// True if the manifest is gone, and also if that cannot be told: a call that reports an error may
// still have taken effect.
bool may_lack_manifest(const Directory& checkpoint) {
  try {
    return !checkpoint.type_of(format::kManifestFile).has_value();
  } catch (const Error&) {
    return true;
  }
}

// Step 3 below. If the manifest cannot be removed, the checkpoint stays and its copy is removed
// again. The directory is fsynced before anything else is removed: otherwise a crash could bring
// the manifest back without the files that it lists.
void remove_manifest(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& copy) {
  const Directory original = from.open_directory(name);
  try {
    original.remove_tree(format::kManifestFile);
  } catch (const Error&) {
    if (!may_lack_manifest(original)) remove_quietly(to, copy);
    throw;
  }
  original.sync();
}

}  // namespace

// How a checkpoint is moved if it cannot be renamed. At every instant it is complete under at least
// one of the two names.
//
//  1. Copy each file into .tmp-…/ in the target and fsync it; then fsync that directory. A crash
//     here leaves the checkpoint, and an unfinished copy that the next start removes.
//  2. Rename the copy to its final name, which never replaces anything, and fsync the target. The
//     copy is a new directory, and such file systems do rename new directories.
//  3. Remove the manifest under the old name and fsync that directory. A crash before the fsync
//     leaves two complete checkpoints: the next start moves the old one again, and quarantine/ then
//     has two copies.
//  4. Remove the other files under the old name, and fsync the parent. After a crash here, what is
//     left under the old name is not a checkpoint, as it has no manifest: no run goes on from it,
//     retention does not count it, and a start that finds it as the newest moves it to quarantine/.
void move_checkpoint(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& to_name, std::int64_t step) {
  try {
    from.rename(name, to, to_name);
    return;
  } catch (const Error& error) {
    if (error.os_error() != EXDEV) throw;
  }
  const std::string old = from.path() + "/" + name;
  try {
    make_copy(from, name, to, to_name, step);
    remove_manifest(from, name, to, to_name);
  } catch (const Error& error) {
    throw with_remedy(
        error, "it could not be copied: move " + old + " away by hand, then start the run again");
  }
  try {
    from.remove_tree(name);
    from.sync();
  } catch (const Error& error) {
    throw with_remedy(error, "it was copied to " + to.path() + "/" + to_name +
                                 ": remove what is left of " + old + " by hand");
  }
}

}  // namespace holdfast
