"""How long a training step takes on many ranks: the model of SCALING.md, without a measurement. Times in µs.

A step = the work of the busiest worker + what its threads cost + what every rank does alike + the allreduce + the wait
for the slowest rank. Pure functions and frozen records; Tests/oracle/test_scaling.py computes them by hand.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from math import exp, log

from scaling_allreduce import by_host
from scaling_threads import Team, active

EULER = 0.5772156649
# The bounds of a default block of a network up to 100,000 parameters: BlockPlan.defaultBlock.
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 64


def default_block(batch, parameters):
    """Events in a block where the run file names none: BlockPlan.defaultBlock."""
    target = -(-batch // 4) if parameters > 100_000 else min(max(-(-batch // 16), SMALLEST_BLOCK), LARGEST_BLOCK)
    return 1 << max(target - 1, 0).bit_length()


def share(blocks, worker, workers):
    """First block and number of blocks of one of the workers: BlockPlan.share."""
    quotient, remainder = divmod(blocks, workers)
    return worker * quotient + min(worker, remainder), quotient + (worker < remainder)


def busiest(batch, block, ranks, threads=1):
    """The events in each block of the worker that has most to do: the first thread of rank 0, as threads that take blocks
    one after the other get as many. Its blocks are the first ones, so only a worker that has all has the short one."""
    blocks = -(-batch // block)
    count = share(share(blocks, 0, ranks)[1], 0, threads)[1]
    short = batch - (blocks - 1) * block
    return [block] * (count - 1) + [short if count == blocks else block]


def parameters(sizes):
    """Weights and biases: NetworkSpecification.parameterCount."""
    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))


def padded(count):
    return -(-count // 8) * 8


def gradient(sizes):
    """Numbers in a gradient: every layer's padded weights and biases (ParameterLayout)."""
    return sum((a + 1) * padded(b) for a, b in zip(sizes, sizes[1:]))


def sums(sizes, reduction="exact"):
    """How many numbers a step sums over the ranks: the gradient, then 18 statistics and 5 counters a layer, all of them
    doubles, or with float32 the statistics in five parts each (StepSums)."""
    statistics = 18 + 5 * (len(sizes) - 1) if reduction == "exact" else 18 * 5
    return padded(gradient(sizes) + statistics)


@dataclass(frozen=True)
class Noise:
    """What interruptions cost a piece of work, by its length: [(work, mean, [(share that loses more, µs lost), …]), …]."""

    rows: tuple = ()

    @staticmethod
    def quantile(points, share):
        """The loss that a share of the pieces exceeds. Straight in ln(1/share) between the measured ones and beyond the
        last one: an exponential tail."""
        places = [log(1 / exceeding) for exceeding, _ in points]
        place = log(1 / share)
        if place <= places[0]:
            return points[0][1]
        high = min(bisect_left(places, place), len(points) - 1)
        (a, low_loss), (b, high_loss) = (places[high - 1], points[high - 1][1]), (places[high], points[high][1])
        return low_loss + (high_loss - low_loss) * (place - a) / (b - a)

    def wait(self, ranks, work):
        """How much longer the unluckiest of the ranks takes for `work` µs than the mean one. The largest of P draws with an
        exponential tail is where a share of exp(−γ)/P exceeds it (γ Euler's): it grows like ln P."""
        if ranks == 1 or not self.rows:
            return 0.0
        waits = [max(0.0, self.quantile(points, exp(-EULER) / ranks) - mean) for _, mean, points in self.rows]
        lengths = [length for length, _, _ in self.rows]
        if work <= lengths[0]:
            return waits[0] * work / lengths[0]
        if work >= lengths[-1]:
            return waits[-1]
        high = bisect_left(lengths, work)
        weight = log(work / lengths[high - 1]) / log(lengths[high] / lengths[high - 1])
        return waits[high - 1] + weight * (waits[high] - waits[high - 1])


@dataclass(frozen=True)
class Costs:
    """What one core needs for the parts of a step of one network."""

    sizes: tuple
    # µs an event by events in its block: gather, forward, backward.
    event: dict
    # µs a block: rounding its sums to the grid.
    rounding: float
    # µs a step and rank: sums start from zero; grid, optimiser and the rest.
    reset: float
    update: float
    team: Team = Team()
    # µs of a step of one event on one rank, which takes a shorter way; None where it is not known.
    lone_event: float | None = None
    noise: Noise = field(default_factory=Noise)
    reduction: str = "exact"

    @property
    def number(self):
        """Bytes of a summed number."""
        return 8 if self.reduction == "exact" else 4

    @property
    def bytes(self):
        return self.number * sums(self.sizes, self.reduction)

    def of_event(self, block):
        """By interpolation in the logarithm of the block size; beyond the measured ones as at the nearest one."""
        known = sorted(self.event)
        if block <= known[0] or block >= known[-1]:
            return self.event[known[0] if block <= known[0] else known[-1]]
        high = bisect_left(known, block)
        a, b = known[high - 1], known[high]
        weight = log(block / a) / log(b / a)
        return self.event[a] + weight * (self.event[b] - self.event[a])

    def work(self, batch, ranks, threads=1, block=None):
        """The busiest worker's part of a step."""
        block = block or default_block(batch, parameters(self.sizes))
        blocks = busiest(batch, block, ranks, threads)
        full, last = len(blocks) - 1, blocks[-1]
        return full * (block * self.of_event(block) + self.rounding) + last * self.of_event(last) + self.rounding

    def region(self, batch, ranks, threads=1, block=None):
        """What the busiest rank's threads do, and how many of them have a part in it."""
        block = block or default_block(batch, parameters(self.sizes))
        blocks = share(-(-batch // block), 0, ranks)[1]
        threads = active(threads, blocks, min(block, batch), gradient(self.sizes))
        work = self.reset + self.work(batch, ranks, threads, block)
        return self.team.region(threads, blocks, work) + self.team.adding(threads, gradient(self.sizes), self.number), threads

    def step(self, batch, cluster, threads=1, block=None, allreduce=by_host):
        """µs of a step."""
        if cluster.ranks == 1 and batch == 1 and self.lone_event is not None:
            return self.lone_event
        region, threads = self.region(batch, cluster.ranks, threads, block)
        idle = self.update + allreduce(cluster, self.bytes) + self.noise.wait(cluster.ranks * threads, region)
        return region + self.team.waking(threads, idle) + idle
