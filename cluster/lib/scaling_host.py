"""How long the ranks of a host take to add in memory that they share: RankSum and HostExchange of the program. Times in µs,
sizes in bytes."""

from dataclasses import dataclass
from math import ceil

# Exchanged at a time: RankSum.pieceBytes.
PIECE = 1 << 17
# µs for every further rank's flag after the first one: assumed, as the loads overlap, but all ranks want the same lines.
FURTHER = 0.04
# Sums beyond do not stay in a core's cache.
LONG = 1 << 20


def meetings(size, is_alone):
    """How often all ranks of a host wait for each other: twice a piece, and where there are other hosts once more for what
    their leaders have added."""
    return 2 * ceil(size / PIECE) + (0 if is_alone else 1)


def moved(ranks, size, is_alone):
    """Bytes that one rank copies or adds: to its slot all but its slice, the others' slices to its own, that to the sums,
    and the sums back; its own ones too where leaders have changed them."""
    slice_of_one = size / ranks
    others = size - slice_of_one
    return others + others + slice_of_one + (others if is_alone else size)


@dataclass(frozen=True)
class HostSum:
    """What the ranks of a host need."""

    # µs to see what another core has written.
    flag: float
    # Bytes a µs that a rank moves in its caches, and beyond them.
    rate: float
    long_rate: float

    def meeting(self, ranks):
        """Each rank looks at every other one's flag."""
        return self.flag + (ranks - 2) * FURTHER

    def time(self, ranks, size, is_alone):
        rate = self.long_rate if size > LONG else self.rate
        return meetings(size, is_alone) * self.meeting(ranks) + moved(ranks, size, is_alone) / rate
