# What the scripts in launch/ and cluster/ share. Sourced by them, after `set -euo pipefail`.
#
# Exit codes are those of <sysexits.h>, as in the program: 64 usage, 66 file missing, 69 something that has to be
# installed first is missing, 70 the build failed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# What launch/build made brings the program; it needs no Swift, and there is nothing to build.
program=$root/bin/dist-train
[[ -x $program ]] || program=$root/.build/release/dist-train
# The name of the script in messages: launch/test.
script=$(basename "$(cd "$(dirname "$0")" && pwd)")/$(basename "$0")

# die CODE MESSAGE: one line on standard error, the end.
die() {
  echo "$script: $2" >&2
  exit "$1"
}

# Prints the comment at the top of the script that was started: its manual.
usage() {
  awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
}

# install_packages PACKAGE…: Debian's packages, where there is apt.
install_packages() {
  local advice="install them, or load the environment modules that bring them (for example: module load openmpi)"
  # Only needed to build.
  if [[ " $* " == *-dev\ * ]]; then advice+="; or build where you are root, by launch/build, and bring its tarball here"; fi
  command -v apt-get >/dev/null || die 69 "missing, by Debian's names: $*; $advice"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die 69 "missing: $*; $advice"
    as_root=(sudo)
  fi
  echo "$script: installing $*" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends "$@" </dev/null >&2 ||
    die 69 "apt-get could not install $*; $advice"
}

# can_build: the sources are here, and a Swift to build them.
can_build() { [[ -e $root/Package.swift ]] && command -v swift >/dev/null; }

# has_library yaml|z: the header and the archive are where the compiler looks for them (in CPATH and LIBRARY_PATH, too).
has_library() {
  local clang library=-l:lib$1.a program
  clang=$(dirname "$(realpath "$(command -v swift)")")/clang
  [[ -x $clang ]] || clang=clang
  # As Package.swift links it.
  [[ $(uname) == Linux ]] || library=-l$1
  case $1 in
    yaml) program='#include <yaml.h>\nint main(void) { yaml_parser_t parser; return yaml_parser_initialize(&parser); }\n' ;;
    z) program='#include <zlib.h>\nint main(void) { return zlibVersion()[0]; }\n' ;;
  esac
  printf '%b' "$program" |
    "$clang" -x c - "$library" -o /dev/null 2>/dev/null
}

# Installs what the program needs to be started and, where it can be built, to be built, if it is not there: Open MPI 4 or
# newer; its headers and pkg-config, which tells the Swift package manager where they are; libyaml and zlib, which are
# linked into the program.
install_libraries() {
  local missing=()
  command -v mpirun >/dev/null || missing+=(openmpi-bin)
  if can_build; then
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    # A module of Open MPI may bring its mpirun into PATH and no more.
    local prefix folder
    prefix=$(dirname "$(dirname "$(command -v mpirun)")")
    for folder in "$prefix"/{lib,lib64}/pkgconfig; do
      if [[ -e $folder/ompi-c.pc ]]; then export PKG_CONFIG_PATH=${PKG_CONFIG_PATH:+$PKG_CONFIG_PATH:}$folder; fi
    done
    pkg-config --exists ompi-c 2>/dev/null || missing+=(libopenmpi-dev)
    has_library yaml || missing+=(libyaml-dev)
    has_library z || missing+=(zlib1g-dev)
  fi
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}

require_swift() {
  command -v swift >/dev/null ||
    die 69 "no 'swift' in PATH; install Swift 6.2 or newer (https://www.swift.org/install) or load its module"
}

# Builds the program with the Swift runtime inside, so that it also runs on nodes without Swift. One line says why; where there is
# nothing to build, nothing is printed.
build_program() {
  require_swift
  local build=(swift build --package-path "$root" -c release --static-swift-stdlib) record=$root/.build/launch-build
  # Of this process alone: several may build at the same time, one after the other.
  local new=$record.$BASHPID
  local settings reason before
  settings=$(build_settings "${build[@]}")
  reason=$(build_reason "$record" "$settings")
  mkdir -p "$root/.build"
  # As old as the sources that are built: what is saved meanwhile is newer.
  echo "$settings" >"$new"
  if [[ -n $reason ]]; then
    echo "$script: building dist-train: $reason" >&2
    "${build[@]}" </dev/null >&2 || die 70 "the build failed, see above"
  else
    # Only the package manager knows everything that a build depends on.
    before=$(stat -c '%i %y' "$program")
    "${build[@]}" </dev/null &>"$record.log" || { cat "$record.log" >&2 && die 70 "the build failed, see above"; }
    [[ $(stat -c '%i %y' "$program") == "$before" ]] ||
      echo "$script: built dist-train anew: the Swift package manager found a change (its log: $record.log)" >&2
  fi
  mv "$new" "$record"
}

# build_settings COMMAND…: what a build depends on beside the sources.
build_settings() {
  stat -Lc '%n %s %Y' "$(command -v swift)"
  echo "$*" "${WARNINGS_AS_ERRORS-}"
  pkg-config --cflags --libs ompi-c 2>/dev/null || true
}

# build_reason RECORD SETTINGS: why the program has to be built; nothing if it is newer than its sources.
build_reason() {
  local changed
  if [[ ! -x $program ]]; then
    echo "this is the first build, which takes some minutes"
  elif [[ ! -e $1 ]]; then
    echo "the program that is there was not built by launch/"
  elif [[ $(<"$1") != "$2" ]]; then
    echo "compiler, flags or Open MPI have changed"
  else
    changed=$(cd "$root" && find Package.swift Sources -newer "$1" -type f | sort)
    if [[ -n $changed ]]; then
      echo "$(head -n 1 <<<"$changed")$(awk 'END { if (NR > 1) print " and " NR - 1 " more" }' <<<"$changed") changed since the last build"
    else
      # A file that was removed or renamed.
      changed=$(cd "$root" && find Sources -newer "$1" -type d | sort | head -n 1)
      [[ -z $changed ]] || echo "the files in $changed changed since the last build"
    fi
  fi
}

# Open MPI refuses to start for root unless it is told twice; in a container there is often only root.
allow_root() {
  if ((EUID == 0)); then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
}

# make_venv FOLDER REQUIREMENTS-FILE: a Python environment with exactly those packages, made anew if they changed.
make_venv() {
  local folder=$1 requirements=$2 candidate python=""
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  [[ -n $python ]] || die 69 "no Python 3.11 or newer in PATH; install python3 and python3-venv or load a module"
  if cmp -s "$requirements" "$folder/requirements.txt" && "$folder/bin/python" -c '' 2>/dev/null; then return; fi
  # In Debian, venv is in a separate package.
  "$python" -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  rm -rf "$folder"
  "$python" -m venv "$folder" </dev/null >&2 || die 69 "$python cannot make a virtual environment in $folder"
  # Wheels only: without one, pip would compile for a very long time without any message.
  "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: -r "$requirements" </dev/null >&2 ||
    die 69 "pip could not install the packages of $requirements"
  cp "$requirements" "$folder/requirements.txt"
}
