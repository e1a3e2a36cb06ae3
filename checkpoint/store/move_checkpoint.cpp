#include <holdfast/checkpoint/store/move_checkpoint.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/store/run_names.h>

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

// The checkpoint stays where its manifest cannot be removed, and its copy goes again.
void remove_original(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& copy) {
  try {
    from.open_directory(name).remove_tree(format::kManifestFile);
  } catch (const Error&) {
    remove_quietly(to, copy);
    throw;
  }
  from.remove_tree(name);
  from.sync();
}

Error by_hand(const Error& error, const Directory& from, const std::string& name) {
  return Error(error).remedy(
      "the file system renames no directory here, and it could not be "
      "copied: move " +
      from.path() + "/" + name + " away by hand, then start the run again");
}

}  // namespace

// How a checkpoint is moved where it cannot be renamed. At every instant it is whole under one of
// the two names at least.
//
//  1. Copy each file into .tmp-…/ in the target, and fsync it; then fsync the directory. A crash
//     leaves the checkpoint, and a copy that the next start removes.
//  2. Rename the copy to its name, which never replaces anything, and fsync the target. The copy is
//     a new directory, which such file systems do rename.
//  3. Remove the manifest of the old one, then the rest, and fsync its parent. After a crash before
//     the manifest has gone there are two whole ones: whoever moved it does it again, and a damaged
//     one is quarantined twice. After a crash behind that, what is left under the old name is no
//     checkpoint: no run goes on from it, and retention counts it for none.
void move_checkpoint(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& to_name, std::int64_t step) {
  try {
    from.rename(name, to, to_name);
    return;
  } catch (const Error& error) {
    if (error.os_error() != EXDEV) throw;
  }
  try {
    make_copy(from, name, to, to_name, step);
    remove_original(from, name, to, to_name);
  } catch (const Error& error) {
    throw by_hand(error, from, name);
  }
}

}  // namespace holdfast
