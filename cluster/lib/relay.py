"""A cable between two hosts that takes longer, where the kernel has no netem: relay.py DELAY CPU NETWORK HOST HOST.

relay.py 50us 1 10.93.1 host-0 host-1 makes a TUN device in each of the two network namespaces, with the addresses 10.93.1.1
and 10.93.1.2, says "ready", and carries packets between them until it is ended; the devices end with it. The delay is what
it adds to its own work, which is told apart by a delay of 0us. It needs a CPU's time: it sleeps while nothing is due, at
real-time priority so that it wakes in time.
"""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
from collections import deque
from time import perf_counter_ns as clock

# <linux/if_tun.h>
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
# The largest packet of IP: the sums of a step of a small network are one.
MTU = 65_535
# A timer wakes some µs late, so the last part of a delay is waited for with open eyes.
WATCH_NS = 20_000


def nanoseconds(text):
    number, unit = re.fullmatch(r"(\d+)(us|ms|s)", text).groups()
    return int(number) * {"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}[unit]


def end_in(host, address):
    """The file of a TUN device, which is in the host's namespace, up, and has the address."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"{host}r"
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (f"ip link set {name} netns {host}", f"ip -n {host} address add {address}/24 dev {name}",
                    f"ip -n {host} link set {name} mtu {MTU} up"):
        subprocess.run(command.split(), check=True)
    return file


def relay(ends, delay):
    """Carries packets between two files, each `delay` ns after it was read, until one of the files is at its end."""
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    # (when it is due, where it goes, packet); all wait for the same time, so the first one in is the first one due.
    held = deque()
    while True:
        timeout = max(0, held[0][0] - clock() - WATCH_NS) / 1e9 if held else None
        for source in select.select(ends, (), (), timeout)[0]:
            packet = os.read(source, MTU)
            if not packet:
                return
            held.append((clock() + delay, other[source], packet))
        while held and held[0][0] <= clock():
            _, target, packet = held.popleft()
            os.write(target, packet)


def main(delay, cpu, network, *hosts):
    # Ctrl-C reaches everyone; without a cable mpirun could not end the ranks on the other host, and would wait forever.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    delay = nanoseconds(delay)
    ends = [end_in(host, f"{network}.{index}") for index, host in enumerate(hosts, 1)]
    os.sched_setaffinity(0, {int(cpu)})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass  # It will be late where others work.
    print("ready", flush=True)
    relay(ends, delay)


if __name__ == "__main__":
    main(*sys.argv[1:])
