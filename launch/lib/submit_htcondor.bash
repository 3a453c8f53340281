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

# find_files: what the job needs, and `options`, the program's arguments without the run file and what the job sets itself.
find_files() {
  local file folder index
  mapfile -t events < <("$program" check "${arguments[@]}" --files)
  options=()
  for ((index = 1; index < ${#arguments[@]}; index++)); do
    case ${arguments[index]} in
      --data.directory=* | --output.directory=*) ;;
      --data.directory | --output.directory) index=$((index + 1)) ;;
      *) options+=("${arguments[index]}") ;;
    esac
  done
  [[ ${run_folder%/*} == runs ]] ||
    die 64 "output.directory '${run_folder%/*}': HTCondor brings the run's folder back as runs/NAME; leave it out, or say --in-place"
  must_be_plain "${events[@]}"
  # In the job all lie in one folder: would the run file find them there?
  folder=$(mktemp -d)
  for file in "${events[@]}"; do
    [[ ! -e $folder/${file##*/} ]] || die 64 "$file: another event file has the same name; HTCondor carries all into one folder"
    ln -s "$file" "$folder/${file##*/}"
  done
  while IFS= read -r file; do
    [[ ${file%/*} == "$folder" ]] ||
      die 64 "$file: HTCondor carries all event files into one folder; give plain names and data.directory, or say --in-place"
  done < <("$program" check "${arguments[0]}" "${options[@]}" "--data.directory=$folder" --files)
  rm -r "$folder"
}

# fill_htcondor: launch/htcondor.sub with the settings of this job.
fill_htcondor() {
  local lines=("${htcondor_lines[@]}") options=() inputs=() log=dist-train.'$(Cluster).$(Process)' seeds megabytes
  local run_file=${arguments[0]} seed last=${array#*-}
  must_be_plain "$root" "$run_file"
  if ((nodes > 1)); then
    lines=("universe = parallel" "machine_count = $nodes" "+WantIOProxy = True" "${lines[@]}")
    log+='.$(Node)'
  fi
  if [[ -n $account ]]; then lines+=("accounting_group = $account"); fi
  if $in_place; then
    mapfile -t events < <("$program" check "${arguments[@]}" --files)
    options=("${arguments[@]:1}")
  else
    find_files
    inputs=("${events[@]}")
    if [[ -n $array ]]; then
      for seed in $(seq "${array%-*}" "${last%\%*}"); do
        [[ ! -e ${run_folder/%-SEED/-$seed} ]] || die 64 "${run_folder/%-SEED/-$seed} is there: submit that seed alone to go on with it"
      done
    elif [[ -e $run_folder ]]; then
      inputs+=("$run_folder")
    fi
  fi
  if [[ -n $array ]]; then
    seeds=$(seq -s ', ' "${array%-*}" "${last%\%*}")
    if [[ $array == *%* ]]; then lines+=("max_materialize = ${array#*%}"); fi
    options+=("--name=$(basename "$run_file" .yaml)-seed-\$(seed)" '--training.seed=$(seed)')
  fi
  megabytes=$(du -Lcm "${events[@]}" | tail -n 1 | cut -f 1)
  LINES_OF_SITE=$(printf '%s\n' "${lines[@]}") OPTIONS=$(quoted_for_htcondor "${options[@]}") EVENTS=$(IFS=, && echo "${inputs[*]}") \
    PROGRAM=$program RUN_FILE=$run_file MODULES=$modules LOG=$log \
    awk -v executable="$root/launch/htcondor-job" -v cpus=$((ranks_per_node * cpus_per_rank)) -v ranks="$ranks_per_node" \
    -v in_place="$in_place" -v seeds="${seeds-}" -v megabytes="$megabytes" '
      function set(value) { sub(/=.*/, "= "); print $0 value }
      in_place == "true" && /^(checkpoint_exit_code|transfer_|when_to_transfer)/ { next }
      in_place == "true" && /^should_transfer_files/ { set("NO"); next }
      /^run_file *=/ { set(ENVIRON["RUN_FILE"]); next }
      in_place == "true" && /^events *=/ { next }
      /^events *=/ { set(ENVIRON["EVENTS"]); next }
      /^cpus *=/ { set(cpus); next }
      /^ranks *=/ { set(ranks); next }
      /^options *=/ { set(ENVIRON["OPTIONS"]); next }
      /^modules *=/ { set(ENVIRON["MODULES"]); next }
      /^executable *=/ { set(executable); next }
      /^transfer_input_files *=/ { sub(/\.build\/release\/dist-train/, ENVIRON["PROGRAM"]) }
      /^arguments *=/ && in_place == "true" { sub(/\$Fnx\(run_file\).* \$/, "$(run_file) $") }
      /^environment *=/ && in_place == "true" { sub(/"$/, " DIST_TRAIN=" ENVIRON["PROGRAM"] "\"") }
      # Program, events and checkpoints.
      /^request_disk *=/ { set(1024 + megabytes "MB"); next }
      # Some MB for each rank, and the events as they are read: no more than their text.
      /^request_memory *=/ { set(1024 + 64 * ranks + megabytes "MB"); next }
      /^(output|error) *=/ { value = ENVIRON["LOG"] (/^output/ ? ".out" : ".err"); set(value); next }
      /^queue/ {
        if (ENVIRON["LINES_OF_SITE"] != "") print ENVIRON["LINES_OF_SITE"] "\n"
        print seeds == "" ? "queue" : "queue seed in " seeds
        exit
      }
      { print }' "$root/launch/htcondor.sub"
}

submit_htcondor() {
  local file answer job
  [[ -z $time ]] || die 64 "--time: HTCondor has no such limit; what your pool has instead goes into a site file, see $root/cluster/sites"
  [[ -z $partition ]] || die 64 "--partition: HTCondor has none; what your pool has instead goes into a site file, see $root/cluster/sites"
  [[ ${launcher:-mpirun} == mpirun ]] || die 64 "--launcher $launcher: under HTCondor it is always mpirun"
  file=$(mktemp)
  # shellcheck disable=SC2064
  trap "rm -f '$file'" EXIT
  fill_htcondor >"$file"
  if $dry; then
    cat "$file"
    command -v condor_submit >/dev/null || return 0
    condor_submit -dry-run /dev/null "$file" || die 69 "HTCondor refuses the job, see above"
    return
  fi
  answer=$(condor_submit -terse "$file") || die 69 "HTCondor refuses the job, see above"
  job=${answer%%.*}
  cat <<END
Submitted job $job.
  condor_q $job                        # does it run?
  condor_tail -f $job                  # what it says
  condor_vacate_job $job               # a checkpoint now, then on from there
  condor_rm $job                       # the end; what it has done is deleted$($in_place && echo " not")
When it has ended, its run is in $run_folder.
END
}
