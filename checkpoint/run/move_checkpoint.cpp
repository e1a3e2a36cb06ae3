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
      throw Error(ErrorKind::kIo, "a copy of the checkpoint cannot have this in it")
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
  } catch (const Error&) {  // the next start of the run tries again
  }
}

// A copy that cannot be made leaves the checkpoint alone.
void make_copy(const Directory& from, const std::string& name, const Directory& to,
               const std::string& to_name, std::int64_t step) {
  const std::string unfinished = pending_directory_name(step);
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
  return Error(error).remedy("the file system renames no directory here, and " + remedy);
}

// In doubt, true: a call can report an error though it has taken effect.
bool may_lack_manifest(const Directory& checkpoint) {
  try {
    return !checkpoint.type_of(format::kManifestFile).has_value();
  } catch (const Error&) {
    return true;
  }
}

// The checkpoint stays where its manifest cannot be removed, and its copy goes again. Its directory
// is fsynced before more goes: else a crash could bring back the manifest without the rest.
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

// How a checkpoint is moved where it cannot be renamed. At every instant it is whole under one of
// the two names at least.
//
//  1. Copy each file into .tmp-…/ in the target, and fsync it; then fsync the directory. A crash
//     leaves the checkpoint, and a copy that the next start removes.
//  2. Rename the copy to its name, which never replaces anything, and fsync the target. The copy is
//     a new directory, which such file systems do rename.
//  3. Remove the manifest of the old one and fsync its directory. After a crash before that there
//     are two whole ones: the next start moves it again, and quarantine/ then has two copies.
//  4. Remove the rest, and fsync the parent. After a crash before that, what is left under the old
//     name is no checkpoint: no run goes on from it, retention does not count it, and a start that
//     meets it as the newest sets it aside as one without a manifest.
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
