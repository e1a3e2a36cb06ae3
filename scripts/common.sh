# What the scripts share: installing what is missing, configuring, building. Sourced, not run.
# shellcheck shell=bash
#
# Read from the environment:
#   CMAKE_PREFIX_PATH    where else to look for libraries; a LibTorch found there is used, and Debian's
#                        is then not asked for
#   HOLDFAST_BUILD_ROOT  where the build trees go (default: build/ beside the sources)
#   HOLDFAST_INSTALL=no  install nothing and check for nothing
#   HOLDFAST_JOBS        compile and test jobs at once (default: what cores and memory allow)

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build_root="${HOLDFAST_BUILD_ROOT:-$source_dir/build}"

# Debian's names; the same in Debian 12, 13 and later.
required_packages=(
  g++ clang cmake ninja-build ccache
  libhdf5-dev libzip-dev libtbb-dev libxxhash-dev nlohmann-json3-dev libyaml-cpp-dev zlib1g-dev
  libcli11-dev
  libgtest-dev libgmock-dev python3 python3-h5py python3-numpy python3-torch chromium mandoc
  dataset-fashion-mnist
)
# To make Debian packages of the parts without LibTorch (scripts/package).
package_packages=(
  g++ cmake ninja-build ccache libhdf5-dev libzip-dev libtbb-dev libxxhash-dev nlohmann-json3-dev libcli11-dev
  dpkg-dev file
)
# Without OpenBLAS, LibTorch multiplies matrices with the reference BLAS, some 40 times slower.
torch_packages=(libtorch-dev libopenblas0-pthread)

heading() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n== %s\n' "$*"; fi
}

# fail PROBLEM [LINE…]
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# The comment block at the top of the script is its help.
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

# Prints those of its arguments that are not installed, one a line.
not_installed() {
  local installed package
  # dpkg-query fails when it does not know one of the packages; that one is then not installed.
  installed="$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^installed //p')"
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Runs its arguments as root, by sudo where need be; 126 if there is no way to.
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

# install_packages LOG PACKAGE…: an apt-get update that fails is not fatal (one of several sources may
# be unreachable), an install that fails is.
install_packages() {
  local log="$1"
  shift
  apt_get update >"$log" 2>&1 || true
  apt_get install --no-install-recommends "$@" >>"$log" 2>&1
}

# ensure_installed PACKAGE…: says what it installs, or what to do if it can't.
ensure_installed() {
  [[ "${HOLDFAST_INSTALL:-yes}" == no ]] && return
  local missing remedy log
  if ! has_command dpkg-query || ! has_command apt-get; then
    fail "this is not Debian, so what is missing can't be installed, or even checked." \
      "needed, by their names in Debian: $*" \
      "install what your system calls them, then run this again with HOLDFAST_INSTALL=no"
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

# Prints those of its arguments that apt knows.
available() {
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 && printf '%s\n' "$package"
  done
}

# Whatever building, testing and the demo need.
install_missing() {
  local packages=("${required_packages[@]}")
  torch_in_prefix_path || packages+=("${torch_packages[@]}")
  ensure_installed "${packages[@]}"
}

# compat_root SUITE: where scripts/compat has that Debian.
compat_root() { printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/holdfast/compat/$1"; }

memory_gib() {
  local kib limit
  kib="$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)"
  limit="$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)"
  [[ "$limit" =~ ^[0-9]+$ ]] && ((limit / 1024 < kib)) && kib=$((limit / 1024))
  echo $((kib / 1024 / 1024))
}

# One for each core, but no more than one for each 2 GiB: a source that includes LibTorch takes 1.5.
job_count() {
  local jobs limit
  jobs="$(nproc)"
  limit=$(($(memory_gib) / 2))
  ((jobs > limit)) && jobs=$limit
  ((jobs < 1)) && jobs=1
  echo "${HOLDFAST_JOBS:-$jobs}"
}

# configure DIRECTORY CMAKE-ARGUMENT…: only where the tree was never configured, or with other
# arguments or another prefix path, or before the presets changed. The rest ninja notices by itself.
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

# build DIRECTORY [TARGET…]: one at a time, as two would write the same files.
build() {
  local directory="$1"
  shift
  flock "$directory/.configured" ninja -C "$directory" -j "$(job_count)" "$@"
}

# build_release [TARGET…]: leaves the binaries in build/release/bin.
build_release() {
  configure "$build_root/release" --preset release
  build "$build_root/release" "$@"
}
