"""What the threads of a rank cost: the rules of GradientEngine and ThreadTeam. Times in µs."""

from dataclasses import dataclass
from math import ceil

# Multiply-adds that are worth another thread, additions that one thread does alone, and those that are a piece for one of
# several: GradientEngine.
WORK_OF_A_THREAD, SERIAL_SUMS, PIECE_OF_SUMS = 200_000, 8192, 512
# A thread without work sleeps after so long (Waiter); to wake it takes (measured when the rule was made).
AWAKE, WAKE = 150.0, 2.0


def active(threads, blocks, block, gradient):
    """How many threads of a rank take part in a step of this many blocks: forward, and the gradients by weights and by
    inputs, are three multiply-adds a parameter and event."""
    worth = int(blocks * block * gradient * 3 / WORK_OF_A_THREAD)
    return max(1, min(threads, blocks, worth))


@dataclass(frozen=True)
class Team:
    """What a rank's threads need to come together."""

    # µs to get the cache line that another core has written: every thread that takes a block writes the line of the counter.
    flag: float = 0.0
    # µs to fetch a byte of another thread's sums and to add it.
    byte: float = 0.0

    def region(self, threads, blocks, work):
        """`work` µs of the busiest thread; the last thread gets its first block after all others."""
        return max((threads - 1) * self.flag + work, blocks * self.flag) if threads > 1 else work

    def adding(self, threads, gradient, number=8):
        """The other threads' sums of `gradient` numbers become the first one's: by one thread, or in pieces by all."""
        time = (threads - 1) * gradient * number * self.byte
        if (threads - 1) * gradient <= SERIAL_SUMS:
            return time
        pieces = ceil(gradient / PIECE_OF_SUMS)
        adders = min(threads, pieces)
        return self.region(adders, pieces, time * ceil(pieces / adders) / pieces)

    @staticmethod
    def waking(threads, idle):
        """The caller wakes one after the other, if they had nothing to do for so long."""
        return (threads - 1) * WAKE if idle > AWAKE else 0.0
