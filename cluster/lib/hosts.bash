# Two hosts on one machine: network namespaces with a virtual cable between them. Sourced, after launch/lib/common.bash,
# by a script in cluster/ that calls `trap remove_hosts EXIT` before make_hosts.
#
# Each host has its own network, name and CPU; files, memory and process numbers are shared. Open MPI must talk TCP over
# the cable, as it does between real hosts.

# Named after this process, so that two of them do not meet; an interface's name has 15 characters.
host_prefix=dt$$
hosts=("$host_prefix-0" "$host_prefix-1")
network=10.93.0
# The process that carries packets where the kernel cannot delay them, if there is one.
relay=

# Why there can be no hosts here; nothing if there can.
why_no_hosts() {
  if ((EUID != 0)); then
    echo "network namespaces need root"
  elif ! ip netns add "$host_prefix" 2>/dev/null; then
    echo "this system does not permit network namespaces"
  else
    ip -n "$host_prefix" link add "$host_prefix" type veth peer name "$host_prefix-1" 2>/dev/null ||
      echo "this kernel has no virtual cables (veth)"
    ip netns exec "$host_prefix" unshare --uts true 2>/dev/null || echo "this system does not permit host names of their own"
    ip netns del "$host_prefix"
  fi
}

# Installs ip and tc, if root can.
install_hosts() {
  if command -v ip >/dev/null && command -v tc >/dev/null || ((EUID != 0)); then return; fi
  install_packages iproute2
}

make_hosts() {
  local index
  for index in 0 1; do ip netns add "${hosts[index]}"; done
  ip link add "${hosts[0]}" netns "${hosts[0]}" type veth peer name "${hosts[1]}" netns "${hosts[1]}"
  for index in 0 1; do
    ip -n "${hosts[index]}" address add "$network.$((index + 1))/24" dev "${hosts[index]}"
    ip -n "${hosts[index]}" link set "${hosts[index]}" up
    ip -n "${hosts[index]}" link set lo up
    # Some kernels come with BBR, which spaces packets by a bandwidth that it estimates, wrongly where a step's sums are all
    # there is to send: an allreduce then takes 80 µs instead of 20. Reno is in every kernel.
    ip netns exec "${hosts[index]}" sh -c 'echo reno >/proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null || true
  done
  # The CPUs that this shell may use, one a host in turn: `mpirun` would bind the first rank of either host to the same.
  DIST_TRAIN_HOST_CPUS=$(taskset -cp $$ | awk '{ count = split($NF, parts, ","); for (i = 1; i <= count; i++) {
    last = split(parts[i], range, "-"); for (cpu = range[1]; cpu <= range[last]; cpu++) printf "%d ", cpu } }')
  export DIST_TRAIN_HOST_CPUS
}

# set_cable none | delay TIME | rate RATE: what the cable does to packets, both ways. Fails where the kernel cannot.
#
# `delay` is netem's, or where the kernel has none, that of a relay between two further devices (relay.py).
# `rate` is a token bucket of 64 kB: an average, which a short message does not feel unless it comes too often.
set_cable() {
  local host discipline=()
  end_relay
  case $1 in
    delay) discipline=(netem delay "$2" limit 100000) ;;
    rate) discipline=(tbf rate "$2" burst 64kb latency 50ms) ;;
  esac
  for host in "${hosts[@]}"; do
    tc -n "$host" qdisc del dev "$host" root 2>/dev/null || true
    if [[ $1 != none ]] && ! tc -n "$host" qdisc add dev "$host" root "${discipline[@]}" 2>/dev/null; then
      [[ $1 == delay ]] && start_relay "$2"
      return
    fi
  done
}

# start_relay TIME: a network of its own, which takes longer by that. Real-time work on the CPU of the second host, as
# mpirun is on the first one.
start_relay() {
  local cpus ready
  read -ra cpus <<<"$DIST_TRAIN_HOST_CPUS"
  command -v python3 >/dev/null && [[ -c /dev/net/tun ]] || return 1
  exec {ready}< <(exec python3 "$root/cluster/lib/relay.py" "$1" "${cpus[1]-${cpus[0]}}" 10.93.1 "${hosts[@]}" \
    </dev/null 2>/dev/null)
  relay=$!
  network=10.93.1
  read -r <&"$ready" || { end_relay && return 1; }
  exec {ready}<&-
}

end_relay() {
  network=10.93.0
  [[ -n $relay ]] || return 0
  kill "$relay" 2>/dev/null || true
  wait "$relay" 2>/dev/null || true
  relay=
}

# through_cable RANKS COMMAND…: on the first host, with what an mpirun in it needs to know to start RANKS ranks on each host.
through_cable() {
  local ranks=$1 agent=$root/cluster/lib/host-agent
  shift
  OMPI_MCA_plm_rsh_agent=$agent OMPI_MCA_btl=$( ((ranks > 1)) && echo tcp,vader,self || echo tcp,self) \
    OMPI_MCA_btl_tcp_if_include=$network.0/24 OMPI_MCA_oob_tcp_if_include=$network.0/24 \
    "$agent" "${hosts[0]}" "$(printf '%q ' "$@")" </dev/null
}

# on_hosts RANKS COMMAND…: RANKS ranks of it on each of the two hosts.
on_hosts() {
  local ranks=$1
  shift
  through_cable "$ranks" mpirun -np $((2 * ranks)) --host "${hosts[0]}:$ranks,${hosts[1]}:$ranks" --bind-to none "$@"
}

# Ends what still runs in there, and takes down the cable with the hosts.
remove_hosts() {
  local host pid
  end_relay
  for host in "${hosts[@]}"; do
    for pid in $(ip netns pids "$host" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
    ip netns del "$host" 2>/dev/null || true
  done
}
