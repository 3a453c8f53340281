"""The tables of SCALING.md, as Markdown: what was measured, what the model says to it, and what it says of many ranks."""

from dataclasses import replace
from math import ceil, log2

from scaling_machine import (ETHERNET, ETHERNET_10, INFINIBAND, INFINIBAND_EDR, SEED, WIDE)
from scaling_model import ALGORITHMS, GAMMA, Cluster, Link, by_node, default_block, flat, parameters, sums

RANKS = [10, 32, 100, 320, 1000, 3200, 10000]
BATCHES = [1024, 4096, 16384, 65536, 262144, 1048576]
# TCP, IP and Ethernet headers of full packets.
HEADERS = 1.05


def rate(number):
    """Three digits and a unit: 13.3 M."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= 0.9995 * unit:
            return f"{number / unit:.3g}{name}" if number < 999.5 * unit else f"{number / unit:,.0f}{name}"
    return f"{number:.3g}"


def time(number):
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.3g}"


def table(head, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [head, ["---"] * len(head), *rows])


def name_of(sizes):
    return "-".join(map(str, sizes))


def on_machine(machine, ranks, kind="", cable=""):
    """The ranks on this machine, or one on each of two hosts whose cable does something to the packets."""
    if kind != "2 hosts":
        return Cluster(ranks, ranks, machine.inside, machine.inside)
    delay = float(cable.removeprefix("delay ").removesuffix("us")) if cable.startswith("delay") else 0.0
    link = machine.cable
    return Cluster(2, 1, machine.inside, Link("cable", link.latency + delay, link.bandwidth))


def predicted(measurements, machine, kind, batch, cable=""):
    costs = machine.wide if kind.endswith("wide") else machine.seed
    report = measurements.first(kind, cable)
    step = costs.step(batch, on_machine(machine, report["ranks"], kind, cable), report["threads"])
    if cable.startswith("rate"):
        # A token bucket: the average counts. Each way it lets one step's sums pass in this time.
        gigabits = {"10gbit": 10, "1gbit": 1}[cable.split()[1]]
        step = max(step, costs.bytes * HEADERS * 8 / (gigabits * 1e3))
    return step


def compared(measurements, machine):
    """(kind, cable, batch, measured µs, predicted µs) of all steps."""
    for kind, cable in measurements.reports:
        if kind.startswith("sums"):
            continue
        for batch in measurements.batches(kind, cable):
            yield (kind, cable, batch, measurements.step(kind, batch, cable),
                   predicted(measurements, machine, kind, batch, cable))


def comparison(measurements, machine):
    """One row a kind, one column a batch size: measured / predicted (ratio)."""
    parts = []
    for kinds, title in ((lambda kind: not kind.endswith("wide"), name_of(SEED)),
                         (lambda kind: kind.endswith("wide"), name_of(WIDE))):
        cells = {}
        for kind, cable, batch, measured, model in compared(measurements, machine):
            if kinds(kind):
                label = kind.removesuffix(" wide") + (f", {cable}" if cable not in ("", "none") else "")
                cells.setdefault(label, {})[batch] = f"{time(measured)} / {time(model)} ({measured / model:.2f})"
        batches = sorted({batch for row in cells.values() for batch in row})
        rows = [[label, *(row.get(batch, "–") for batch in batches)] for label, row in cells.items()]
        parts.append(table([title, *(f"{batch:,}" for batch in batches)], rows))
    ratios = sorted(measured / model for kind, _, _, measured, model in compared(measurements, machine)
                    if kind not in ("1 rank", "1 rank wide"))
    near = sum(abs(ratio - 1) <= 0.1 for ratio in ratios)
    parts.append(f"Leaving out the steps of one rank, from which the costs were taken: {near} of {len(ratios)} are within "
                 f"10 %; the ratios go from {ratios[0]:.2f} to {ratios[-1]:.2f}, the middle one is "
                 f"{ratios[len(ratios) // 2]:.2f}.")
    return "\n\n".join(parts)


def constants(measurements, machine):
    raw, first = measurements.raw, measurements.first("1 rank")
    rows = []
    for costs in (machine.seed, machine.wide):
        events = ", ".join(f"{t * 1e3:,.0f} in {block}" for block, t in sorted(costs.event.items()))
        rows += [
            [name_of(costs.sizes), f"t, ns an event by events in a block: {events}", "1 rank: gather + forward + backward"],
            ["", f"ρ = {time(costs.rounding)} µs a block", "1 rank: rounding, its slope by blocks"],
            ["", f"F = {time(costs.reset)} + {time(costs.update)} µs a step", "1 rank: rounding at no block; update"],
            ["", f"n = {costs.bytes:,} bytes in an allreduce", f"{sums(costs.sizes):,} doubles, from the layout"],
        ]
    rows.append(["threads", f"w = {time(machine.seed.wake)} µs to wake one", "2 threads: threads"])
    for link, cable in ((machine.inside, ""), (machine.cable, "none")):
        if link:
            points = ", ".join(f"{size:,} B {time(us)} µs" for size, us in measurements.sums(cable))
            rows.append([link.name, f"α = {time(link.latency)} µs, 1/β = {time(link.bandwidth / 1e3)} GB/s",
                         f"2 ranks: allreduce ({points})"])
    for link, source in ((INFINIBAND, "[1]"), (INFINIBAND_EDR, "[2]"), (ETHERNET, "[3]"), (ETHERNET_10, "[3]")):
        rows.append([link.name, f"α = {link.latency} µs, 1/β = {link.bandwidth / 1e3:.3g} GB/s", source])
    rows.append(["additions", f"γ = {GAMMA * 1e3:.2g} ns a byte", "assumed: 50 GB/s of summands from a core's cache"])
    rows.append(["memory", "M = 330 GB/s a node", "[1]"])
    noise = raw["noise"]
    points = [f"{row['work_us']:,} µs: p50 {time(row['p50'])}, p99 {time(row['p99'])}"
              + (f", p99.99 {time(row['p9999'])}" if "p9999" in row else "")
              for row in noise["work"] if row["work_us"] in (10, 100, 1000) and "p99" in row]
    rows.append(["noise", "µs lost by work of " + "; ".join(points),
                 f"a loop that looks at the clock, {noise['interruptions_per_s']:,.0f} interruptions a second"])
    busy = " **They disturbed it: measure again when the machine is idle.**" if noise["percent_others"] > 5 else ""
    text = (f"Measured on {raw['date']}: {first['cpu']}, {raw['cpus']} CPUs, {first['instruction_set']}, FMA peak "
            f"{first['peak_gflops']:.0f} GFLOP/s a core, Linux {raw['kernel']}; others took {noise['percent_others']} % of a "
            f"CPU's time.{busy}\n\n")
    if raw["missing"]:
        text += "Not measured here: " + "; ".join(raw["missing"]) + ".\n\n"
    return text + table(["of", "constant", "from"], rows)


def percent(share):
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


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
        cluster = Cluster(ranks, ranks_per_node, machine.inside, link)
        rows.append([f"{ranks:,} ({cluster.nodes:,})", *(cell(machine.seed, batch, cluster) for batch in BATCHES)])
    return table(["ranks (nodes)", *(f"{batch:,}" for batch in BATCHES)], rows)


def large(machine):
    """One table a network and number of ranks per node."""
    return "\n\n".join(f"**{link.name}, {per_node} ranks per node**\n\n{many(machine, link, per_node)}"
                       for link in (INFINIBAND, ETHERNET) for per_node in (32, 128))


def chosen_block(batch, ranks):
    """The largest power of two that gives every rank a block, at least 16."""
    return max(16, 1 << max(0, (batch // ranks).bit_length() - 1))


def wide(machine):
    """With the default block, and with one that feeds all ranks."""
    rows, batches = [], (1024, 16384, 262144)
    for ranks in RANKS:
        cluster = Cluster(ranks, 32, machine.inside, INFINIBAND)
        rows.append([f"{ranks:,} ({cluster.nodes:,})",
                     *(cell(machine.wide, batch, cluster, block) for batch in batches
                       for block in (None, chosen_block(batch, ranks)))])
    head = [part for batch in batches for part in (f"{batch:,}, default block", f"{batch:,}, block set")]
    return table(["ranks (nodes)", *head], rows)


def reductions(machine):
    """What the allreduce takes, by whom and how."""
    rows = []
    for ranks in RANKS:
        row = [f"{ranks:,}"]
        for link in (INFINIBAND, ETHERNET):
            for per_node in (32, 128):
                cluster = Cluster(ranks, per_node, machine.inside, link)
                size = machine.seed.bytes
                best = min(ALGORITHMS, key=lambda name: ALGORITHMS[name](cluster, size))
                row.append(f"{time(ALGORITHMS['recursive doubling'](cluster, size))} / {time(flat(cluster, size))} "
                           f"({best}) / {time(by_node(cluster, size))}")
        rows.append(row)
    head = [f"{link.name}, {per_node}" for link in (INFINIBAND, ETHERNET) for per_node in (32, 128)]
    return table(["ranks", *head], rows)


def threads(machine, batch=65536, nodes=8, cores=128):
    """The same cores as ranks or as threads."""
    rows = []
    for count in (1, 4, 16, 64, 128):
        row = [f"{cores // count} × {count}"]
        for link in (INFINIBAND, ETHERNET):
            cluster = Cluster(nodes * cores // count, cores // count, machine.inside, link)
            row.append(cell(machine.seed, batch, cluster, threads=count))
        rows.append(row)
    return table(["ranks × threads a node", INFINIBAND.name, ETHERNET.name], rows)


def advice(machine):
    """The smallest batch that keeps so many ranks busy, and the most ranks that a batch is worth."""
    rows = []
    for ranks in RANKS:
        row = [f"{ranks:,}"]
        for link in (INFINIBAND, ETHERNET):
            for wanted in (0.5, 0.8):
                row.append(smallest_batch(machine, Cluster(ranks, 32, machine.inside, link), wanted))
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
        speeds[ranks] = batch / machine.seed.step(batch, Cluster(ranks, 32, machine.inside, link)) * 1e6
    half = max(ranks for ranks, speed in speeds.items() if speed >= 0.5 * ranks * speeds[1])
    best = max(speeds, key=speeds.get)
    return (half, speeds[half]), (best, speeds[best])


def parts(machine, link=INFINIBAND, per_node=32):
    """What a step consists of, µs."""
    rows, costs = [], machine.seed
    for ranks, batch in ((32, 16384), (100, 65536), (320, 262144), (1000, 262144), (1000, 1048576), (3200, 1048576),
                         (10000, 1048576)):
        cluster = Cluster(ranks, per_node, machine.inside, link)
        work, wait = costs.reset + costs.work(batch, ranks), costs.noise.wait(ranks, costs.reset + costs.work(batch, ranks))
        step, alone = costs.step(batch, cluster), costs.step(batch, replace(cluster, ranks=1))
        rows.append([f"{ranks:,}", f"{batch:,}", *map(time, (work, costs.update, flat(cluster, costs.bytes), wait, step)),
                     percent(alone / step / ranks), percent(alone / (step - wait) / ranks)])
    return table(["ranks", "batch", "work", "update", "allreduce", "wait for the slowest", "step", "efficiency",
                  "without the wait"], rows)


# Allreduces that others have measured: what, ranks, ranks per node, network, bytes, µs, how.
OUTSIDE = [
    ("[5] Open MPI 2.1, EDR, 1,024 ranks, 32 a node assumed", 1024, 32, INFINIBAND_EDR, 4, 37.9, flat),
    ("", 1024, 32, INFINIBAND_EDR, 8192, 230.5, flat),
    ("[6] Open MPI 4.1, 50 Gbit/s Ethernet in a cloud, 128 ranks, 16 a node", 128, 16, Link("", 22.0, 5800), 512, 432, flat),
    ("[7] HPC-X with HCOLL, HDR, 512 nodes, one rank of each counted", 512, 1, INFINIBAND, 64, 28.7, flat),
    ("", 512, 1, INFINIBAND, 8192, 107.6, flat),
]


def outside(machine):
    """The allreduce's model beside what others have published."""
    rows = []
    for name, ranks, per_node, link, size, measured, how in OUTSIDE:
        cluster = Cluster(ranks, per_node, machine.inside, link)
        doubling, best = ALGORITHMS["recursive doubling"](cluster, size), how(cluster, size)
        rows.append([name, f"{size:,}", time(measured), time(doubling), time(best), f"{measured / doubling:.1f}"])
    return table(["allreduce", "bytes", "published, µs", "recursive doubling", "best", "published / doubling"], rows)


def exactness():
    """Room in the sums by batch size, at 64 events a block."""
    rows = []
    for batch in (16384, 262144, 640000, 1048576, 2097152, 16777216):
        blocks = ceil(batch / 64)
        bits = min(51, 53 - ceil(log2(blocks)))
        rows.append([f"{batch:,}", f"{blocks:,}", bits, f"2^{bits - 14}"])
    return table(["batch", "blocks", "L", "grid units at least"], rows)


def memory():
    """GB of a node for events of 16 floats and a label."""
    rows = []
    for events in (1e6, 1e7, 1e8):
        once = events * (16 * 4 + 4) / 1e9
        rows.append([f"{events:,.0f}", f"{once:.3g} GB", f"{32 * once:.3g} GB", f"{128 * once:.3g} GB"])
    return table(["events of 15 features", "one copy a node", "32 copies", "128 copies"], rows)


def sections(measurements, machine):
    """All tables by the name of their place in SCALING.md."""
    return {
        "constants": constants(measurements, machine), "comparison": comparison(measurements, machine),
        "parts": parts(machine), "outside": outside(machine), "large": large(machine), "wide": wide(machine), "reductions": reductions(machine), "threads": threads(machine),
        "advice": advice(machine), "exactness": exactness(), "memory": memory(),
    }
