# How launch/submit makes a job for Slurm out of launch/slurm.sbatch. Sourced by it; its variables are used here.

# fill_slurm: launch/slurm.sbatch with the settings of this job.
fill_slurm() {
  local lines=("${slurm_lines[@]/#/#SBATCH }") quoted
  if [[ -n $partition ]]; then lines+=("#SBATCH --partition=$partition"); fi
  if [[ -n $account ]]; then lines+=("#SBATCH --account=$account"); fi
  if [[ -n $array ]]; then lines+=("#SBATCH --array=$array" "#SBATCH --output=%x-%A_%a.log"); fi
  printf -v quoted ' %q' "${arguments[@]}"
  LINES_OF_SITE=$(printf '%s\n' "${lines[@]}") ARGUMENTS=${quoted# } PROGRAM=$(printf %q "$program") \
    MODULES=$(printf %q "$modules") \
    awk -v nodes="$nodes" -v ranks="$ranks_per_node" -v cpus="$cpus_per_rank" -v time="${time:-1:00:00}" \
    -v launcher="${launcher:-mpirun}" '
      /^#SBATCH --nodes=/ { print "#SBATCH --nodes=" nodes; next }
      /^#SBATCH --ntasks-per-node=/ { print "#SBATCH --ntasks-per-node=" ranks; next }
      /^#SBATCH --cpus-per-task=/ { print "#SBATCH --cpus-per-task=" cpus; next }
      /^#SBATCH --time=/ { print "#SBATCH --time=" time; next }
      /^#SBATCH --output=/ { print; if (ENVIRON["LINES_OF_SITE"] != "") print ENVIRON["LINES_OF_SITE"]; next }
      /^modules=/ { print "modules=" ENVIRON["MODULES"]; next }
      /^arguments=/ { print "arguments=(" ENVIRON["ARGUMENTS"] ")"; next }
      /^program=/ { print "program=" ENVIRON["PROGRAM"]; next }
      /^launcher=/ { print "launcher=" launcher; next }
      { print }' "$root/launch/slurm.sbatch"
}

submit_slurm() {
  local text job name
  $in_place && die 64 "--in-place: Slurm never transfers files; leave it out"
  text=$(fill_slurm)
  # From within another job its settings would count for this one; and SBATCH_… comes before what a script says.
  for name in "${!SLURM_@}"; do
    if [[ $name != SLURM_CONF && $name != SLURM_CLUSTERS ]]; then unset "$name"; fi
  done
  unset SBATCH_SIGNAL SBATCH_OPEN_MODE SBATCH_REQUEUE SBATCH_NO_REQUEUE
  [[ -z $time ]] || unset SBATCH_TIMELIMIT
  [[ -z $partition ]] || unset SBATCH_PARTITION
  [[ -z $account ]] || unset SBATCH_ACCOUNT
  [[ -z $array ]] || unset SBATCH_ARRAY_INX
  if $dry; then
    echo "$text"
    command -v sbatch >/dev/null || return 0
    sbatch --test-only <<<"$text" || die 69 "Slurm refuses the job, see above"
    return
  fi
  job=$(sbatch --parsable <<<"$text") || die 69 "Slurm refuses the job, see above"
  job=${job%%;*}
  echo "Submitted job $job."
  follow "squeue --jobs=$job" "is it running?"
  follow "tail -f dist-train-$job${array:+_SEED}.log" "its output, unless the site file sets another file"
  follow "scancel --signal=USR1 --batch $job" "write a checkpoint now and requeue"
  follow "scancel $job" "cancel it"
  follow "$(printf '%q ' "$program" status "$run_folder")" "its progress"
}
