"""How long a training step takes on many ranks: the model of SCALING.md. Times in µs, sizes in bytes, no measurement in here.

A step = the work of the busiest worker + waking its threads + what every rank does alike + the allreduce + the wait for
the slowest rank. Pure functions and frozen records; Tests/oracle/test_scaling.py computes them by hand.
"""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from math import ceil, exp, floor, log, log2

# Additions of the allreduce, µs a byte of the message: a core sums doubles from its cache at 50 GB/s (assumed).
GAMMA = 1 / 50_000
EULER = 0.5772156649


def default_block(batch, parameters):
    """Events in a block where the run file names none: BlockPlan.defaultBlock."""
    target = -(-batch // 4) if parameters > 100_000 else min(max(-(-batch // 16), 8), 64)
    return 1 << max(target - 1, 0).bit_length()


def share(blocks, worker, workers):
    """First block and number of blocks of one of the workers: BlockPlan.share."""
    quotient, remainder = divmod(blocks, workers)
    return worker * quotient + min(worker, remainder), quotient + (worker < remainder)


def busiest(batch, block, ranks, threads=1):
    """The events in each block of the worker that has most to do: the first thread of rank 0. Its blocks are the first
    ones, so only a worker that has all blocks has the short one."""
    blocks = -(-batch // block)
    count = share(share(blocks, 0, ranks)[1], 0, threads)[1]
    short = batch - (blocks - 1) * block
    return [block] * (count - 1) + [short if count == blocks else block]


def parameters(sizes):
    """Weights and biases: NetworkSpecification.parameterCount."""
    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))


def padded(count):
    return -(-count // 8) * 8


def sums(sizes):
    """How many doubles a step sums over the ranks: every layer's padded weights and biases (ParameterLayout), then 17
    statistics and 5 counters a layer (StepSums)."""
    gradient = sum((a + 1) * padded(b) for a, b in zip(sizes, sizes[1:]))
    return padded(gradient + 17 + 5 * (len(sizes) - 1))


@dataclass(frozen=True)
class Link:
    """What connects two ranks, or two nodes whose ranks share it: a message of n bytes takes latency + n / bandwidth."""

    name: str
    latency: float
    # Bytes a µs, that is MB/s; of a node's connection where the ranks of a node share it.
    bandwidth: float

    def exchange(self, size, sharers=1, adding=True):
        """Both ends send `size` bytes at once and add what they receive; `sharers` pairs do so over the same connection."""
        return self.latency + size * sharers / self.bandwidth + (size * GAMMA if adding else 0)


@dataclass(frozen=True)
class Cluster:
    """Ranks on nodes, as evenly as can be, neighbours together."""

    ranks: int
    ranks_per_node: int
    inside: Link
    between: Link
    # Bytes a µs that the memory of a node gives all its ranks together.
    memory: float = 330_000

    @property
    def nodes(self):
        return -(-self.ranks // self.ranks_per_node)

    @property
    def on_a_node(self):
        return min(self.ranks, self.ranks_per_node)


def memory_bound(cluster, size, received):
    """What the node's memory needs if every rank receives so many bytes: two are read and one is written for each. Messages
    up to 1 MB stay in the caches."""
    return 3 * received * cluster.on_a_node / cluster.memory if size > 1 << 20 else 0.0


def rounds(members):
    """Rounds in which pairs meet, and those before and after for members beyond a power of two."""
    whole = floor(log2(members)) if members > 1 else 0
    return whole, 0 if 1 << whole == members else 2


def outer_rounds(cluster):
    """How many of all rounds cross nodes: with neighbours together these are the last ones."""
    return min(rounds(cluster.ranks)[0], ceil(log2(cluster.nodes)))


def recursive_doubling(cluster, size):
    """Everyone has exchanged everything after log2 rounds. All ranks of a node go out at the same time."""
    whole, extra = rounds(cluster.ranks)
    outer = outer_rounds(cluster)
    inner = whole - outer + extra
    time = inner * cluster.inside.exchange(size) + outer * cluster.between.exchange(size, cluster.on_a_node)
    return max(time, memory_bound(cluster, size, whole * size))


def halving_doubling(cluster, size):
    """Rabenseifner's: pairs exchange halves, quarters, … and add them, then collect the sums the same way back."""
    whole, extra = rounds(cluster.ranks)
    inner = whole - outer_rounds(cluster)
    time = extra * cluster.inside.exchange(size)
    for number in range(whole):
        part = size / 2 ** (number + 1)
        link, sharers = (cluster.inside, 1) if number < inner else (cluster.between, cluster.on_a_node)
        time += link.exchange(part, sharers) + link.exchange(part, sharers, adding=False)
    return max(time, memory_bound(cluster, size, 2 * size))


def ring(cluster, size):
    """2 (P − 1) steps, each with 1/P of the bytes to the next rank, one of which per node is on another node."""
    steps, part = cluster.ranks - 1, size / cluster.ranks
    links = [cluster.inside] + ([cluster.between] if cluster.nodes > 1 else [])
    time = steps * sum(max(link.exchange(part, adding=adding) for link in links) for adding in (True, False))
    return max(time, memory_bound(cluster, size, 2 * size))


ALGORITHMS = {"recursive doubling": recursive_doubling, "halving": halving_doubling, "ring": ring}


def flat(cluster, size):
    """The fastest algorithm that knows nothing of nodes: what MPI_Allreduce does at best where nothing is set."""
    return 0.0 if cluster.ranks == 1 else min(algorithm(cluster, size) for algorithm in ALGORITHMS.values())


def by_node(cluster, size):
    """Sum inside every node, among one rank of each node, and tell inside the node."""
    if cluster.nodes == 1:
        return flat(cluster, size)
    leaders = replace(cluster, ranks=cluster.nodes, ranks_per_node=1)
    node = replace(cluster, ranks=cluster.on_a_node)
    tree = ceil(log2(node.ranks)) * sum(node.inside.exchange(size, adding=adding) for adding in (True, False))
    tree = max(tree, memory_bound(node, size, 2 * size))
    return min(tree, halving_doubling(node, size)) + flat(leaders, size)


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
    # µs to wake another thread, and to add its sums.
    wake: float = 0.0
    # µs of a step of one event on one rank, which takes a shorter way; None where it is not known.
    lone_event: float | None = None
    noise: Noise = field(default_factory=Noise)

    @property
    def bytes(self):
        return 8 * sums(self.sizes)

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

    def step(self, batch, cluster, threads=1, block=None, allreduce=flat):
        """µs of a step. The engine wakes its threads only where that pays."""
        if cluster.ranks == 1 and batch == 1 and self.lone_event is not None:
            return self.lone_event
        work = self.reset + self.work(batch, cluster.ranks, 1, block)
        if threads > 1:
            # One after the other wakes the next; each has as many sums to add.
            wake = self.wake * ceil(log2(threads)) + (threads - 1) * self.bytes * GAMMA
            work = min(work, self.reset + self.work(batch, cluster.ranks, threads, block) + wake)
        return work + self.update + allreduce(cluster, self.bytes) + self.noise.wait(cluster.ranks * threads, work)
