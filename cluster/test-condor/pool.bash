# What up and down share. Sourced by them, after launch/lib/common.bash.
source "$root/launch/lib/bare_system.bash"
#
# The pool's processes are in a process namespace of their own: its first process ends, and all others are gone. Its mounts
# are in a mount namespace of their own: from outside the pool's folder is a plain folder with plain files.

# set_folder FOLDER: where the pool is.
set_folder() {
  folder=$(realpath -m -- "$1")
  system=$folder/system
  # The pool's first process, and the namespace by which it is told from a later process of the same number.
  record=$folder/process
}

# runs: there is a pool; $first is its first process.
runs() {
  local namespace
  [[ -r $record ]] && read -r first namespace <"$record" || return 1
  [[ $(readlink "/proc/$first/ns/pid") == "$namespace" ]] 2>/dev/null
}

# end_pool: all processes of the pool, then its jobs.
end_pool() {
  if runs; then
    kill -KILL "$first"
    while [[ -e /proc/$first ]]; do sleep 0.1; done
  fi
  rm -f -- "$record" "$folder/run" "$folder/home" "$folder/shared"
  delete "$system/pool"
  delete "$system/home/physicist"
}
