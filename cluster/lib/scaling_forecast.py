"""The tables of SCALING.md with the predictions for many ranks."""

from dataclasses import replace
from math import ceil, log2

from scaling_allreduce import ALGORITHMS, by_default, by_host, choice
from scaling_format import percent, rate, table, time
from scaling_machine import ETHERNET, INFINIBAND, SEED
from scaling_model import default_block, parameters

RANKS = [10, 32, 100, 320, 1000, 3200, 10000]
BATCHES = [1024, 4096, 16384, 65536, 262144, 1048576]


def cell(costs, batch, cluster, block=None, threads=1):
    """Speed, and efficiency against one rank with the same batch and block; a dash where there are fewer blocks than
    workers."""
    if ceil(batch / (block or default_block(batch, parameters(costs.sizes)))) < cluster.ranks * threads:
        return "–"
    speed = batch / costs.step(batch, cluster, threads, block) * 1e6
    alone = batch / costs.step(batch, replace(cluster, ranks=1), 1, block) * 1e6
    return f"{rate(speed)} ({percent(speed / alone / cluster.ranks / threads)})"


def many(machine, link, ranks_per_node):
    rows = []
    for ranks in RANKS:
        cluster = machine.cluster(ranks, ranks_per_node, link)
        rows.append([f"{ranks:,} ({cluster.nodes:,})", *(cell(machine.seed, batch, cluster) for batch in BATCHES)])
    return table(["ranks (nodes)", *(f"{batch:,}" for batch in BATCHES)], rows)


def large(machine):
    """One table a network."""
    return "\n\n".join(f"**{link.name}**\n\n{many(machine, link, 32)}" for link in (INFINIBAND, ETHERNET))


def chosen_block(batch, ranks):
    """The largest power of two that gives every rank a block, at least 16."""
    return max(16, 1 << max(0, (batch // ranks).bit_length() - 1))


def wide(machine):
    """First with the default block, four of them, then with one that feeds all ranks; once also in float32."""
    batches = (1024, 16384, 262144)
    alone = machine.cluster(4, 32, INFINIBAND)
    rows = [["4 (1), default block", *(cell(machine.wide, batch, alone) for batch in batches)]]
    for ranks in RANKS:
        cluster = machine.cluster(ranks, 32, INFINIBAND)
        for note, costs in ("", machine.wide), (", float32", replace(machine.wide, reduction="float32")):
            if not note or ranks == 3200:
                rows.append([f"{ranks:,} ({cluster.nodes:,}){note}",
                             *(cell(costs, batch, cluster, chosen_block(batch, ranks)) for batch in batches)])
    return table(["ranks (nodes)", *(f"{batch:,}" for batch in batches)], rows)


def reductions(machine):
    """What the sums take: the program's way, and by MPI over all ranks."""
    rows, size = [], machine.seed.bytes
    for ranks in RANKS:
        row = [f"{ranks:,}"]
        for link in (INFINIBAND, ETHERNET):
            for per_node in (32, 128):
                cluster = machine.cluster(ranks, per_node, link)
                row.append(" / ".join(time(way(cluster, size)) for way in (by_host, by_default)))
        rows.append(row)
    return table(["ranks", *(f"{link.name}, {per_node}" for link in (INFINIBAND, ETHERNET) for per_node in (32, 128))], rows)


def leaders(machine):
    """MPI_Allreduce among one rank of each node: the default algorithm of Open MPI, and the best one."""
    rows, size = [], machine.seed.bytes
    for nodes in (2, 4, 10, 32, 64, 100, 200, 313, 1000):
        row = [f"{nodes:,}", choice(nodes, size)]
        for link in (INFINIBAND, ETHERNET):
            cluster = machine.cluster(nodes, 1, link)
            times = {name: algorithm(cluster, size) for name, algorithm in ALGORITHMS.items()}
            fastest = min(times, key=times.get)
            row += [time(times[choice(nodes, size)]), f"{fastest} ({time(times[fastest])})"]
        rows.append(row)
    head = [f"{link.name}: {what}" for link in (INFINIBAND, ETHERNET) for what in ("by itself", "best")]
    return table(["nodes", "Open MPI 4.1 takes", *head], rows)


def threads(machine, nodes=8, cores=128):
    """The same cores as ranks or as threads."""
    rows = []
    for count in (1, 2, 4, 16, 64, 128):
        row = [f"{cores // count} × {count}"]
        for link in (INFINIBAND, ETHERNET):
            cluster = machine.cluster(nodes * cores // count, cores // count, link)
            row += [cell(machine.seed, batch, cluster, threads=count) for batch in (65536, 1048576)]
        rows.append(row)
    head = [f"{link.name}, {batch:,}" for link in (INFINIBAND, ETHERNET) for batch in (65536, 1048576)]
    return table(["ranks × threads a node", *head], rows)


def advice(machine):
    """The smallest batch that keeps this many ranks busy, and the most ranks that a batch can use."""
    rows = []
    for ranks in RANKS:
        row = [f"{ranks:,}"]
        for link in (INFINIBAND, ETHERNET):
            for wanted in (0.5, 0.8):
                row.append(smallest_batch(machine, machine.cluster(ranks, 32, link), wanted))
        rows.append(row)
    first = table(["ranks", *(f"{link.name}: {wanted} %" for link in (INFINIBAND, ETHERNET) for wanted in (50, 80))], rows)
    rows = []
    for batch in BATCHES:
        row = [f"{batch:,}", f"{ceil(batch / default_block(batch, parameters(SEED))):,}"]
        for link in (INFINIBAND, ETHERNET):
            row += [f"{ranks:,} ({rate(speed)})" for ranks, speed in most_ranks(machine, batch, link)]
        rows.append(row)
    head = [f"{link.name}: {what}" for link in (INFINIBAND, ETHERNET) for what in ("50 % up to", "fastest with")]
    return first + "\n\n" + table(["batch", "blocks", *head], rows)


def smallest_batch(machine, cluster, wanted):
    for batch in (1 << power for power in range(8, 24)):
        speed = batch / machine.seed.step(batch, cluster)
        alone = batch / machine.seed.step(batch, replace(cluster, ranks=1))
        if speed >= wanted * cluster.ranks * alone:
            return f"{batch:,}"
    return "> 8,388,608"


def most_ranks(machine, batch, link):
    """The largest power of two with half of one rank's speed on each, and the one with the highest speed of all, with their
    speeds; 32 ranks a node."""
    speeds = {}
    for ranks in (1 << power for power in range(15)):
        cluster = machine.cluster(ranks, 32, link)
        speeds[ranks] = batch / machine.seed.step(batch, cluster) * 1e6
    half = max(ranks for ranks, speed in speeds.items() if speed >= 0.5 * ranks * speeds[1])
    best = max(speeds, key=speeds.get)
    return (half, speeds[half]), (best, speeds[best])


def parts(machine, link=INFINIBAND, per_node=32):
    """What a step consists of, µs; and the efficiency, also without the wait and with an allreduce four times as long."""
    rows, costs = [], machine.seed
    for ranks, batch in ((32, 16384), (100, 65536), (320, 262144), (1000, 262144), (1000, 1048576), (3200, 1048576),
                         (10000, 1048576)):
        cluster = machine.cluster(ranks, per_node, link)
        work, allreduce = costs.region(batch, ranks)[0], by_host(cluster, costs.bytes)
        wait = costs.noise.wait(ranks, work)
        step, alone = costs.step(batch, cluster), costs.step(batch, replace(cluster, ranks=1))
        rows.append([f"{ranks:,}", f"{batch:,}", *map(time, (work, costs.update, allreduce, wait, step)),
                     *(percent(alone / time_taken / ranks) for time_taken in (step, step - wait, step + 3 * allreduce))])
    return table(["ranks", "batch", "work", "update", "allreduce", "wait for the slowest", "step", "efficiency",
                  "without the wait", "allreduce × 4"], rows)


def exactness():
    """Room in the sums by batch size, at 64 events a block."""
    rows = []
    for batch in (16384, 262144, 640000, 1048576, 2097152, 16777216):
        blocks = ceil(batch / 64)
        bits = min(51, 53 - ceil(log2(blocks)))
        rows.append([f"{batch:,}", f"{blocks:,}", bits, f"2^{bits - 14}"])
    return table(["batch", "blocks", "L", "grid units at least"], rows)


def memory():
    """GB of a node for events of 16 floats, a class and an identity."""
    rows = []
    for events in (1e6, 1e7, 1e8):
        once = events * (16 * 4 + 4 + 8) / 1e9
        rows.append([f"{events:,.0f}", f"{once:.3g} GB", f"{32 * once:.3g} GB", f"{128 * once:.3g} GB"])
    return table(["events of 15 features", "one copy a node", "32 copies", "128 copies"], rows)
