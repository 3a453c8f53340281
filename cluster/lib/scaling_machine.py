"""From the measurements in scaling.json to the constants of the model, and the networks that are taken from elsewhere."""

import json
from dataclasses import dataclass
from math import inf
from statistics import median

import numpy
from scaling_allreduce import GAMMA, Cluster, Link, choice
from scaling_host import LONG, HostSum, meetings, moved
from scaling_model import Costs, Noise, default_block, gradient, parameters, sums
from scaling_threads import Team, active

SEED = (15, 30, 30, 30, 4)
WIDE = (28, 1024, 1024, 1024, 2)
# What Open MPI sends at once: beyond, its messages are announced and sent in pieces, which its link's fit leaves out.
EAGER = 65_536
# Bytes a µs that a core's caches give at the most.
CACHE = 200_000
EXCEEDING = {"p50": 0.5, "p90": 0.1, "p99": 1e-2, "p999": 1e-3, "p9999": 1e-4}

# Latency of a small message in µs, and MB/s of a node's connection, both as MPI sees them. Sources in SCALING.md.
INFINIBAND = Link("InfiniBand HDR", 1.2, 24_000)
INFINIBAND_EDR = Link("InfiniBand EDR", 0.9, 11_600)
ETHERNET = Link("25 Gbit/s Ethernet", 20.0, 2_900)
ETHERNET_10 = Link("10 Gbit/s Ethernet", 20.0, 1_170)


class Measurements:
    """What cluster/measure-scaling has written: the lower quartile of the fastest of its rounds, as others can only make a
    step slower, and the noise of the system is a measurement of its own."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.raw = json.load(file)
        if self.raw["version"] != 2:
            raise ValueError(f"{path}: measured before the ranks of a host added in shared memory; measure again")
        self.reports = {}
        for run in self.raw["runs"]:
            self.reports.setdefault((run["kind"], run["cable"]), []).append(run["report"])

    def has(self, kind, cable=""):
        return (kind, cable) in self.reports

    @property
    def cables(self):
        return [cable for kind, cable in self.reports if kind == "2 hosts"]

    def first(self, kind, cable=""):
        return self.reports[kind, cable][0]

    def batches(self, kind, cable=""):
        return [line["batch"] for line in self.first(kind, cable)["results"]]

    def line(self, kind, batch, cable=""):
        lines = [line for report in self.reports[kind, cable] for line in report["results"] if line["batch"] == batch]
        return min(lines, key=lambda line: self.time(line, cable))

    @staticmethod
    def time(line, cable):
        """A limited rate lets some steps pass at once, and others pay for it: there the median counts."""
        return line["us_per_step" if cable.startswith("rate") else "us_per_step_low"]

    def step(self, kind, batch, cable=""):
        return self.time(self.line(kind, batch, cable), cable)

    def part(self, kind, batch, part, cable=""):
        """Parts add up to the median in the file, here to what `step` says."""
        line = self.line(kind, batch, cable)
        return line["split"][part] * self.time(line, cable) / line["us_per_step"]

    def blocks(self, kind, batch, cable=""):
        return self.line(kind, batch, cable)["blocks"]

    def sums(self, cable="", kinds=("sums", "2 hosts", "2 ranks")):
        """Bytes and µs of two ranks' sums: here in shared memory, or where there is a cable, or in `kinds` "plain", by MPI."""
        points = {}
        for (kind, place), reports in self.reports.items():
            if place == cable and kind.startswith(kinds):
                size = 8 * sums(reports[0]["network"])
                points[size] = min(report["allreduce_us"] for report in reports)
        return sorted(points.items())


def line_through(points):
    """The straight line, as intercept and slope, neither below zero, that misses the points least in relative terms."""
    weights = [1 / y**2 for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    spread = sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points))
    slope = max(0.0, sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points)) / spread)
    intercept = mean_y - slope * mean_x
    if intercept < 0:
        slope, intercept = sum(w * x * y for w, (x, y) in zip(weights, points)) / sum(
            w * x * x for w, (x, _) in zip(weights, points)), 0.0
    return intercept, slope


def two_factors(rows):
    """The factors, neither below zero, with which a · first + b · second misses the times least in relative terms."""
    scaled = numpy.array([[first / time, second / time] for first, second, time in rows])
    found, least = (0.0, 0.0), inf
    for used in ([0, 1], [0], [1]):
        factors = numpy.zeros(2)
        factors[used] = numpy.linalg.lstsq(scaled[:, used], numpy.ones(len(rows)), rcond=None)[0]
        missed = numpy.linalg.norm(scaled @ factors - 1)
        if factors.min() >= 0 and missed < least:
            found, least = tuple(map(float, factors)), missed
    return found


def fit_link(name, points):
    """Latency and bandwidth from what sums of two ranks took, as (bytes, µs). Two ranks exchange everything once, or two
    halves and add one of them."""
    rows = []
    for size, time in points:
        exchanges, added = (1, size) if choice(2, size) == "doubling" else (2, size / 2)
        rows.append((exchanges, size, time - added * GAMMA))
    latency, per_byte = two_factors(rows)
    # No faster than ten times what is spent on the additions: a slope that is lost in them.
    return Link(name, latency, 1 / max(per_byte, GAMMA / 10))


def fit_host(points):
    """What two ranks of a host need to see a flag and to move a byte, from their sums as (bytes, µs)."""
    flag, per_byte = two_factors([(meetings(size, True), moved(2, size, True), time)
                                  for size, time in points if size <= LONG])
    # A slope that is lost in the meetings is no faster than a core's caches, and longer sums no faster than shorter ones.
    per_byte = max(per_byte, 1 / CACHE)
    longer = [(time - meetings(size, True) * flag) / moved(2, size, True) for size, time in points if size > LONG]
    return HostSum(flag, 1 / per_byte, 1 / max([per_byte, *longer]))


def fit_team(measurements, flag):
    """What the second of two threads costs beyond the line that it takes, from the short steps in which it has a part."""
    kind, count = "2 threads", gradient(SEED)
    costs = []
    for batch in measurements.batches(kind) if measurements.has(kind) else []:
        block = min(batch, default_block(batch, parameters(SEED)))
        if batch <= 1024 and active(2, measurements.blocks(kind, batch), block, count) == 2:
            costs.append(measurements.part(kind, batch, "threads"))
    return Team(flag, max(0.0, median(costs) - flag) / (8 * count) if costs else 0.0)


def fit_costs(measurements, kind, noise, team):
    """A network's costs from the steps of one rank."""
    batches = [batch for batch in measurements.batches(kind) if batch > 1]
    sizes = tuple(measurements.first(kind)["network"])
    by_block = {}
    for batch in batches:
        work = sum(measurements.part(kind, batch, part) for part in ("gather", "forward", "backward"))
        by_block.setdefault(default_block(batch, parameters(sizes)), []).append(work / batch)
    event = {block: median(times) for block, times in by_block.items()}
    counts = [(measurements.blocks(kind, batch), measurements.part(kind, batch, "rounding")) for batch in batches]
    if len({blocks for blocks, _ in counts}) > 1:
        reset, rounding = line_through(counts)
    else:
        # All have the same number of blocks: to set the sums to zero counts as nothing.
        reset, rounding = 0.0, median(time / blocks for blocks, time in counts)
    lone = None
    if 1 in measurements.batches(kind):
        event[1] = sum(measurements.part(kind, 1, part) for part in ("gather", "forward", "backward"))
        lone = measurements.step(kind, 1)
    update = median(measurements.part(kind, batch, "update") + measurements.part(kind, batch, "allreduce")
                    for batch in batches)
    return Costs(sizes, event, rounding, reset, update, team, lone, noise)


def fit_noise(raw):
    rows = []
    for row in raw["work"]:
        points = tuple((share, row[name]) for name, share in EXCEEDING.items() if name in row)
        if len(points) > 1:
            rows.append((row["work_us"], row["mean"], points))
    return Noise(tuple(rows))


@dataclass(frozen=True)
class Machine:
    """All constants."""

    seed: Costs
    wide: Costs
    # How the ranks of a host add, and what MPI has between them where it must.
    host: HostSum
    inside: Link
    # None where no two hosts could be made.
    cable: Link | None

    def cluster(self, ranks, ranks_per_node, between):
        """So many ranks on nodes like this machine, only larger."""
        return Cluster(ranks, ranks_per_node, self.inside, between, self.host)


def fit(measurements):
    host = fit_host(measurements.sums())
    noise = fit_noise(measurements.raw["noise"])
    team = fit_team(measurements, host.flag)
    short = [(size, time) for size, time in measurements.sums("", ("plain",)) if size <= EAGER]
    over_cable = [(size, time) for size, time in measurements.sums("none") if size <= EAGER]
    return Machine(
        seed=fit_costs(measurements, "1 rank", noise, team), wide=fit_costs(measurements, "1 rank wide", noise, team),
        host=host, inside=fit_link("MPI in shared memory", short),
        cable=fit_link("TCP between two hosts here", over_cable) if measurements.has("2 hosts", "none") else None)
