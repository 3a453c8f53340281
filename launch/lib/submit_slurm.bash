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
  local script job name
  $in_place && die 64 "--in-place: under Slurm it is always so"
  script=$(fill_slurm)
  # From within another job its settings would count for this one.
  for name in "${!SLURM_@}"; do
    if [[ $name != SLURM_CONF && $name != SLURM_CLUSTERS ]]; then unset "$name"; fi
  done
  if $dry; then
    echo "$script"
    command -v sbatch >/dev/null || return 0
    sbatch --test-only <<<"$script" || die 69 "Slurm refuses the job, see above"
    return
  fi
  job=$(sbatch --parsable <<<"$script") || die 69 "Slurm refuses the job, see above"
  job=${job%%;*}
  cat <<END
Submitted job $job.
  squeue --jobs=$job                       # does it run?
  tail -f dist-train-$job${array:+_SEED}.log              # what it says, unless the site file names it otherwise
  scancel --signal=USR1 --batch $job       # a checkpoint now, then back into the queue
  scancel $job                             # the end
  $program status $run_folder
END
}
