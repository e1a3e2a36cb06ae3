# Functions that the scripts share: they install what is missing, configure and build. To be sourced.
# shellcheck shell=bash
#
# Environment variables:
#   CMAKE_PREFIX_PATH    more directories to look for libraries in; a LibTorch there is used instead of
#                        Debian's, which is then not installed
#   HOLDFAST_BUILD_ROOT  the directory for the build trees (default: build/ beside the sources)
#   HOLDFAST_INSTALL=no  install nothing, and do not check whether anything is missing
#   HOLDFAST_JOBS        how many compile and test jobs run at once (default: as cores and memory allow)

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build_root="${HOLDFAST_BUILD_ROOT:-$source_dir/build}"

# The names of Debian's packages. They are the same in Debian 12, 13 and later.
required_packages=(
  g++ clang cmake ninja-build ccache
  libhdf5-dev libzip-dev libtbb-dev libxxhash-dev nlohmann-json3-dev libyaml-cpp-dev zlib1g-dev
  libcli11-dev
  libgtest-dev libgmock-dev python3 python3-h5py python3-numpy python3-torch chromium mandoc groff-base
  dataset-fashion-mnist
)
# To make Debian packages of the parts without LibTorch (scripts/package).
package_packages=(
  g++ cmake ninja-build ccache libhdf5-dev libzip-dev libtbb-dev libxxhash-dev nlohmann-json3-dev libcli11-dev
  dpkg-dev file
)
# Without OpenBLAS, LibTorch multiplies matrices with the reference BLAS, which is about 40 times slower.
torch_packages=(libtorch-dev libopenblas0-pthread)

heading() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n== %s\n' "$*"; fi
}

# fail PROBLEM [LINE…]: prints the problem and the lines as an error, and exits.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# print_help SCRIPT: prints the comment block at the top of the script, which is its help.
print_help() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"
}

has_command() { command -v "$1" >/dev/null 2>&1; }

torch_in_prefix_path() {
  local prefixes prefix
  IFS=':;' read -ra prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    [[ -e "$prefix/share/cmake/Torch/TorchConfig.cmake" || -e "$prefix/TorchConfig.cmake" ]] && return 0
  done
  return 1
}

# not_installed PACKAGE…: prints the packages that are not installed, one on each line.
not_installed() {
  local installed package
  # dpkg-query fails if it does not know a package: such a package is not installed.
  installed="$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^installed //p')"
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# as_root COMMAND…: runs the command as root, with sudo if needed. Returns 126 if that is not possible.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif has_command sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    sudo "$@"
  else
    return 126
  fi
}

can_become_root() { as_root true; }

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# install_packages LOG PACKAGE…: fails if the installation fails. An apt-get update that fails is ignored,
# since it may only be that one of several sources cannot be reached.
install_packages() {
  local log="$1"
  shift
  apt_get update >"$log" 2>&1 || true
  apt_get install --no-install-recommends "$@" >>"$log" 2>&1
}

# ensure_installed PACKAGE…: installs what is missing and says so. If it can't, says what to do, and exits.
ensure_installed() {
  [[ "${HOLDFAST_INSTALL:-yes}" == no ]] && return
  local missing remedy log
  if ! has_command dpkg-query || ! has_command apt-get; then
    fail "this is not Debian, so this script can neither check for packages nor install them" \
      "needed (by their names in Debian): $*" \
      "install the packages that your system has for these, then run this again with HOLDFAST_INSTALL=no"
  fi
  mapfile -t missing < <(not_installed "$@")
  ((${#missing[@]})) || return 0

  remedy="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  can_become_root || fail "missing packages: ${missing[*]}" \
    "installing them needs root, and there is no sudo to ask for it; as root, run:" "  $remedy"
  heading "Installing what is missing"
  printf '%s\n' "${missing[*]}" | fold -s -w 100
  mkdir -p "$build_root"
  log="$build_root/install.log"
  install_packages "$log" "${missing[@]}" && return
  tail -n 15 "$log" >&2
  fail "apt-get could not install: $(not_installed "${missing[@]}" | tr '\n' ' ')" \
    "what it said is above, and in $log; as root, try:" "  $remedy"
}

# available PACKAGE…: prints the packages that apt knows, one on each line.
available() {
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 && printf '%s\n' "$package"
  done
}

# Installs whatever the build, the tests and the demo need.
install_missing() {
  local packages=("${required_packages[@]}")
  torch_in_prefix_path || packages+=("${torch_packages[@]}")
  ensure_installed "${packages[@]}"
}

# compat_root SUITE: prints the directory in which scripts/compat keeps that Debian.
compat_root() { printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/holdfast/compat/$1"; }

memory_gib() {
  local kib limit
  kib="$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)"
  limit="$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)"
  [[ "$limit" =~ ^[0-9]+$ ]] && ((limit / 1024 < kib)) && kib=$((limit / 1024))
  echo $((kib / 1024 / 1024))
}

# Prints the number of jobs: one for each core, but at most one for each 2 GiB of memory. To compile a
# source that includes LibTorch takes 1.5 GiB.
job_count() {
  local jobs limit
  jobs="$(nproc)"
  limit=$(($(memory_gib) / 2))
  ((jobs > limit)) && jobs=$limit
  ((jobs < 1)) && jobs=1
  echo "${HOLDFAST_JOBS:-$jobs}"
}

# configure DIRECTORY CMAKE-ARGUMENT…: configures the build tree if it is new, or if the arguments, the
# prefix path or the presets have changed. Ninja notices all other changes itself.
configure() {
  local directory="$1" stamp="$1/.configured" wish
  shift
  wish="$* | ${CMAKE_PREFIX_PATH:-}"
  if [[ -f "$directory/build.ninja" && "$directory/.configured" -nt "$source_dir/CMakePresets.json" &&
    "$(cat "$stamp")" == "$wish" ]]; then
    return
  fi
  rm -f "$stamp"
  (cd "$source_dir" && cmake --fresh -B "$directory" "$@")
  printf '%s\n' "$wish" >"$stamp"
}

# build DIRECTORY [TARGET…]: waits for another build of this tree, since both would write the same files.
build() {
  local directory="$1"
  shift
  flock "$directory/.configured" ninja -C "$directory" -j "$(job_count)" "$@"
}

# build_release [TARGET…]: builds into build/release; the programs are then in build/release/bin.
build_release() {
  configure "$build_root/release" --preset release
  build "$build_root/release" "$@"
}
