"""mpi4py and numpy by hand: each rank takes its part of the batch, one allreduce of the flat gradient per step.

The loss is not reduced: each rank has that of its part.
"""

from mpi4py import MPI
from numpy_by_hand import Trainer as OneRank
from worker import Passes


class Trainer(OneRank):
    def __init__(self, x, y, batch, cores):
        self.world = MPI.COMM_WORLD
        share = batch // self.world.size
        super().__init__(x, y, share, cores)
        self.share, self.global_batch = share, batch
        self.passes = Passes(len(x), batch, 16)
        self.steps = self.passes.steps

    def call(self):
        for start in next(self.passes):
            start += self.world.rank * self.share
            end = start + self.share
            self.last = self.differentiate(self.x[start:end], self.one_hot[start:end], self.global_batch)
            self.world.Allreduce(MPI.IN_PLACE, self.gradient)
            self.update()

    def agree(self, value):
        return self.world.bcast(value)
