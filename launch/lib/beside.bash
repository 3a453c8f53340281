# Stages of launch/test that run beside the others. Sourced by it, after `set -euo pipefail`.
#
# `beside` lists the stages, which are functions without arguments. They run one after the other, at the lowest priority.

beside_folder=.build/beside
jobs=

# Starts them, in a process group of their own, which ends with the script.
start_beside() {
  rm -rf "$beside_folder" && mkdir -p "$beside_folder"
  # Without `|| true` the script would exit with 1 where all of them have ended, as there is no such group any more.
  trap 'kill -- "-$jobs" 2>/dev/null || true' EXIT
  set -m
  run_beside </dev/null &
  jobs=$!
  set +m
}

run_beside() {
  renice -n 19 "$BASHPID" >/dev/null
  local stage
  for stage in "${beside[@]}"; do
    local start=$SECONDS
    set +e
    (set -e && "$stage") >"$beside_folder/$stage.log" 2>&1
    echo "$? $((SECONDS - start))" >"$beside_folder/$stage.part"
    mv "$beside_folder/$stage.part" "$beside_folder/$stage.end"
  done
}

# finish_beside STAGE: waits for it, prints what it printed, and sets `code` and `seconds`.
finish_beside() {
  while [[ ! -e $beside_folder/$1.end ]] && kill -0 "$jobs" 2>/dev/null; do sleep 0.2; done
  cat "$beside_folder/$1.log"
  read -r code seconds <"$beside_folder/$1.end" || { code=1 && seconds=0; }
}
