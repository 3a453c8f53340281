"""From the measurements in scaling.json to the constants of the model, and the networks that are taken from elsewhere."""

import json
from dataclasses import dataclass
from statistics import median

import numpy
from scaling_allreduce import GAMMA, Link, choice
from scaling_model import Costs, Noise, default_block, parameters, sums

SEED = (15, 30, 30, 30, 4)
WIDE = (28, 1024, 1024, 1024, 2)
# What Open MPI sends at once; longer messages it announces, and sends in pieces.
EAGER = 65_536
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

    def sums(self, cable=""):
        """Bytes and µs of the allreduces of two ranks."""
        points = {}
        for (kind, place), reports in self.reports.items():
            if place == cable and kind.startswith(("sums", "2 hosts", "2 ranks")):
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


def fit_link(name, points):
    """Latency and bandwidth from what sums of two ranks took, as (bytes, µs): the ones that miss them least in relative
    terms. Two ranks exchange everything once, or two halves and add one of them."""
    rows, times = [], []
    for size, time in points:
        exchanges, added = (1, size) if choice(2, size) == "doubling" else (2, size / 2)
        rows.append([exchanges / time, size / time])
        times.append(1 - added * GAMMA / time)
    latency, per_byte = numpy.linalg.lstsq(numpy.array(rows), numpy.array(times), rcond=None)[0]
    if latency < 0:
        latency, per_byte = 0.0, numpy.linalg.lstsq(numpy.array(rows)[:, 1:], numpy.array(times), rcond=None)[0][0]
    # No faster than ten times what is spent on the additions: a slope that is lost in them.
    return Link(name, float(latency), float(1 / max(per_byte, GAMMA / 10)))


def fit_costs(measurements, kind, noise, pair):
    """A network's costs from the steps of one rank. `pair`: the measurement with two threads, or None."""
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
    wake = 0.0
    if pair:
        woken = [measurements.part(pair, batch, "threads") for batch in measurements.batches(pair)]
        woken = [time for time in woken if time > 0.5]
        wake = max(0.0, median(woken) - 8 * sums(sizes) * GAMMA) if woken else 0.0
    return Costs(sizes, event, rounding, reset, update, wake, lone, noise)


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
    # Shared memory, for short messages and for long ones.
    inside: Link
    inside_long: Link
    # None where no two hosts could be made.
    cable: Link | None


def fit(measurements):
    def points(cable, long=False):
        return [(size, time) for size, time in measurements.sums(cable) if (size > EAGER) == long]

    noise = fit_noise(measurements.raw["noise"])
    pair = "2 threads" if measurements.has("2 threads") else None
    return Machine(
        seed=fit_costs(measurements, "1 rank", noise, pair),
        wide=fit_costs(measurements, "1 rank wide", noise, None),
        inside=fit_link("shared memory", points("")),
        inside_long=fit_link("shared memory, over 64 kB", points("", long=True)),
        cable=fit_link("TCP between two hosts here", points("none")) if measurements.has("2 hosts", "none") else None)
