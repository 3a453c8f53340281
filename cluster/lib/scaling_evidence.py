"""The tables of measurements in SCALING.md: the model's constants, and the model against measurements."""

from scaling_allreduce import ALGORITHMS, GAMMA, Cluster, Link
from scaling_format import name_of, table, time
from scaling_host import FURTHER
from scaling_machine import EAGER, ETHERNET, ETHERNET_10, INFINIBAND, INFINIBAND_EDR, SEED, WIDE
from scaling_model import gradient, sums
from scaling_threads import AWAKE, WAKE

# TCP, IP and Ethernet headers of full packets.
HEADERS = 1.05


def on_machine(machine, ranks, kind="", cable=""):
    """The ranks on this machine, or one on each of two hosts whose cable does something to the packets."""
    if kind != "2 hosts":
        return machine.cluster(ranks, ranks, machine.inside)
    delay = float(cable.removeprefix("delay ").removesuffix("us")) if cable.startswith("delay") else 0.0
    link = machine.cable
    return machine.cluster(2, 1, Link("cable", link.latency + delay, link.bandwidth))


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
        if kind.startswith(("sums", "plain")):
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
    def seen(points):
        return ", ".join(f"{size:,} B {time(us)} µs" for size, us in points)

    host, team = machine.host, machine.seed.team
    rows += [
        ["shared memory", f"λ = {time(host.flag * 1e3)} ns, 1/μ = {host.rate / 1e3:.0f} GB/s, {host.long_rate / 1e3:.0f} "
         "beyond 1 MB", f"2 ranks: allreduce ({seen(measurements.sums())})"],
        ["", f"φ = {FURTHER * 1e3:.0f} ns for each further flag", "assumed: the loads overlap, but all want the same lines"],
        ["threads", f"σ = {team.byte * 1e3:.2g} ns a byte, {time(8 * gradient(SEED) * team.byte)} µs for the sums of "
         f"{name_of(SEED)}", "2 threads: threads"],
        ["", f"w = {WAKE:.0f} µs after {AWAKE:.0f} µs without work", "measured when the rule was made"],
    ]
    for link, points in ((machine.inside, measurements.sums("", ("plain",))), (machine.cable, measurements.sums("none"))):
        if link:
            points = [(size, us) for size, us in points if size <= EAGER]
            rows.append([link.name, f"α = {time(link.latency)} µs, 1/β = {time(link.bandwidth / 1e3)} GB/s",
                         f"2 ranks: MPI_Allreduce ({seen(points)})"])
    for link, source in ((INFINIBAND, "[1]"), (INFINIBAND_EDR, "[2]"), (ETHERNET, "[2, 3]"), (ETHERNET_10, "[2, 3]")):
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
            f"{first['peak_gflops']:.0f} GFLOP/s a core, Linux {raw['kernel']}; others took {noise['percent_others']} % of "
            f"a CPU's time.{busy}\n\n")
    if raw["missing"]:
        text += "Not measured here: " + "; ".join(raw["missing"]) + ".\n\n"
    return text + table(["of", "constant", "from"], rows)


# Allreduces that others have measured: what, ranks, ranks per node, network, bytes, µs, the algorithm that it took or may
# have taken.
OUTSIDE = [
    ("[5] Open MPI 2.1, EDR, 1,024 ranks, 32 a node assumed", 1024, 32, INFINIBAND_EDR, 4, 37.9, "doubling"),
    ("", 1024, 32, INFINIBAND_EDR, 8192, 230.5, "doubling"),
    ("[6] Open MPI 4.1, 50 Gbit/s Ethernet in a cloud, 128 ranks, 16 a node", 128, 16, Link("", 20.0, 5800), 512, 432, "tree"),
    ("[7] HPC-X with HCOLL, HDR, 512 nodes, one rank of each counted", 512, 1, INFINIBAND, 64, 28.7, "doubling"),
    ("", 512, 1, INFINIBAND, 8192, 107.6, "doubling"),
]


def outside(machine):
    """The allreduce's model beside what others have published."""
    rows = []
    for name, ranks, per_node, link, size, measured, way in OUTSIDE:
        model = ALGORITHMS[way](Cluster(ranks, per_node, machine.inside, link), size)
        rows.append([name, f"{size:,}", time(measured), f"{time(model)} ({way})", f"{measured / model:.1f}"])
    return table(["allreduce", "bytes", "published, µs", "model, µs", "ratio"], rows)
