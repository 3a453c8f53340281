# Stages of launch/test that run beside the others. Sourced by it, after `set -euo pipefail`.

beside_folder=.build/beside
# The process groups in which they run.
beside_groups=()

# start_beside NICENESS STAGE …: starts these stages, which are functions without arguments, one after the other, in a process group
# of their own, which ends with the script.
start_beside() {
  if ((${#beside_groups[@]} == 0)); then
    rm -rf "$beside_folder" && mkdir -p "$beside_folder"
    trap end_beside EXIT
  fi
  set -m
  run_beside "$@" </dev/null &
  beside_groups+=($!)
  set +m
  local stage
  for stage in "${@:2}"; do echo $! >"$beside_folder/$stage.group"; done
}

run_beside() {
  renice -n "$1" "$BASHPID" >/dev/null
  local stage
  for stage in "${@:2}"; do
    local start=$SECONDS
    set +e
    (set -e && "$stage") >"$beside_folder/$stage.log" 2>&1
    echo "$? $((SECONDS - start))" >"$beside_folder/$stage.part"
    mv "$beside_folder/$stage.part" "$beside_folder/$stage.end"
  done
}

# is_beside STAGE: whether that stage was started.
is_beside() { [[ -e $beside_folder/$1.group ]] && ((${#beside_groups[@]} > 0)); }

# finish_beside STAGE: waits for it, prints what it printed, and sets `code` and `seconds`.
finish_beside() {
  local group
  group=$(<"$beside_folder/$1.group")
  while [[ ! -e $beside_folder/$1.end ]] && kill -0 "$group" 2>/dev/null; do sleep 0.2; done
  if [[ -e $beside_folder/$1.log ]]; then cat "$beside_folder/$1.log"; fi
  # shellcheck disable=SC2034  # for the caller
  read -r code seconds <"$beside_folder/$1.end" || { code=1 && seconds=0; }
}

# Interrupts them, so that they can clean up, and kills what is left after ten seconds. With `|| true`: once all processes of a group
# have ended, the group no longer exists, and the script would exit with 1.
end_beside() {
  local group turn
  for group in "${beside_groups[@]}"; do kill -INT -- "-$group" 2>/dev/null || true; done
  for group in "${beside_groups[@]}"; do
    for ((turn = 0; turn < 100; turn++)); do
      kill -0 -- "-$group" 2>/dev/null || break
      sleep 0.1
    done
    kill -- "-$group" 2>/dev/null || true
  done
}
