"""How unevenly a CPU runs here: what a loop that does nothing but look at the clock loses to others.

For work of some lengths it tells what was lost to interruptions while as much work was done: median and upper quantiles,
in µs. That is the jitter of a rank's part in a step, as far as the machine makes it.

Where the loop had to wait 0.1 ms or longer for another process, that was somebody's work and not the system's, and is not
counted: a compute node belongs to one job. The share of the time that it took is told.
"""

import gc
import json
import sys
import time
from bisect import bisect_left
from itertools import accumulate

WORK_US = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000]
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "p9999": 0.9999}


OTHERS_NS = 100_000


def waited():
    """Nanoseconds for which this process could have run, but another did."""
    with open("/proc/self/schedstat", encoding="ascii") as file:
        return int(file.read().split()[1])


def interruptions(seconds):
    """Gaps between two looks that are clearly longer than a look takes, as (µs of work before it, µs lost); µs of work in
    all; µs that other processes took."""
    clock, found = time.perf_counter_ns, []
    gc.disable()
    looks = sorted(b - a for a, b in ((clock(), clock()) for _ in range(10000)))
    usual = looks[len(looks) // 2]
    threshold = 4 * usual + 300
    start = last = clock()
    end, lost, others, before = start + int(seconds * 1e9), 0, 0, waited()
    while last < end:
        now = clock()
        if now - last > threshold:
            gap, after = now - last - usual, waited()
            if after - before < OTHERS_NS:
                found.append(((last - start - lost) / 1e3, gap / 1e3))
            else:
                others += gap
            lost += gap
            before, look = after, clock()
            lost += look - now  # Asking the system is not part of the work.
            now = look
        last = now
    gc.enable()
    return found, (last - start - lost) / 1e3, others / 1e3


def losses(found, total, work):
    """The time that each piece of work of this many µs lost, one piece after the other."""
    places = [place for place, _ in found]
    sums = [0.0, *accumulate(lost for _, lost in found)]
    edges = [bisect_left(places, number * work) for number in range(int(total / work) + 1)]
    return sorted(sums[b] - sums[a] for a, b in zip(edges, edges[1:]))


def measure(seconds):
    found, total, others = interruptions(seconds)
    rows = []
    for work in WORK_US:
        lost = losses(found, total, work)
        row = {"work_us": work, "pieces": len(lost), "mean": sum(lost) / len(lost), "max": lost[-1]}
        # A quantile that fewer than ten pieces lie above would say nothing.
        row |= {name: lost[int(share * len(lost))] for name, share in QUANTILES.items() if (1 - share) * len(lost) >= 10}
        rows.append({key: round(value, 3) for key, value in row.items()})
    return {"seconds": seconds, "percent_others": round(others / seconds / 1e4, 2),
            "interruptions_per_s": round(len(found) / total * 1e6, 1), "work": rows}


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]))))
