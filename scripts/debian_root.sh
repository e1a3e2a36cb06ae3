# A Debian in a directory, and commands that run in there. Sourced behind common.sh, not run.
# shellcheck shell=bash
#
# Needs root, or a user with subordinate ids (/etc/subuid, /etc/subgid) and user namespaces.

# Runs its arguments as root of mounts and processes of their own, which end with the command. Without
# being root: as a root that is really the user, with the user's subordinate ids for everyone else.
contained() {
  local mapping=()
  ((EUID == 0)) || mapping=(--map-root-user --map-auto)
  unshare "${mapping[@]}" --mount --pid --fork --kill-child -- "$@"
}

rm_root() { [[ ! -e "$1" ]] || contained rm -rf "$1"; }

# make_root SUITE DIRECTORY [ARCHIVE]: unless it is there. It is unpacked beside its place and moved there whole: a
# root that is there is complete. The archive, where one is named, is made once and kept for the next root.
# Fails where the archive cannot be made, as without a network.
make_root() {
  local suite="$1" directory="$2" archive="${3:-}"
  [[ -d "$directory" ]] && return
  ((EUID == 0)) || ensure_installed uidmap
  ensure_installed mmdebstrap debian-archive-keyring
  rm_root "$directory.partial"
  mkdir -p "$directory.partial"
  if [[ -z "$archive" ]]; then
    bootstrap "$suite" | unpack "$directory.partial" || return
  else
    if [[ ! -f "$archive" ]]; then
      bootstrap "$suite" >"$archive.partial" || return
      mv "$archive.partial" "$archive"
    fi
    unpack "$directory.partial" <"$archive" || return
  fi
  mv "$directory.partial" "$directory"
}

# bootstrap SUITE: writes the archive to the standard output.
bootstrap() {
  heading "Making a root of Debian $1" >&2
  # A snapshot of a suite can be older than its release file says it may be.
  mmdebstrap --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' "$1" -
}

unpack() { contained tar -x --numeric-owner --exclude='./dev/*' -C "$1"; }

# in_root DIRECTORY COMMAND [ARGUMENT…]: gives the root what a system needs, with the sources at /holdfast, and runs the
# command there. If packages_kept names a folder, what apt-get downloads goes there, and is not downloaded again.
in_root() {
  local root="$1"
  shift
  # shellcheck disable=SC2016
  contained bash -c '
    set -eu
    root="$1" source="$2" packages="$3"
    shift 3
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
    mkdir -p "$root/holdfast"
    mount --bind -o ro "$source" "$root/holdfast" 2>/dev/null || mount --bind "$source" "$root/holdfast"
    [ -z "$packages" ] || mount --bind "$packages" "$root/var/cache/apt/archives"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      TERM="${TERM:-dumb}" ${HOLDFAST_JOBS:+HOLDFAST_JOBS="$HOLDFAST_JOBS"} \
      HOLDFAST_BUILD_ROOT=/var/tmp/holdfast "$@"
  ' in_root "$root" "$source_dir" "${packages_kept:-}" "$@"
}
