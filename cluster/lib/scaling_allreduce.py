"""How long an allreduce takes: latency and bandwidth of what lies between ranks, MPI's algorithms, and what the program
makes of them. Times in µs, sizes in bytes. The formulas are in SCALING.md."""

from dataclasses import dataclass, replace
from math import ceil, floor, inf, log2

from scaling_host import LONG, HostSum

# Additions of the allreduce, µs a byte of the message: a core sums doubles from its cache at 50 GB/s (assumed).
GAMMA = 1 / 50_000


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
    # Between two ranks of a node, where MPI adds.
    inside: Link
    between: Link
    # How a node's ranks add in shared memory; None where they have no room for that.
    host: HostSum | None = None
    # Bytes a µs that the memory of a node gives all its ranks together.
    memory: float = 330_000

    @property
    def nodes(self):
        return -(-self.ranks // self.ranks_per_node)

    @property
    def on_a_node(self):
        return min(self.ranks, self.ranks_per_node)


def memory_bound(cluster, size, received):
    """What the node's memory needs if every rank receives this many bytes: two are read and one is written for each. Messages
    up to 1 MB stay in the caches."""
    return 3 * received * cluster.on_a_node / cluster.memory if size > LONG else 0.0


def rounds(members):
    """Rounds in which pairs meet, and those before and after for members beyond a power of two."""
    whole = floor(log2(members)) if members > 1 else 0
    return whole, 0 if 1 << whole == members else 2


def extra_exchanges(cluster, size):
    """The rounds before and after, between neighbours."""
    link = cluster.inside if cluster.ranks_per_node > 1 else cluster.between
    return rounds(cluster.ranks)[1] * link.exchange(size)


def outer_rounds(cluster):
    """How many of all rounds cross nodes: with neighbours together these are the last ones."""
    return min(rounds(cluster.ranks)[0], ceil(log2(cluster.nodes)))


def recursive_doubling(cluster, size):
    """Everyone has exchanged everything after log2 rounds. All ranks of a node go out at the same time."""
    whole, outer = rounds(cluster.ranks)[0], outer_rounds(cluster)
    time = extra_exchanges(cluster, size) + (whole - outer) * cluster.inside.exchange(size)
    time += outer * cluster.between.exchange(size, cluster.on_a_node)
    return max(time, memory_bound(cluster, size, whole * size))


def halving_doubling(cluster, size):
    """Rabenseifner's: pairs exchange halves, quarters, … and add them, then collect the sums the same way back."""
    whole = rounds(cluster.ranks)[0]
    inner = whole - outer_rounds(cluster)
    time = extra_exchanges(cluster, size)
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


def tree(cluster, size):
    """Sums go up a binomial tree to one rank and down again: 2 log2 rounds, in which one rank of a node goes out."""
    depth = ceil(log2(cluster.ranks)) if cluster.ranks > 1 else 0
    outer = min(depth, ceil(log2(cluster.nodes)))
    time = sum((depth - outer) * cluster.inside.exchange(size, adding=adding)
               + outer * cluster.between.exchange(size, adding=adding) for adding in (True, False))
    return max(time, memory_bound(cluster, size, 2 * size))


ALGORITHMS = {"doubling": recursive_doubling, "halving": halving_doubling, "ring": ring, "tree": tree}
# What Open MPI 4.1 takes below this many ranks for messages of 16 to 32 kB, such as the sums of the seed network.
MEDIUM = ((4, "ring"), (64, "halving"), (128, "doubling"), (256, "tree"), (4096, "halving"), (inf, "doubling"))


def choice(ranks, size):
    """The algorithm that Open MPI 4.1 chooses by default: for two ranks, for messages of 16 to 32 kB and for those
    of 256 kB or more."""
    if size >= 1 << 18:
        return "halving"
    if ranks == 2:
        return "doubling" if 8 <= size < 1 << 12 or 1 << 13 <= size < 1 << 14 else "ring"
    if not 1 << 14 <= size < 1 << 15:
        raise ValueError(f"unknown for {size} bytes on {ranks} ranks")
    return next(name for below, name in MEDIUM if ranks < below)


def by_default(cluster, size):
    """MPI_Allreduce over all ranks, as Open MPI 4.1 does it by itself."""
    return 0.0 if cluster.ranks == 1 else ALGORITHMS[choice(cluster.ranks, size)](cluster, size)


def best(cluster, size):
    """The same with the fastest of the algorithms, none of which knows what a node is."""
    return 0.0 if cluster.ranks == 1 else min(algorithm(cluster, size) for algorithm in ALGORITHMS.values())


def by_host(cluster, size, among=by_default):
    """What the program does (RankSum): add in the node, MPI_Allreduce `among` one rank of each node, copy in the node. MPI
    does all where no two ranks share a node, or where they have no room."""
    if cluster.host is None or cluster.on_a_node == 1:
        return among(cluster, size)
    inside = cluster.host.time(cluster.on_a_node, size, is_alone=cluster.nodes == 1)
    leaders = replace(cluster, ranks=cluster.nodes, ranks_per_node=1)
    return max(inside, memory_bound(cluster, size, size)) + among(leaders, size)
