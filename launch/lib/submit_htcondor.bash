# How launch/submit makes a job for HTCondor out of launch/htcondor.sub. Sourced by it; its variables are used here.

# must_be_plain FILE…
must_be_plain() {
  local file
  for file; do
    [[ $file != *[,[:space:]\"\']* ]] || die 64 "$file: HTCondor does not take a path with a space, a comma or a quote"
  done
}

# quoted_for_htcondor TEXT…: as words of a submit file's `arguments` between double quotes.
quoted_for_htcondor() {
  local word words=()
  for word; do
    word=${word//\"/\"\"}
    if [[ $word == *[[:space:]\']* || -z $word ]]; then word="'${word//\'/\'\'}'"; fi
    words+=("$word")
  done
  echo "${words[*]}"
}

# require_one_folder: all files lie in one in the job; would the run file find them there?
require_one_folder() {
  [[ ${run_folder%/*} == runs ]] ||
    die 64 "output.directory '${run_folder%/*}': HTCondor brings the run's folder back as runs/NAME; leave it out, or use --in-place"
  must_be_plain "${events[@]}" "$run_folder"
  local file
  for file in "${events[@]}"; do
    [[ ! -e $scratch/${file##*/} ]] || die 64 "$file: another event file has the same name; HTCondor carries all into one folder"
    ln -s "$file" "$scratch/${file##*/}"
  done
  while IFS= read -r file; do
    [[ ${file%/*} == "$scratch" ]] ||
      die 64 "$file: HTCondor carries all event files into one folder; give plain names and data.directory, or use --in-place"
  done < <("$program" check "${arguments[@]}" --data.directory="$scratch" --files)
}

# fill_htcondor: launch/htcondor.sub with the settings of this job.
fill_htcondor() {
  local lines=("${htcondor_lines[@]}") options=("${arguments[@]:1}") inputs=() log=dist-train.'$(Cluster).$(Process)'
  local run_file=${arguments[0]} queue=queue seed events megabytes
  must_be_plain "$root" "$run_file"
  mapfile -t events < <("$program" check "${arguments[@]}" --files)
  if ((nodes > 1)); then
    lines=("universe = parallel" "machine_count = $nodes" "+WantIOProxy = True" "${lines[@]}")
    log+='.$(Node)'
  fi
  if [[ -n $account ]]; then lines+=("accounting_group = $account"); fi
  if [[ -n $array ]]; then
    if [[ -n $at_a_time ]]; then lines+=("max_materialize = $at_a_time"); fi
    queue="queue seed in $(IFS=, && echo "${seeds[*]}")"
    seed=${run_folder##*/}
    options+=("--name=${seed/%SEED/\$(seed)}" '--training.seed=$(seed)')
  fi
  if ! $in_place; then
    require_one_folder
    inputs=("${events[@]}")
    for seed in "${seeds[@]}"; do
      [[ ! -e ${run_folder/%SEED/$seed} ]] ||
        die 64 "${run_folder/%SEED/$seed} is there already: move it away, or continue that run alone with --name and --training.seed"
    done
    if [[ -e $run_folder ]]; then inputs+=("$run_folder"); fi
  fi
  megabytes=$(du -Lcm "${events[@]}" | tail -n 1 | cut -f 1)
  LINES_OF_SITE=$(printf '%s\n' "${lines[@]}") OPTIONS=$(quoted_for_htcondor "${options[@]}") EVENTS=$(IFS=, && echo "${inputs[*]}") \
    PROGRAM=$program RUN_FILE=$run_file MODULES=$modules LOG=$log \
    awk -v executable="$root/launch/htcondor-job" -v cpus=$((ranks_per_node * cpus_per_rank)) -v ranks="$ranks_per_node" \
    -v in_place="$in_place" -v queue="$queue" -v megabytes="$megabytes" '
      function set(value) { sub(/=.*/, "= "); print $0 value }
      in_place == "true" && /^(checkpoint_exit_code|transfer_|when_to_transfer)/ { next }
      in_place == "true" && /^should_transfer_files/ { set("NO"); next }
      /^run_file *=/ { set(ENVIRON["RUN_FILE"]); next }
      in_place == "true" && /^(events|piece) *=/ { next }
      /^events *=/ { set(ENVIRON["EVENTS"]); next }
      /^cpus *=/ { set(cpus); next }
      /^ranks *=/ { set(ranks); next }
      /^options *=/ { set(ENVIRON["OPTIONS"]); next }
      /^modules *=/ { set(ENVIRON["MODULES"]); next }
      /^executable *=/ { set(executable); next }
      /^program *=/ { set(ENVIRON["PROGRAM"]); next }
      in_place == "true" && /^arguments *=/ { set("\"-np $(ranks) $(run_file) $(options)\""); next }
      # Program, events and checkpoints.
      /^request_disk *=/ { set(1024 + megabytes "MB"); next }
      # Some MB for each rank, and the events as they are read: no more than their text.
      /^request_memory *=/ { set(1024 + 64 * ranks + megabytes "MB"); next }
      /^(output|error) *=/ { value = ENVIRON["LOG"] (/^output/ ? ".out" : ".err"); set(value); next }
      /^queue/ {
        if (ENVIRON["LINES_OF_SITE"] != "") print ENVIRON["LINES_OF_SITE"] "\n"
        print queue
        exit
      }
      { print }' "$root/launch/htcondor.sub"
}

submit_htcondor() {
  local elsewhere="put what your pool uses instead into a site file, see $root/cluster/sites" answer job
  [[ -z $time ]] || die 64 "--time: HTCondor has no such limit; $elsewhere"
  [[ -z $partition ]] || die 64 "--partition: HTCondor has none; $elsewhere"
  [[ ${launcher:-mpirun} == mpirun ]] || die 64 "--launcher $launcher: HTCondor jobs always use mpirun; leave it out"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  fill_htcondor >"$scratch/job.sub"
  if $dry; then
    cat "$scratch/job.sub"
    command -v condor_submit >/dev/null || return 0
    condor_submit -dry-run /dev/null "$scratch/job.sub" || die 69 "HTCondor refuses the job, see above"
    return
  fi
  answer=$(condor_submit -terse "$scratch/job.sub") || die 69 "HTCondor refuses the job, see above"
  job=${answer%%.*}
  echo "Submitted job $job."
  follow "condor_q $job" "is it running?"
  if $in_place; then
    follow "tail -f dist-train.$job.*.out" "its output"
  elif ((nodes > 1)); then
    # condor_tail knows no node of such a job.
    follow "cat dist-train.$job.0.0.out" "its output, once it has ended"
  else
    follow "condor_tail -f $job" "its output"
  fi
  follow "condor_vacate_job $job" "write a checkpoint now, then continue"
  follow "condor_rm $job" "cancel it; its run folder $(if $in_place; then echo "is kept"; else echo "is lost"; fi)"
  echo "When the job has ended, the run is in $run_folder."
}
