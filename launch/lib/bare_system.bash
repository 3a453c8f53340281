# Small Debian systems in a folder, to try in them what other machines will do. Sourced after common.bash; root is needed.

# delete FOLDER: nothing is ever mounted in what is deleted here; if something is, it stays.
delete() {
  if awk -v folder="$(realpath -m -- "$1")" '$5 == folder || index($5, folder "/") == 1 { found = 1 } END { exit !found }' \
    /proc/self/mountinfo; then
    die 69 "something is mounted in $1: unmount it, then call $script again"
  fi
  rm -rf --one-file-system -- "$1"
}

# in_system FOLDER COMMAND…: with the folder as the root, with processes and mounts of its own. Nothing is left of them.
in_system() {
  # Open MPI 4 asks for this machine's address, and would wait for answers that do not come.
  cp /etc/hosts "$1/etc/hosts"
  # shellcheck disable=SC2016
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    unshare --mount --pid --fork --kill-child bash -c \
    'mount -t proc proc "$1/proc" && mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" && exec chroot "$@"' bash "$@" </dev/null
}

# make_system FOLDER RELEASE 'PACKAGE…' [COMMAND…]: Debian's smallest kind with these packages added, after the command ran in
# it; unless it is there. FOLDER.log has what was printed.
make_system() {
  local system=$1 release=$2 packages=$3 keys=/usr/share/keyrings/debian-archive-keyring.gpg missing=()
  local new=$system.new log=$system.log
  shift 3
  [[ ! -d $system ]] || return 0
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  [[ -e $keys ]] || missing+=(debian-archive-keyring)
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
  echo "$script: making a bare Debian $release in $system, once; this takes a minute or two" >&2
  mkdir -p "$(dirname "$system")"
  delete "$new"
  # shellcheck disable=SC2086  # one word a package
  {
    debootstrap --variant=minbase --keyring="$keys" "$release" "$new" </dev/null &&
      # Packages must not start their services.
      printf '#!/bin/sh\nexit 101\n' >"$new/usr/sbin/policy-rc.d" &&
      chmod 755 "$new/usr/sbin/policy-rc.d" &&
      in_system "$new" apt-get update -q &&
      in_system "$new" apt-get install -q -y --no-install-recommends $packages &&
      in_system "$new" apt-get clean &&
      { (($# == 0)) || in_system "$new" "$@"; } &&
      rm -rf -- "$new/var/lib/apt/lists" "$new/usr/share/doc" "$new/usr/share/man" "$new/usr/share/locale"
  } >"$log" 2>&1 || die 69 "no Debian $release: $(tail -n 1 "$log") ($log has it all)"
  mv -T "$new" "$system"
}
